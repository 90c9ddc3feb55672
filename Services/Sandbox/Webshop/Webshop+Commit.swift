import CoreTypes
import Crypto
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI
import ServiceRuntime

/// The swap: what was staged becomes what is sold, for one data set or several, in one transaction.
extension Webshop {
    /// What the client says it sent for one session.
    private struct Claim {
        var id: String
        var actualCount: Int
        var chunks: Int?
    }

    func commitOne(_ id: String, _ request: SimRequest) async throws -> SimResponse {
        let body = try body(request)
        guard let count = body["actual_count"]?.int else { throw ShopProblem.invalid("actual_count is needed.") }
        let claim = Claim(id: id, actualCount: count, chunks: body["chunks"]?.int)
        return try await commit([claim], allowShrink: body["allow_shrink"]?.bool ?? false) { $0[0] }
    }

    func commitSeveral(_ request: SimRequest) async throws -> SimResponse {
        let body = try body(request)
        guard let ids = body["ids"]?.elements?.compactMap(\.text), !ids.isEmpty, Set(ids).count == ids.count else {
            throw ShopProblem.invalid("ids are needed, each once.")
        }
        let claims = try ids.map { id in
            guard let count = body["actual_counts"]?[id]?.int else {
                throw ShopProblem.invalid("actual_counts lacks \(id).")
            }
            return Claim(id: id, actualCount: count, chunks: body["chunks"]?[id]?.int)
        }
        return try await commit(claims, allowShrink: body["allow_shrink"]?.bool ?? false) {
            ["results": .array($0)]
        }
    }

    private func commit(
        _ claims: [Claim], allowShrink: Bool, answer: @escaping @Sendable ([SimJSON]) -> SimJSON
    ) async throws -> SimResponse {
        if faults.occur(.failCommit) != nil { throw ShopProblem(500, "server_error", "The commit failed.") }
        environment.crashPoints.passing("sandbox.beforeCommit")
        let response: SimResponse = try await database.write { [self] db in
            if let results = try earlierResults(claims, db) { return .json(200, answer(results)) }
            var sessions: [ShopImportRecord] = []
            for claim in claims {
                let session = try usableSession(claim.id, db)
                guard case .success(let session) = session else { return try session.refused() }
                sessions.append(session)
            }
            for (claim, session) in zip(claims, sessions) {
                guard let problem = try mismatch(claim, session, db) else { continue }
                for session in sessions { try session.drop(as: "failed", db) }
                return problem.response
            }
            for session in sessions where !allowShrink && !session.allowShrink {
                if let problem = try shrinkage(session, db) { return problem.response }
            }
            return .json(200, answer(try sessions.map { try swap($0, db) }))
        }
        environment.crashPoints.passing("sandbox.afterCommit")
        if response.status == 200, faults.occur(.dropAfterCommit) != nil { return .cutAtOnce }
        return response
    }

    /// The stored results when all are committed already: a repeated commit is answered alike.
    private func earlierResults(_ claims: [Claim], _ db: Database) throws -> [SimJSON]? {
        let sessions = try claims.map { try ShopImportRecord.find($0.id, system: name, db) }
        guard sessions.allSatisfy({ $0?.state == "committed" }) else { return nil }
        return try sessions.compactMap(\.?.result).map { try SimJSON(parsing: Array($0.utf8)) }
    }

    private func mismatch(_ claim: Claim, _ session: ShopImportRecord, _ db: Database) throws -> ShopProblem? {
        let distinct = try session.distinctCount(db)
        let chunks = try session.chunkNumbers(db)
        let isRight =
            distinct == session.expectedCount && claim.actualCount == session.expectedCount
            && session.rejectedCount == 0 && chunks == Array(1..<(chunks.count + 1))
            && (claim.chunks ?? chunks.count) == chunks.count
        guard !isRight else { return nil }
        return ShopProblem(
            409, "count_mismatch", "What was staged for \(session.dataset) is not what was expected.",
            members: [
                SimMember("import_id", .string(session.id)), SimMember("dataset", .string(session.dataset)),
                SimMember("expected_count", SimJSON(session.expectedCount)),
                SimMember("actual_count", SimJSON(claim.actualCount)),
                SimMember("staged_count", SimJSON(session.stagedCount)),
                SimMember("distinct_count", SimJSON(distinct)),
                SimMember("rejected_count", SimJSON(session.rejectedCount)),
                SimMember("chunks", SimJSON(chunks.count)),
            ])
    }

