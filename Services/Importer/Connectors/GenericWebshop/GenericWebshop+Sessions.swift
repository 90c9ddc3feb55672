import CoreTypes
import Crypto
import JSON
import Outbound
import SchedulerAPI
public import Staging

/// Import sessions: open, fill, check, commit together, abort.
extension GenericWebshop {
    public func abortOlderSessions(_ run: PublishingRun) async throws {
        let sessions = try await openSessions().filter { $0.connection == run.connectionID.rawValue }
        guard sessions.allSatisfy({ $0.fencingToken <= run.fencingToken }) else { throw superseded() }
        for session in sessions where session.fencingToken < run.fencingToken {
            try await abort(session.id, for: run, reason: "taken over by a newer run")
        }
    }

    public func open(_ plan: UploadPlan, for run: PublishingRun) async throws -> UploadSession {
        let body = try JSON.encode(Opening(plan, run))
        // Two rounds: a leftover of an earlier claim is aborted, then the opening is asked again under another key,
        // because the shop would replay its first answer for the same one.
        for round in 1...2 {
            let opening = 2 * (plan.round - 1) + round
            let key = "\(run.runID)/\(run.fencingToken)/\(plan.module.rawValue)/\(plan.mode.rawValue)/\(opening)"
            do {
                let answer = try await call(.post, "/imports", body: body, idempotencyKey: key)
                guard let id = answer["id"]?.text else { throw unexpected("a session without an id") }
                return UploadSession(id: id, module: plan.module, expectedCount: plan.expectedCount)
            } catch let fault as SystemFault where fault.status == 409 && fault.code == "conflict" && round == 1 {
                if try await abortSessions(upTo: run) { throw superseded() }
            }
        }
        throw SystemFault(.shop, "another import of \(plan.module.rawValue) is open", code: "conflict").from(system)
    }

    /// One of the same token is ours, from an answer that was lost.
    @discardableResult
    public func abortSessions(upTo run: PublishingRun) async throws -> Bool {
        let sessions = try await openSessions().filter { $0.connection == run.connectionID.rawValue }
        for session in sessions where session.fencingToken <= run.fencingToken {
            try await abort(session.id, for: run, reason: "left over")
        }
        return sessions.contains { $0.fencingToken > run.fencingToken }
    }

    public func send(_ batch: UploadBatch, to session: UploadSession) async throws {
        var body: [UInt8] = []
        body.reserveCapacity(batch.rows.count + 100)
        body += #"{"rows":"#.utf8
        body += batch.rows
        body += #","checksum":"sha256:\#(hex(SHA256.hash(data: batch.rows)))"}"#.utf8
        let answer = try await call(.put, "/imports/\(percentEncoded(session.id))/chunks/\(batch.number)", body: body)
        if let rejected = answer["rejected"]?.elements, let first = rejected.first {
            let words = first["message"]?.text ?? first["code"]?.text ?? ""
            throw SystemFault(
                .shop, "\(rejected.count) rows of \(session.module.rawValue) were rejected: \(words)",
                code: first["code"]?.text, withholding: [key.reveal()]
            ).from(system)
        }
        guard answer["accepted"]?.whole == batch.rowCount else {
            throw SystemFault(.shop, "not all rows of a chunk of \(session.module.rawValue) were taken").from(system)
        }
    }

    public func check(_ session: UploadSession, batches: Int) async throws {
        let answer = try await call(.get, "/imports/\(percentEncoded(session.id))")
        let distinct = answer["distinct_count"]?.whole
        let rejected = answer["rejected_count"]?.whole ?? 0
        let state = answer["state"]?.text
        guard state == "open", distinct == session.expectedCount, rejected == 0,
            answer["chunks"]?.whole ?? batches == batches
        else {
            throw SystemFault(
                .shop,
                "the upload of \(session.module.rawValue) holds \(distinct ?? 0) of \(session.expectedCount) rows, "
                    + "\(rejected) rejected, state \(state ?? "unknown")"
            ).from(system)
        }
    }

    public func abort(_ sessionID: String, for run: PublishingRun, reason: String) async throws {
        let body = try JSON.encode(Abort(reason: reason, fencing_token: run.fencingToken))
        do {
            _ = try await call(.post, "/imports/\(percentEncoded(sessionID))/abort", body: body)
        } catch let fault as SystemFault where fault.status == 404 || fault.status == 410 {
            return
        }
    }

    public func state(of sessionID: String) async throws -> UploadState {
        do {
            let answer = try await call(.get, "/imports/\(percentEncoded(sessionID))")
            switch answer["state"]?.text {
            case "open": return .open
            case "committing": return .committing
            case "committed": return .committed
            case "aborted", "failed", "expired": return .gone
            // Gone means that nothing was published, which a word nobody knows does not say.
            default: throw unexpected("an import whose state is not known")
            }
        } catch let fault as SystemFault where fault.status == 404 || fault.status == 410 {
            return .gone
        }
    }

    func openSessions() async throws -> [OpenSession] {
        let answer = try await call(.get, "/imports?state=open")
        guard let rows = answer["items"]?.elements ?? answer["imports"]?.elements ?? answer.elements else {
            throw unexpected("a list without items")
        }
        return rows.compactMap { row in
            guard let id = row["id"]?.text else { return nil }
            return OpenSession(
                id: id, connection: row["source"]?["connection"]?.text,
                fencingToken: Int64(row["source"]?["fencing_token"]?.whole ?? 0))
        }
    }

    func superseded() -> SystemFault {
        SystemFault(.superseded, "a newer run of this connection is publishing").from(system)
    }

    struct OpenSession {
        var id: String
        var connection: String?
        var fencingToken: Int64
    }

    /// The names are the contract's.
    private struct Abort: Encodable {
        var reason: String
        var fencing_token: Int64
    }
}

/// The body of `POST /imports`; the names are the contract's.
private struct Opening: Encodable {
    struct Source: Encodable {
        var connection: String
        var run_id: String
        var counted_at: Instant
        var fencing_token: Int64
    }

    var dataset: String
    var mode: String
    var expected_count: Int
    var source: Source

    init(_ plan: UploadPlan, _ run: PublishingRun) {
        dataset = plan.module.rawValue
        mode = plan.mode.rawValue
        expected_count = plan.expectedCount
        source = Source(
            connection: run.connectionID.rawValue, run_id: run.runID.rawValue, counted_at: run.countedAt,
            fencing_token: run.fencingToken)
    }
}

func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
