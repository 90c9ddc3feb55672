import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `runProgress`: how a run was at one moment. Numbers of a run go up by one.
struct RunProgressRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "runProgress"
    /// Of a run that goes on, so many; a watcher further behind goes on with the oldest of them.
    static let keptMost: Int64 = 1000
    /// After the end of a run.
    static let keptFor = Duration.seconds(3600)
    /// Read at a time.
    static let batchMost = 100

    var runID: RunID
    var number: Int64
    var state: RunState
    var outcome: RunOutcome?
    var progress: RunProgress
    var leaseOwner: String?

    init(_ run: RunRecord, number: Int64) {
        runID = run.id
        self.number = number
        state = run.state
        outcome = run.outcome
        progress = run.progress ?? RunProgress(phase: .queued)
        if !run.state.isActive { progress.phase = .finished }
        leaseOwner = run.leaseOwner
    }

    func snapshot(at now: Instant) -> RunSnapshot {
        RunSnapshot(
            runID: runID, number: number, state: state, outcome: outcome, progress: progress, leaseOwner: leaseOwner,
            at: now)
    }

    /// Keeps how the run is now, if a watcher would see a difference. In the transaction that changed the run.
    static func note(_ run: RunRecord, _ db: Database) throws {
        let latest = try latest(of: run.id, db)
        var entry = RunProgressRecord(run, number: latest?.number ?? 0)
        if entry == latest { return }
        entry.number += 1
        try entry.insert(db)
        guard entry.number % 100 == 0 else { return }
        try db.execute(
            sql: "DELETE FROM runProgress WHERE runID = ? AND number <= ?",
            arguments: [run.id, entry.number - keptMost])
    }

    private static func latest(of run: RunID, _ db: Database) throws -> RunProgressRecord? {
        try fetchOne(
            db, sql: "SELECT * FROM runProgress WHERE runID = ? ORDER BY number DESC LIMIT 1", arguments: [run])
    }

    /// What a watcher who has seen everything up to a number is to be sent next, in order, at most ``batchMost``.
    ///
    /// - Parameter seen: nil for who has seen nothing and only wants to know how the run is now. A number that was never
    ///   given, as of a time before a back-up was restored, counts as nil.
    static func next(of run: RunRecord, after seen: Int64?, _ db: Database) throws -> [RunProgressRecord] {
        guard let latest = try latest(of: run.id, db) else {
            // Forgotten since, or from a time when nothing was kept.
            let known = RunProgressRecord(run, number: run.progressNumber ?? (run.state.isActive ? 0 : 1))
            return seen == known.number ? [] : [known]
        }
        guard let seen, seen <= latest.number else { return [latest] }
        return try fetchAll(
            db, sql: "SELECT * FROM runProgress WHERE runID = ? AND number > ? ORDER BY number LIMIT ?",
            arguments: [run.id, seen, batchMost])
    }

    /// Runs that ended long ago, of which only the last number is still needed.
    static func forgettable(at now: Instant, _ db: Database) throws -> [RunID] {
        try RunID.fetchAll(
            db,
            sql: """
                SELECT id FROM run WHERE id IN (SELECT DISTINCT runID FROM runProgress) AND finishedAt < ? LIMIT 1000
                """, arguments: [now - keptFor])
    }

    static func forget(_ runs: [RunID], _ db: Database) throws {
        for run in runs {
            try db.execute(
                sql: """
                    UPDATE run SET progressNumber = (SELECT max(number) FROM runProgress WHERE runID = run.id)
                    WHERE id = ?
                    """, arguments: [run])
            try db.execute(sql: "DELETE FROM runProgress WHERE runID = ?", arguments: [run])
        }
    }
}

extension Dispatch {
    /// Only the last number of a run that ended long ago is still needed.
    func forgetProgress(at now: Instant) async throws {
        let runs = try await database.read { db in try RunProgressRecord.forgettable(at: now, db) }
        guard !runs.isEmpty else { return }
        try await write(.sweep) { db in try RunProgressRecord.forget(runs, db) }
    }
}