    private func shrinkage(_ session: ShopImportRecord, _ db: Database) throws -> ShopProblem? {
        guard session.mode == "full", let schema = ShopSchema(rawValue: session.dataset),
            let dataset = try ShopDatasetRecord.find(schema, system: name, db),
            session.expectedCount * 100 < dataset.count * (100 - shrinkPercentMax)
        else { return nil }
        return ShopProblem(
            409, "shrink_guard", "\(session.dataset) would shrink by more than \(shrinkPercentMax) %.",
            members: [
                SimMember("import_id", .string(session.id)), SimMember("dataset", .string(session.dataset)),
                SimMember("live_count", SimJSON(dataset.count)), SimMember("new_count", SimJSON(session.expectedCount)),
            ])
    }

    // MARK: The swap

    private func swap(_ session: ShopImportRecord, _ db: Database) throws -> SimJSON {
        guard let schema = ShopSchema(rawValue: session.dataset),
            let dataset = try ShopDatasetRecord.find(schema, system: name, db)
        else { throw ShopProblem.notFound("No data set.") }
        let version = dataset.lastVersion + 1
        try keepLastOfRepeatedKeys(session, db)
        let removed = try removeRows(session, version, db)
        let added = try addRows(session, version, db)
        let count = dataset.count - removed + added
        try noteDeletions(session, version, db)
        try db.execute(
            sql: "INSERT INTO shopVersion (datasetRef, version, count, importID, committedAt) VALUES (?, ?, ?, ?, ?)",
            arguments: [dataset.ref, version, count, session.id, now])
        try db.execute(
            sql: "UPDATE shopDataset SET liveVersion = ?, lastVersion = ? WHERE ref = ?",
            arguments: [version, version, dataset.ref])
        try prune(dataset.ref, db)
        let result: SimJSON = [
            "id": .string(session.id), "dataset": .string(session.dataset), "state": "committed",
            "live_version": SimJSON(version), "previous_version": SimJSON(dataset.liveVersion),
            "count": SimJSON(count), "committed_at": .string(now.description),
        ]
        try spoil(session, schema, version, db)
        try session.drop(as: "committed", db)
        try db.execute(
            sql: "UPDATE shopImport SET result = ? WHERE ref = ?",
            arguments: [String(decoding: result.bytes, as: UTF8.self), session.ref])
        return result
    }

