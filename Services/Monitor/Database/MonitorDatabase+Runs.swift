import CoreTypes
import GRDB
import MonitorAPI
import Persistence
import RPC
import SchedulerAPI

extension MonitorDatabase {
    /// Remembers how a run ended; a run is remembered once.
    static func remember(_ event: RunFinished, _ db: Database) throws {
        let report = event.report
        try db.execute(
            sql: """
                INSERT INTO run (runID, merchantID, connectionID, outcome, verdict, failure, reason, startedAt,
                    finishedAt, read, expected)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (runID) DO NOTHING
                """,
            arguments: [
                event.runID, event.merchantID, event.connectionID, report.outcome.rawValue,
                report.verdict?.rawValue, report.failure?.rawValue, report.reason, event.startedAt,
                event.finishedAt, report.read, report.countAfter ?? report.countBefore,
            ])
    }

    static func isOver(_ run: RunID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE runID = ?)", arguments: [run]) ?? false
    }

    func health(of connection: ConnectionID, limit: Int) async throws -> DescribeHealth.Response {
        try await database.read { db in
            // In the order of arrival: a clock that was set back must not hide what came after it.
            let lastSuccess = try Row.fetchOne(
                db,
                sql: """
                    SELECT rowid AS place, finishedAt FROM run
                    WHERE connectionID = ? AND outcome IN ('published', 'unchanged') ORDER BY rowid DESC LIMIT 1
                    """, arguments: [connection])
            let failing = try Row.fetchOne(
                db,
                sql: """
                    SELECT min(finishedAt) AS since, count(*) AS runs FROM run
                    WHERE connectionID = ? AND outcome IN ('held', 'refused', 'failed', 'lost') AND rowid > ?
                    """, arguments: [connection, lastSuccess?["place"] ?? 0])
            let runs = try Row.fetchAll(
                db, sql: "SELECT * FROM run WHERE connectionID = ? ORDER BY rowid DESC LIMIT ?",
                arguments: [connection, limit])
            return DescribeHealth.Response(
                lastSuccessAt: lastSuccess?["finishedAt"], failingSince: failing?["since"],
                consecutiveFailures: failing?["runs"] ?? 0,
                runs: try runs.map(Self.rememberedRun))
        }
    }

    private static func rememberedRun(_ row: Row) throws -> RememberedRun {
        guard let outcome = RunOutcome(rawValue: row["outcome"]) else {
            throw ServiceError(.dataLoss, reason: "stored_word_unknown", arguments: ["word": row["outcome"]])
        }
        return RememberedRun(
            runID: row["runID"], outcome: outcome, verdict: (row["verdict"] as String?).flatMap(Verdict.init),
            failure: (row["failure"] as String?).flatMap(FailureClass.init), reason: row["reason"],
            startedAt: row["startedAt"], finishedAt: row["finishedAt"], read: row["read"], expected: row["expected"])
    }
}
