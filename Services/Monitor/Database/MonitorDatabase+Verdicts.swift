import CoreTypes
import GRDB
import JSON
import Messaging
import MonitorAPI
import Persistence
import SchedulerAPI

extension MonitorDatabase {
    /// Judges one read and keeps the verdict, in the transaction that checks the claim's fencing token.
    ///
    /// The same evidence again returns the stored verdict, signature and all, so that a repeated call cannot make a
    /// verdict last longer.
    /// - Throws: `aborted` (`run_superseded`) when a newer claim of the connection has been seen, or the run has ended;
    ///   `failedPrecondition` (`evidence_differs`) for other figures of a read already judged.
    func judge(
        _ request: JudgeImport, signer: VerdictSigner, at now: Instant, _ crashPoints: CrashPoints
    ) async throws -> SignedVerdict {
        let evidence = request.evidence
        let text = try JSON.encodeText(evidence)
        return try await write(.judge, crashPoints) { db in
            try Fence.check("connection/\(evidence.connectionID)", token: evidence.fencingToken, db)
            if let stored = try Self.storedVerdict(of: evidence, db) {
                guard stored.evidence == text, stored.releases == request.releases else {
                    throw ServiceError(
                        .failedPrecondition, reason: "evidence_differs", references: ["run": "\(evidence.runID)"])
                }
                return stored.signed
            }
            // Its receipt, if it has one, is made: what an importer that lost the run still asks comes too late.
            guard try !Self.isOver(evidence.runID, db) else {
                throw ServiceError(.aborted, reason: "run_superseded", references: ["run": "\(evidence.runID)"])
            }
            let policy = try Self.judgingPolicy(of: evidence.connectionID, at: now, db)
            let judgement = Judgement(of: evidence, under: policy)
            let approval = try request.releases.flatMap {
                try Self.approval(of: $0, covering: judgement.holds, of: evidence, at: now, db)
            }
            let (body, signed) = try signer.sign(
                judgement, of: evidence, policyVersion: policy.version, approval: approval,
                shadowEnded: Self.endedShadow(of: evidence.connectionID, at: now, db), at: now)
            try Self.insert(body, signed, request, text, db)
            return signed
        }
    }

    /// The newest first.
    func verdicts(of connection: ConnectionID?, limit: Int, before sequence: Int64?) async throws -> [VerdictSummary] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT sequence, runID, connectionID, attempt, verdict, reason, judgedAt, countBefore, countAfter,
                        rowsRead, distinctKeys, missingCount, holds
                    FROM verdict
                    WHERE (?1 IS NULL OR connectionID = ?1) AND (?2 IS NULL OR sequence < ?2)
                    ORDER BY sequence DESC LIMIT ?3
                    """, arguments: [connection, sequence, limit]
            ).map(Self.summary)
        }
    }

    /// - Parameter attempt: nil for the last read of the run.
    /// - Returns: nil when no such read was judged.
    func evidence(of run: RunID, attempt: Int?) async throws -> DescribeEvidence.Response? {
        try await database.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT attempt, evidence, body, signature, keyID FROM verdict WHERE runID = ? ORDER BY sequence DESC
                    """, arguments: [run])
            guard let row = rows.first(where: { attempt == nil || $0["attempt"] == attempt }) else { return nil }
            let signed = SignedVerdict(body: row["body"], signature: row["signature"], keyID: row["keyID"])
            return DescribeEvidence.Response(
                evidence: try JSON.decode(ImportEvidence.self, from: row["evidence"] as String),
                verdict: try JSON.decode(VerdictBody.self, from: signed.body), signed: signed, attempts: rows.count,
                approval: try Self.lastApproval(of: run, db)?.approval)
        }
    }

    private struct StoredVerdict {
        var signed: SignedVerdict
        var evidence: String
        var releases: RunID?
    }

    private static func storedVerdict(of evidence: ImportEvidence, _ db: Database) throws -> StoredVerdict? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT evidence, releases, body, signature, keyID FROM verdict
                WHERE runID = ? AND fencingToken = ? AND attempt = ?
                """, arguments: [evidence.runID, evidence.fencingToken, evidence.attempt]
        ).map { row in
            StoredVerdict(
                signed: SignedVerdict(body: row["body"], signature: row["signature"], keyID: row["keyID"]),
                evidence: row["evidence"], releases: row["releases"])
        }
    }

    private static func insert(
        _ body: VerdictBody, _ signed: SignedVerdict, _ request: JudgeImport, _ text: String, _ db: Database
    ) throws {
        let evidence = request.evidence
        try db.execute(
            sql: """
                INSERT INTO verdict (runID, fencingToken, attempt, merchantID, connectionID, verdict, reason, judgedAt,
                    countBefore, countAfter, rowsRead, distinctKeys, missingCount, evidence, body, signature, keyID,
                    releases, holds, shadowVerdict, shadowReason, shadowHolds)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                evidence.runID, evidence.fencingToken, evidence.attempt, evidence.merchantID, evidence.connectionID,
                body.verdict.rawValue, body.reason, body.judgedAt, evidence.countBefore, evidence.countAfter,
                evidence.rowsRead, evidence.distinctKeys, evidence.missingCount, text, signed.body, signed.signature,
                signed.keyID, request.releases, kinds(of: body.holds), body.shadow?.verdict.rawValue,
                body.shadow?.reason, kinds(of: body.shadow?.holds),
            ])
    }

    private static func kinds(of holds: [Hold]?) throws -> String? {
        guard let holds, !holds.isEmpty else { return nil }
        return try JSON.encodeText(holds.map(\.kind))
    }

    private static func kinds(in text: String?) throws -> [Hold.Kind]? {
        try text.map { try JSON.decode([Hold.Kind].self, from: $0) }
    }

    private static func verdict(_ word: String) throws -> Verdict {
        guard let verdict = Verdict(rawValue: word) else {
            throw ServiceError(.dataLoss, reason: "stored_word_unknown", arguments: ["word": word])
        }
        return verdict
    }

    private static func summary(_ row: Row) throws -> VerdictSummary {
        VerdictSummary(
            sequence: row["sequence"], runID: row["runID"], connectionID: row["connectionID"], attempt: row["attempt"],
            verdict: try verdict(row["verdict"]), reason: row["reason"], judgedAt: row["judgedAt"],
            countBefore: row["countBefore"], countAfter: row["countAfter"], rowsRead: row["rowsRead"],
            distinctKeys: row["distinctKeys"], missingCount: row["missingCount"], holds: try kinds(in: row["holds"]))
    }

    /// What shadow mode let pass, the newest first.
    func shadowStops(of connection: ConnectionID, limit: Int, before sequence: Int64?) async throws -> [ShadowStop] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT sequence, runID, judgedAt, shadowVerdict, shadowReason, shadowHolds, distinctKeys, countBefore
                    FROM verdict
                    WHERE connectionID = ?1 AND shadowVerdict IS NOT NULL AND (?2 IS NULL OR sequence < ?2)
                    ORDER BY sequence DESC LIMIT ?3
                    """, arguments: [connection, sequence, limit]
            ).map { row in
                ShadowStop(
                    sequence: row["sequence"], runID: row["runID"], judgedAt: row["judgedAt"],
                    verdict: try Self.verdict(row["shadowVerdict"]), reason: row["shadowReason"],
                    holds: try Self.kinds(in: row["shadowHolds"]) ?? [], distinctKeys: row["distinctKeys"],
                    expected: row["countBefore"])
            }
        }
    }
}