    /// A shop that says what it was given and shows something else: the answer to the commit knows nothing of it.
    private func spoil(_ session: ShopImportRecord, _ schema: ShopSchema, _ version: Int64, _ db: Database) throws {
        let isMeant: (Fault) -> Bool = { $0.target == nil || $0.target == session.dataset }
        var change = 0
        if let fault = faults.occur(.dropRowsAfterCommit, if: isMeant) {
            try db.execute(
                sql: """
                    DELETE FROM shopRow WHERE (datasetRef, key, addedVersion) IN (
                        SELECT datasetRef, key, addedVersion FROM shopRow
                        WHERE datasetRef = ? AND removedVersion IS NULL ORDER BY key LIMIT ?)
                    """, arguments: [session.datasetRef, fault.count ?? 1])
            change -= db.changesCount
        }
        if let fault = faults.occur(.inventRowsAfterCommit, if: isMeant) {
            for number in 1...(fault.count ?? 1) {
                let parts = schema.keyMembers.map { $0 == "min_quantity" ? "1" : "GHOST-\(number)" }
                let body = SimJSON.object(zip(schema.keyMembers, parts).map { SimMember($0, .string($1)) }).bytes
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO shopRow (datasetRef, key, addedVersion, changedAt, hash, body)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        session.datasetRef, parts.joined(separator: String(shopKeySeparator)), version, now,
                        Data(SHA256.hash(data: body)), Data(body),
                    ])
                change += db.changesCount
            }
        }
        guard change != 0 else { return }
        try db.execute(
            sql: "UPDATE shopVersion SET count = count + ? WHERE datasetRef = ? AND version = ?",
            arguments: [change, session.datasetRef, version])
    }

    private func keepLastOfRepeatedKeys(_ session: ShopImportRecord, _ db: Database) throws {
        guard session.stagedCount > session.expectedCount else { return }
        try db.execute(
            sql: """
                DELETE FROM shopStagedRow AS early
                WHERE importRef = ? AND EXISTS (
                    SELECT 1 FROM shopStagedRow late WHERE late.importRef = early.importRef AND late.key = early.key
                    AND (late.chunk, late.position) > (early.chunk, early.position))
                """, arguments: [session.ref])
    }

    /// Full: every live row that is not in the import as it is. Delta: those the import deletes or changes.
    private func removeRows(_ session: ShopImportRecord, _ version: Int64, _ db: Database) throws -> Int {
        let condition =
            session.mode == "full"
            ? """
            NOT EXISTS (SELECT 1 FROM shopStagedRow s
                WHERE s.importRef = :import AND s.key = shopRow.key AND s.hash = shopRow.hash)
            """
            : """
            key IN (SELECT key FROM shopStagedRow WHERE importRef = :import)
            AND EXISTS (SELECT 1 FROM shopStagedRow s WHERE s.importRef = :import AND s.key = shopRow.key
                AND (s.isDeletion OR s.hash <> shopRow.hash))
            """
        try db.execute(
            sql: """
                UPDATE shopRow SET removedVersion = :version
                WHERE datasetRef = :dataset AND removedVersion IS NULL AND \(condition)
                """, arguments: ["version": version, "dataset": session.datasetRef, "import": session.ref])
        return db.changesCount
    }

    private func addRows(_ session: ShopImportRecord, _ version: Int64, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                INSERT INTO shopRow (datasetRef, key, addedVersion, changedAt, hash, body)
                SELECT :dataset, s.key, :version, :now, s.hash, s.body FROM shopStagedRow s
                WHERE s.importRef = :import AND NOT s.isDeletion AND NOT EXISTS (
                    SELECT 1 FROM shopRow r
                    WHERE r.datasetRef = :dataset AND r.key = s.key AND r.removedVersion IS NULL)
                """,
            arguments: ["dataset": session.datasetRef, "version": version, "now": now, "import": session.ref])
        return db.changesCount
    }

    /// Deletions are told for 30 days to those who ask for changes only.
    private func noteDeletions(_ session: ShopImportRecord, _ version: Int64, _ db: Database) throws {
        let ref = session.datasetRef
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO shopTombstone (datasetRef, key, deletedAt)
                SELECT datasetRef, key, ? FROM shopRow gone
                WHERE datasetRef = ? AND removedVersion = ? AND NOT EXISTS (
                    SELECT 1 FROM shopRow r
                    WHERE r.datasetRef = gone.datasetRef AND r.key = gone.key AND r.removedVersion IS NULL)
                """, arguments: [now, ref, version])
        try db.execute(
            sql: """
                DELETE FROM shopTombstone WHERE datasetRef = :dataset AND (deletedAt < :oldest OR EXISTS (
                    SELECT 1 FROM shopRow r
                    WHERE r.datasetRef = :dataset AND r.key = shopTombstone.key AND r.removedVersion IS NULL))
                """, arguments: ["dataset": ref, "oldest": now - .seconds(30 * 86_400)])
    }

    /// Keeps the live version and the three before it.
    private func prune(_ dataset: Int64, _ db: Database) throws {
        let oldest = try Int64.fetchOne(
            db,
            sql: """
                SELECT version FROM shopVersion WHERE datasetRef = ? ORDER BY version DESC
                LIMIT 1 OFFSET \(ShopDatasetRecord.previousVersionsMax)
                """, arguments: [dataset])
        guard let oldest else { return }
        try db.execute(
            sql: "DELETE FROM shopVersion WHERE datasetRef = ? AND version < ?", arguments: [dataset, oldest])
        try db.execute(
            sql: "DELETE FROM shopRow WHERE datasetRef = ? AND removedVersion <= ?", arguments: [dataset, oldest])
    }
}
