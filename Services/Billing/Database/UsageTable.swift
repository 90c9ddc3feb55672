import BillingAPI
import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// Usage. All functions run in the caller's transaction.
enum UsageTable {
    /// Meters one run. A run that is metered already is left as it is: it counts once, however often it is told.
    static func meter(_ event: RunFinished, at now: Instant, _ db: Database) throws {
        let plan = try PlanTable.current(of: event.merchantID, at: now, db)
        try db.execute(
            sql: """
                INSERT INTO usageEvent (kind, runID, merchantID, connectionID, outcome, happenedAt, month, quantity,
                    amountMinorUnits, currency)
                VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0, ?) ON CONFLICT (kind, runID) DO NOTHING
                """,
            arguments: [
                UsageKind.importRun.rawValue, event.runID, event.merchantID, event.connectionID,
                event.report.outcome.rawValue, event.finishedAt, BillingMonth(of: event.finishedAt).description,
                plan.fee.currency,
            ])
    }

    static func totals(of merchant: MerchantID, in month: BillingMonth, _ db: Database) throws -> [UsageTotal] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT kind, currency, sum(quantity) AS quantity, sum(amountMinorUnits) AS amount FROM usageEvent
                WHERE merchantID = ? AND month = ? GROUP BY kind, currency ORDER BY kind, currency
                """, arguments: [merchant, month.description]
        ).map { row in
            UsageTotal(
                kind: try kind(row), quantity: row["quantity"],
                amount: Money(minorUnits: row["amount"], currency: row["currency"]))
        }
    }

    static func list(_ request: ListUsageEvents, limit: Int, _ db: Database) throws -> [UsageEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM usageEvent WHERE merchantID = ?1 AND (?2 IS NULL OR month = ?2)
                    AND (?3 IS NULL OR sequence < ?3) ORDER BY sequence DESC LIMIT ?4
                """, arguments: [request.merchantID, request.month?.description, request.before, limit]
        ).map { row in
            guard let outcome = RunOutcome(rawValue: row["outcome"]) else { throw storedWordUnknown(row["outcome"]) }
            return UsageEvent(
                sequence: row["sequence"], kind: try kind(row), runID: row["runID"], connectionID: row["connectionID"],
                outcome: outcome, happenedAt: row["happenedAt"], quantity: row["quantity"],
                amount: Money(minorUnits: row["amountMinorUnits"], currency: row["currency"]))
        }
    }

    private static func kind(_ row: Row) throws -> UsageKind {
        guard let kind = UsageKind(rawValue: row["kind"]) else { throw storedWordUnknown(row["kind"]) }
        return kind
    }
}
