import CoreTypes
import JSON
import Outbound
public import SchedulerAPI

/// The one call that changes the shop.
extension GenericWebshop {
    public func commit(
        _ sessions: [UploadSession], for run: PublishingRun, unless check: @Sendable () throws -> Void
    ) async throws -> [Module: LiveDataset] {
        let body = try JSON.encode(Commit(sessions, run))
        var attempt = 1
        while true {
            try passing(check, attempt)
            do {
                return try committed(try await callOnce(.post, "/imports/commit", body: body), sessions)
            } catch let fault as SystemFault {
                // A refusal is believed the first time only: later, an earlier request may have been the one that took.
                guard fault.mayHaveArrived || attempt > 1 else { throw fault }
                // The answer is lost: ask what has become of it before saying it again.
                if let live = try await outcome(sessions, after: fault) { return live }
                guard let wait = patience.pause(after: fault, attempt: attempt) else { throw fault }
                try await patience.clock.sleep(for: wait)
                attempt += 1
            }
        }
    }

    /// - Throws: ``CommitInDoubt`` when an earlier request may still be on its way.
    private func passing(_ check: () throws -> Void, _ attempt: Int) throws {
        do { try check() } catch {
            guard attempt == 1 else {
                throw CommitInDoubt(SystemFault(.superseded, "the run had to stop while it asked").from(system))
            }
            throw error
        }
    }

    /// - Returns: What is live when the commit took place; nil when the sessions still stand open.
    /// - Throws: ``SystemFault`` when they are gone: then nothing was published. ``CommitInDoubt`` when the shop does
    ///   not say.
    private func outcome(
        _ sessions: [UploadSession], after fault: SystemFault
    ) async throws -> [Module: LiveDataset]? {
        do {
            switch try await settledState(of: sessions) {
            case .committed: return try await ours(sessions, after: fault)
            case .open: return nil
            case .gone: break
            case .committing: throw CommitInDoubt(fault)
            }
        } catch let unanswered as SystemFault {
            throw CommitInDoubt(unanswered)
        }
        throw SystemFault(.shop, "the uploads were dropped by the shop").from(system)
    }

    /// What the commit made live, as the shop shows it now.
    ///
    /// - Throws: ``CommitInDoubt`` when something else is live by now: the commit took place, yet what is shown must not
    ///   be taken for ours. Who asks for the sessions later sees both.
    private func ours(_ sessions: [UploadSession], after fault: SystemFault) async throws -> [Module: LiveDataset] {
        let live = try await live(sessions.map(\.module))
        guard sessions.allSatisfy({ live[$0.module]?.sessionID == $0.id }) else { throw CommitInDoubt(fault) }
        return live
    }

    private func settledState(of sessions: [UploadSession]) async throws -> UploadState {
        var round = 1
        while true {
            var states: [UploadState] = []
            for session in sessions { states.append(try await state(of: session.id)) }
            let state = UploadState(together: states)
            guard state == .committing, patience.remaining > .zero, round < settlingRounds else { return state }
            try await patience.clock.sleep(for: settlingPause)
            round += 1
        }
    }

    private func committed(_ answer: JSONValue, _ sessions: [UploadSession]) throws -> [Module: LiveDataset] {
        var live: [Module: LiveDataset] = [:]
        for session in sessions {
            guard let result = answer["results"]?.elements?.first(where: { $0["id"]?.text == session.id }),
                result["state"]?.text == "committed", let count = result["count"]?.whole
            else { throw unexpected("a commit that leaves out \(session.module.rawValue)") }
            live[session.module] = LiveDataset(
                version: result["live_version"]?.text, count: count, sessionID: session.id,
                previousVersion: result["previous_version"]?.text)
        }
        return live
    }

    /// The names are the contract's.
    private struct Commit: Encodable {
        var ids: [String]
        var actual_counts: [String: Int]
        var fencing_token: Int64
        var allow_shrink: Bool

        init(_ sessions: [UploadSession], _ run: PublishingRun) {
            ids = sessions.map(\.id)
            actual_counts = Dictionary(uniqueKeysWithValues: sessions.map { ($0.id, $0.expectedCount) })
            fencing_token = run.fencingToken
            allow_shrink = run.isApproved
        }
    }
}

extension SystemFault {
    /// Whether the request may have had its effect although this came back: its answer was lost, or came from in
    /// between, or could not be read.
    var mayHaveArrived: Bool {
        switch failure {
        case .connection, .tls, .timeout, .answer, .maintenance: true
        default: status.map { $0 >= 500 } ?? false
        }
    }
}
