import CoreTypes
import GRDB
import JSON
import Keys
import MonitorAPI
import Persistence
import SchedulerAPI

extension MonitorDatabase {
    /// Bytes of receipts in one answer, well below what one frame takes.
    static let receiptBytesMax = 400_000

    /// Makes the receipt of a run that has ended: one that was judged, or one that is no import and may have changed the
    /// shop. A run gets one, however often its end is told.
    ///
    /// It is chained in the transaction in which the end is remembered: no receipt without its predecessor, and no end
    /// without its receipt.
    /// - Returns: Whether one was made.
    static func makeReceipt(
        of event: RunFinished, signedWith key: SigningKey, at now: Instant, _ db: Database
    ) throws -> Bool {
        guard try !hasReceipt(event.runID, db) else { return false }
        let judged = try lastVerdict(of: event.runID, db)
        guard judged != nil || event.changesShopUnjudged else { return false }
        let last = try Row.fetchOne(
            db, sql: "SELECT number, digest FROM receipt WHERE connectionID = ? ORDER BY number DESC LIMIT 1",
            arguments: [event.connectionID])
        let number: Int64 = (last?["number"] ?? 0) + 1
        let version = ProductVersion.text
        let receipt =
            if let judged {
                Receipt(
                    number: number, previous: last?["digest"], of: event,
                    evidence: try JSON.decode(ImportEvidence.self, from: judged.evidence),
                    evidenceDigest: Digest.sha256(Array(judged.evidence.utf8)), verdict: judged.body,
                    monitorVersion: version, at: now)
            } else {
                Receipt(number: number, previous: last?["digest"], of: event, monitorVersion: version, at: now)
            }
        let line = try SignedReceipt.line(of: receipt, signedWith: key)
        try db.execute(
            sql: """
                INSERT INTO receipt (connectionID, number, runID, merchantID, outcome, madeAt, line, digest)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                event.connectionID, receipt.number, event.runID, event.merchantID, event.report.outcome.rawValue, now,
                line, SignedReceipt.digest(of: line),
            ])
        return true
    }

    private static func hasReceipt(_ run: RunID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM receipt WHERE runID = ?)", arguments: [run]) ?? false
    }

    func receipt(of run: RunID) async throws -> StoredReceipt? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM receipt WHERE runID = ?", arguments: [run]).map(Self.receipt)
        }
    }

    /// Receipts in the order of the chain, without a gap, up to `limit` of them or what fits into an answer.
    func receipts(
        of connection: ConnectionID, from: Instant?, to: Instant?, after: Int64?, limit: Int
    ) async throws -> [StoredReceipt] {
        try await database.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT * FROM receipt WHERE connectionID = ?1 AND number > ?2
                        AND number >= coalesce((SELECT min(number) FROM receipt
                            WHERE connectionID = ?1 AND madeAt >= ?3), CASE WHEN ?3 IS NULL THEN 1 ELSE ?6 END)
                        AND number <= coalesce((SELECT max(number) FROM receipt
                            WHERE connectionID = ?1 AND madeAt < ?4), CASE WHEN ?4 IS NULL THEN ?6 ELSE 0 END)
                    ORDER BY number LIMIT ?5
                    """, arguments: [connection, after ?? 0, from, to, limit, Int64.max])
            var receipts: [StoredReceipt] = []
            var bytes = 0
            while let row = try rows.next() {
                let receipt = try Self.receipt(row)
                bytes += receipt.document.utf8.count
                if !receipts.isEmpty, bytes > Self.receiptBytesMax { break }
                receipts.append(receipt)
            }
            return receipts
        }
    }

    private static func receipt(_ row: Row) throws -> StoredReceipt {
        guard let outcome = RunOutcome(rawValue: row["outcome"]) else {
            throw ServiceError(.dataLoss, reason: "stored_word_unknown", arguments: ["word": row["outcome"]])
        }
        return StoredReceipt(
            number: row["number"], runID: row["runID"], connectionID: row["connectionID"], outcome: outcome,
            madeAt: row["madeAt"], document: row["line"])
    }
}

extension RunFinished {
    /// A rollback, or the end of rows left half done: nobody judges it, and it does something to the shop. One that found
    /// nothing to do is no such run.
    fileprivate var changesShopUnjudged: Bool {
        (task?.kind == .rollback || task?.kind == .finish) && report.outcome != .unchanged
    }
}
