import CoreTypes
import Crypto
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI
import ServiceRuntime

/// Import sessions: opened, filled chunk by chunk, committed or dropped.
extension Webshop {
    func imports(_ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        switch (request.method, parts.count) {
        case ("POST", 0): return try await openImport(request)
        case ("GET", 0): return try await listImports(request.queryItems["state"])
        case ("POST", 1) where parts == ["commit"]: return try await commitSeveral(request)
        case ("GET", 1): return try await showImport(parts[0])
        case ("PUT", 3) where parts[1] == "chunks":
            guard let number = Int(parts[2]), number >= 1 else { throw ShopProblem.invalid("Chunks count from 1.") }
            return try await putChunk(number, of: parts[0], request)
        case ("POST", 2) where parts[1] == "commit": return try await commitOne(parts[0], request)
        case ("POST", 2) where parts[1] == "abort": return try await abort(parts[0], request)
        default: throw ShopProblem.notFound("No such path.")
        }
    }

    // MARK: Opening

    private struct Opening {
        var schema: ShopSchema
        var mode: String
        var expectedCount: Int
        var allowShrink: Bool
        var source: SimJSON
        var connection: String? { source["connection"]?.text }
        var fencingToken: Int64? { source["fencing_token"]?.int.map(Int64.init) }

        init(_ body: SimJSON) throws {
            guard let name = body["dataset"]?.text, let schema = ShopSchema(rawValue: name) else {
                throw ShopProblem.invalid("dataset is unknown.")
            }
            guard let mode = body["mode"]?.text, ["full", "delta"].contains(mode) else {
                throw ShopProblem.invalid("mode is full or delta.")
            }
            guard let expectedCount = body["expected_count"]?.int, expectedCount >= 0 else {
                throw ShopProblem.invalid("expected_count is a whole number from 0.")
            }
            if let size = body["chunk_size"]?.int, !(1...Webshop.chunkRowsMax).contains(size) {
                throw ShopProblem.invalid("chunk_size is 1 to \(Webshop.chunkRowsMax).")
            }
            if let token = body["source"]?["fencing_token"], !token.isNull, token.int == nil {
                throw ShopProblem.invalid("source.fencing_token is a whole number.")
            }
            self.schema = schema
            self.mode = mode
            self.expectedCount = expectedCount
            allowShrink = body["allow_shrink"]?.bool ?? false
            source = body["source"] ?? .object([])
        }
    }

