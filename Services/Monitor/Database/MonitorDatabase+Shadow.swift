import CoreTypes
import GRDB
import MonitorAPI
import Persistence
import SchedulerAPI

/// When a connection's shadow mode began, when it ends, and whether people know.
extension MonitorDatabase {
    /// The time that is under way or was the last; nil where none is set. Extended before its end it is one time, set again
    /// after its end another.
    static func shadowPeriod(of connection: ConnectionID, _ db: Database) throws -> ShadowPeriod? {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT isOn, changedAt, version, rules, mustHaveVersion FROM policyChange
                WHERE connectionID = ? ORDER BY sequence DESC LIMIT 200
                """, arguments: [connection])
        var period: ShadowPeriod?
        for row in rows {
            guard let until = try PolicyState(row).rules.shadowUntil else { break }
            if let later = period, until != later.until, until <= later.since { break }
            period = ShadowPeriod(since: row["changedAt"], until: period?.until ?? until, stops: 0)
        }
        guard var period, period.since < period.until else { return nil }
        period.stops =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(DISTINCT runID) FROM verdict
                    WHERE connectionID = ? AND shadowVerdict IS NOT NULL AND judgedAt >= ? AND judgedAt < ?
                    """, arguments: [connection, period.since, period.until]) ?? 0
        return period
    }

    /// The time that is over and of which nobody has been told; nil when there is none.
    ///
    /// It goes with each verdict until a run that was judged after it has told its end: the one that is lost tells nothing.
    static func endedShadow(of connection: ConnectionID, at now: Instant, _ db: Database) throws -> ShadowPeriod? {
        let state = try PolicyState.current(of: connection, db)
        guard state.isOn, let until = state.rules.shadowUntil, until <= now else { return nil }
        let lastTold = try Instant.fetchOne(
            db,
            sql: """
                SELECT verdict.judgedAt FROM run JOIN verdict ON verdict.runID = run.runID
                WHERE run.connectionID = ? AND run.outcome <> 'lost' ORDER BY run.rowid DESC, verdict.sequence DESC LIMIT 1
                """, arguments: [connection])
        if let lastTold, lastTold >= until { return nil }
        return try shadowPeriod(of: connection, db)
    }
}
