import CoreTypes
import GRDB
import SchedulerAPI

extension RunBook {
    /// Hands out the longest overdue run: lease and fencing token in one transaction with the move.
    ///
    /// A run waits a little for the importer that last published its connection, because that one holds the published
    /// set; then any may take it.
    func claim(for owner: String, claimID: String?, at now: Instant, _ db: Database) throws -> ClaimedRun? {
        if let claimID, let run = try claimed(by: owner, claimID: claimID, db) {
            return run.state.isActive ? try handOut(run, db) : nil
        }
        while var run = try nextClaimable(for: owner, at: now, db) {
            var connection = try ConnectionRecord.find(run.connectionID, db)
            if try skipClosed(of: connection, at: now, db) != nil { continue }
            run.modules = try known(run.modules, of: connection, db)
            if !run.isOverridden, case .open(let modules) = try Gate(of: connection, db).decide(on: run.modules) {
                run.modules = modules
            }
            _ = try run.move(on: .claimed)
            connection.fencingToken += 1
            try connection.update(db)
            run.fencingToken = connection.fencingToken
            run.leaseOwner = owner
            run.leaseEndsAt = now + lease
            run.claimID = claimID
            run.startedAt = now
            run.progress = RunProgress(phase: .queued)
            try run.update(db)
            return try handOut(run, db)
        }
        return nil
    }

    private func claimed(by owner: String, claimID: String, _ db: Database) throws -> RunRecord? {
        try RunRecord.fetchOne(
            db, sql: "SELECT * FROM run WHERE leaseOwner = ? AND claimID = ?", arguments: [owner, claimID])
    }

    private func nextClaimable(for owner: String, at now: Instant, _ db: Database) throws -> RunRecord? {
        try RunRecord.fetchOne(
            db,
            sql: """
                SELECT run.* FROM run JOIN connection ON connection.id = run.connectionID
                WHERE run.state = 'queued'
                    AND (connection.lastImporter IS NULL OR connection.lastImporter = ? OR run.queuedAt <= ?)
                ORDER BY coalesce(run.dueAt, run.queuedAt), run.sequence LIMIT 1
                """, arguments: [owner, now - preferenceWindow])
    }

    private func handOut(_ run: RunRecord, _ db: Database) throws -> ClaimedRun {
        let connection = try ConnectionRecord.find(run.connectionID, db)
        guard let token = run.fencingToken else { throw SchedulerFault.brokenRow(table: "run", id: "\(run.id)") }
        return ClaimedRun(
            runID: run.id, fencingToken: token, leaseMs: lease.wholeMilliseconds, merchantID: run.merchantID,
            connectionID: connection.id, connectionLabel: connection.label,
            source: try SystemRecord.find(connection.sourceID, db).access,
            target: try SystemRecord.find(connection.targetID, db).access,
            settings: try ConnectionSettingsRecord.current(of: connection, db).settings, modules: run.modules,
            trigger: run.trigger, traceparent: run.traceparent)
    }

    /// - Returns: Whether somebody has asked for the run to be cancelled.
    /// - Throws: ``SchedulerFault/runSuperseded(_:)`` for a stale token and for a run that is over.
    func renew(_ renewal: RenewLease, by owner: String, at now: Instant, _ db: Database) throws -> Bool {
        var run = try RunRecord.find(renewal.runID, db)
        guard run.state.isActive, run.leaseOwner == owner, run.fencingToken == renewal.fencingToken else {
            throw SchedulerFault.runSuperseded(run.id)
        }
        _ = try run.move(on: .reported)
        run.leaseEndsAt = now + lease
        run.progress = renewal.progress
        try run.update(db)
        return run.state == .cancelling
    }
}