    private func openImport(_ request: SimRequest) async throws -> SimResponse {
        guard let key = request.headers["Idempotency-Key"], (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw ShopProblem.invalid("Idempotency-Key of 1 to 255 printable characters is needed.") }
        let opening = try Opening(try body(request))
        let hash = hexText(SHA256.hash(data: Array("POST \(request.path)\n".utf8) + request.body))
        let id = "imp_" + hexText(environment.randomness.bytes(12))
        return try await database.write { [self] db in
            if let replay = try replay(key, hash: hash, db) { return replay }
            if let refusal = try refusal(of: opening, db) { return refusal.response }
            let answer = try insert(opening, id: id, db)
            try db.execute(
                sql: "INSERT INTO shopIdempotency (system, key, requestHash, answer, createdAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [name, key, hash, Data(answer.bytes), now])
            return .json(201, answer)
        }
    }

    /// Answers are kept for 48 hours.
    private func replay(_ key: String, hash: String, _ db: Database) throws -> SimResponse? {
        try db.execute(
            sql: "DELETE FROM shopIdempotency WHERE createdAt < ?", arguments: [now - .seconds(48 * 3600)])
        let row = try Row.fetchOne(
            db, sql: "SELECT requestHash, answer FROM shopIdempotency WHERE system = ? AND key = ?",
            arguments: [name, key])
        guard let row else { return nil }
        guard row["requestHash"] == hash else {
            return ShopProblem(422, "idempotency_mismatch", "The key was used for another request.").response
        }
        let answer: Data = row["answer"]
        return .json(201, bytes: Array(answer), headers: ["Idempotent-Replayed": "true"])
    }

    /// Raises the fence, also when the session is refused: whoever comes later knows that a newer run is at work.
    private func refusal(of opening: Opening, _ db: Database) throws -> ShopProblem? {
        if let connection = opening.connection, let token = opening.fencingToken {
            let highest = try fence(connection, db)
            if token < highest { return superseded(token, by: highest) }
            try raiseFence(of: connection, to: token, db)
        }
        let open = try ShopImportRecord.fetchOne(
            db,
            sql: """
                SELECT \(ShopImportRecord.columns) FROM \(ShopImportRecord.joined)
                WHERE shopDataset.system = ? AND shopDataset.name = ? AND state = 'open'
                """, arguments: [name, opening.schema.rawValue])
        guard let open else { return nil }
        if try expireIfIdle(open, db) { return nil }
        return ShopProblem(
            409, "conflict", "An import of \(open.dataset) is open.",
            members: [SimMember("import_id", .string(open.id)), SimMember("source", open.sourceJSON)])
    }

    private func insert(_ opening: Opening, id: String, _ db: Database) throws -> SimJSON {
        try db.execute(
            sql: """
                INSERT INTO shopImport (id, datasetRef, mode, state, expectedCount, allowShrink, source, connection,
                    runID, fencingToken, createdAt, lastActivityAt)
                SELECT ?, ref, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ? FROM shopDataset WHERE system = ? AND name = ?
                """,
            arguments: [
                id, opening.mode, opening.expectedCount, opening.allowShrink,
                String(decoding: opening.source.bytes, as: UTF8.self), opening.connection,
                opening.source["run_id"]?.text, opening.fencingToken, now, now, name, opening.schema.rawValue,
            ])
        return [
            "id": .string(id), "dataset": .string(opening.schema.rawValue), "mode": .string(opening.mode),
            "state": "open", "expires_at": .string((now + ShopImportRecord.idleLimit).description),
            "source": opening.source,
        ]
    }

    // MARK: Chunks

    private func putChunk(_ number: Int, of id: String, _ request: SimRequest) async throws -> SimResponse {
        if faults.occur(.failOnChunk, if: { $0.page == number }) != nil {
            throw ShopProblem(500, "server_error", "The chunk could not be stored.")
        }
        let chunk = try ShopChunk(request.body)
        return try await database.write { [self] db in
            let session = try usableSession(id, db)
            guard case .success(let session) = session else { return try session.refused() }
            let known = try Row.fetchOne(
                db, sql: "SELECT checksum, answer FROM shopChunk WHERE importRef = ? AND number = ?",
                arguments: [session.ref, number])
            if let known {
                guard known["checksum"] == chunk.checksum else {
                    return ShopProblem(409, "conflict", "Chunk \(number) was sent before with other rows.").response
                }
                let answer: String = known["answer"]
                return .json(200, bytes: Array(answer.utf8))
            }
            guard let schema = ShopSchema(rawValue: session.dataset) else { throw ShopProblem.notFound("No data set.") }
            return .json(200, try chunk.stage(in: session, number: number, schema, at: now, db))
        }
    }

    // MARK: Looking and dropping

    private func listImports(_ state: String?) async throws -> SimResponse {
        try await database.write { [self] db in
            let sessions = try ShopImportRecord.fetchAll(
                db,
                sql: """
                    SELECT \(ShopImportRecord.columns) FROM \(ShopImportRecord.joined)
                    WHERE shopDataset.system = ? ORDER BY shopImport.ref DESC LIMIT 500
                    """, arguments: [name])
            for session in sessions { _ = try expireIfIdle(session, db) }
            let current = try sessions.compactMap { try ShopImportRecord.find($0.id, system: name, db) }
            let shown = current.filter { state == nil || $0.state == state }.prefix(100)
            return .json(200, ["items": .array(try shown.map { try $0.json(db) })])
        }
    }

    private func showImport(_ id: String) async throws -> SimResponse {
        try await database.write { [self] db in
            guard var session = try ShopImportRecord.find(id, system: name, db) else {
                throw ShopProblem.notFound("No such import.")
            }
            if try expireIfIdle(session, db) { session.state = "expired" }
            return .json(200, try session.json(db))
        }
    }

    private func abort(_ id: String, _ request: SimRequest) async throws -> SimResponse {
        let token = request.body.isEmpty ? nil : try body(request)["fencing_token"]?.int.map(Int64.init)
        return try await database.write { [self] db in
            guard var session = try ShopImportRecord.find(id, system: name, db) else {
                throw ShopProblem.notFound("No such import.")
            }
            if let token, let own = session.fencingToken, token < own { return superseded(token, by: own).response }
            if let token, let connection = session.connection { try raiseFence(of: connection, to: token, db) }
            guard session.state != "committed" else {
                return ShopProblem(409, "conflict", "The import is committed.").response
            }
            if session.state == "open" {
                try session.drop(as: "aborted", db)
                session.state = "aborted"
            }
            return .json(200, ["id": .string(id), "state": .string(session.state)])
        }
    }

    // MARK: Parts

    func body(_ request: SimRequest) throws -> SimJSON {
        do {
            return try SimJSON(parsing: request.body)
        } catch {
            throw ShopProblem.invalid("The body is no JSON: \(error)")
        }
    }

    func fence(_ connection: String, _ db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db, sql: "SELECT token FROM shopFence WHERE system = ? AND connection = ?", arguments: [name, connection])
            ?? .min
    }

    /// Whoever comes with a lower token from now on is refused; aborting the sessions of an older run raises it, too.
    private func raiseFence(of connection: String, to token: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO shopFence (system, connection, token) VALUES (?, ?, ?)
                ON CONFLICT (system, connection) DO UPDATE SET token = max(token, excluded.token)
                """, arguments: [name, connection, token])
    }

    func superseded(_ token: Int64, by highest: Int64) -> ShopProblem {
        ShopProblem(
            409, "superseded", "A run with fencing token \(highest) has taken over from \(token).",
            members: [SimMember("fencing_token", SimJSON(highest))])
    }

    /// - Returns: Whether the session, until now open, has expired.
    func expireIfIdle(_ session: ShopImportRecord, _ db: Database) throws -> Bool {
        guard session.state == "open" else { return false }
        guard session.expiresAt <= now || faults.occur(.expireImports) != nil else { return false }
        try session.drop(as: "expired", db)
        return true
    }

    /// An open session that no newer run has overtaken, or why there is none. What it changes on the way (expiry) is to
    /// be committed, hence no throwing.
    func usableSession(_ id: String, _ db: Database) throws -> Result<ShopImportRecord, ShopProblem> {
        guard let session = try ShopImportRecord.find(id, system: name, db) else {
            return .failure(.notFound("No such import."))
        }
        if try session.state == "expired" || expireIfIdle(session, db) {
            return .failure(ShopProblem(410, "import_expired", "The import has expired."))
        }
        guard session.state == "open" else {
            return .failure(ShopProblem(409, "conflict", "The import is \(session.state)."))
        }
        if let connection = session.connection, let token = session.fencingToken {
            let highest = try fence(connection, db)
            if token < highest { return .failure(superseded(token, by: highest)) }
        }
        return .success(session)
    }
}

extension Result where Failure == ShopProblem {
    func refused() throws -> SimResponse {
        guard case .failure(let problem) = self else { preconditionFailure("nothing was refused") }
        return problem.response
    }
}
