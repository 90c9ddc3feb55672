import CoreTypes
import GRDB
import SchedulerAPI

extension RunBook {
    /// Hands out the longest overdue run: lease and fencing token in one transaction with the move.
    ///
    /// A run waits a little for the importer that last published its connection, because that one holds the published
    /// set; then any may take it. A merchant has one run in hand at a time, so that none takes the importers from the
    /// others; a connection that failed badly is left alone for a while, unless a person starts it.
    func claim(for owner: String, claimID: String?, at now: Instant, _ db: Database) throws -> ClaimedRun? {
        if let claimID, let run = try claimed(by: owner, claimID: claimID, db) {
            return run.state.isActive ? try handOut(reduced(run, db), db) : nil
        }
        while let id = try nextClaimable(for: owner, at: now, db) {
            do {
                let run = try RunRecord.find(id, db)
                if let claimed = try give(run, to: owner, claimID: claimID, at: now, db) { return claimed }
            } catch let error as DatabaseError {
                throw error  // The disk's fault, not the run's.
            } catch {
                try skipBroken(id, at: now, db)
            }
        }
        return nil
    }

    /// A claim that is sent again gets the modules of the first time, less those taken from the connection since: for
    /// them its settings, which are those of now, say nothing any more.
    private func reduced(_ run: RunRecord, _ db: Database) throws -> RunRecord {
        var run = run
        let left = try known(run.modules, of: ConnectionRecord.find(run.connectionID, db), db)
        guard left != run.modules, !left.isEmpty else { return run }
        run.modules = left
        try run.update(db)
        return run
    }

    /// - Returns: nil when it may not start any more; then it was skipped.
    private func give(
        _ run: RunRecord, to owner: String, claimID: String?, at now: Instant, _ db: Database
    ) throws -> ClaimedRun? {
        var claimed: ClaimedRun?
        try db.inSavepoint {
            var run = run
            var connection = try ConnectionRecord.find(run.connectionID, db)
            if try skipClosed(of: connection, at: now, db) != nil { return .commit }
            run.modules = try known(run.modules, of: connection, db)
            if !run.isOverridden, run.task == nil,
                case .open(let modules) = try Gate(of: connection, db).decide(on: run.modules)
            {
                run.modules = modules
            }
            _ = try run.move(on: .claimed)
            connection.noteClaim(by: owner)
            try connection.update(db)
            run.fencingToken = connection.fencingToken
            run.leaseOwner = owner
            run.leaseEndsAt = now + lease
            run.claimID = claimID
            run.startedAt = now
            run.progress = RunProgress(phase: .queued)
            try run.update(db)
            claimed = try handOut(run, db)
            return .commit
        }
        return claimed
    }

    /// A run whose rows cannot be read would be the next one for ever, and nobody behind it would get a turn.
    private func skipBroken(_ run: RunID, at now: Instant, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE run SET state = 'skipped', reason = 'run_skipped_unreadable', finishedAt = ? WHERE id = ?",
            arguments: [now, run])
    }

    private func claimed(by owner: String, claimID: String, _ db: Database) throws -> RunRecord? {
        try RunRecord.fetchOne(
            db, sql: "SELECT * FROM run WHERE leaseOwner = ? AND claimID = ?", arguments: [owner, claimID])
    }

    private func nextClaimable(for owner: String, at now: Instant, _ db: Database) throws -> RunID? {
        try RunID.fetchOne(
            db,
            sql: """
                SELECT run.id FROM run INDEXED BY runByTurn CROSS JOIN connection ON connection.id = run.connectionID
                    LEFT JOIN failedTries ON failedTries.connectionID = run.connectionID
                WHERE run.state = 'queued'
                    AND run.merchantID NOT IN (SELECT merchantID FROM run WHERE state IN ('running', 'cancelling')
                        GROUP BY merchantID HAVING count(*) >= :most)
                    AND (run.onlyImporter IS NULL OR run.onlyImporter = :owner)
                    AND (connection.lastImporter IS NULL OR :owner IN (connection.lastImporter, run.onlyImporter)
                        OR run.queuedAt <= :windowStart OR run.queuedAt > :now)
                    AND (failedTries.retryAt IS NULL OR run.trigger = 'manual' OR failedTries.retryAt <= :now
                        OR failedTries.lastAt > :now)
                ORDER BY run.turnAt, run.sequence LIMIT 1
                """,
            // A time after now is one of before the clock was set back: whatever hung on it is over.
            arguments: ["owner": owner, "windowStart": now - preferenceWindow, "now": now, "most": runsPerMerchant])
    }

    private func handOut(_ run: RunRecord, _ db: Database) throws -> ClaimedRun {
        let connection = try ConnectionRecord.find(run.connectionID, db)
        guard let token = run.fencingToken else { throw SchedulerFault.brokenRow(table: "run", id: "\(run.id)") }
        let target = try SystemRecord.find(connection.targetID, db)
        return ClaimedRun(
            runID: run.id, fencingToken: token, leaseMs: lease.wholeMilliseconds, merchantID: run.merchantID,
            connectionID: connection.id, connectionLabel: connection.label,
            source: try SystemRecord.find(connection.sourceID, db).access,
            target: target.access,
            settings: try ConnectionSettingsRecord.current(of: connection, db).settings, modules: run.modules,
            trigger: run.trigger, traceparent: run.traceparent, task: run.task,
            freeze: try FreezeRecord.find(connection.id, db)?.freeze,
            othersToken: target.kind.isDirect ? connection.othersToken : nil)
    }

    /// - Returns: Whether somebody has asked for the run to be cancelled, or frozen its connection.
    /// - Throws: ``SchedulerFault/runSuperseded(_:)`` for a stale token and for a run that is over.
    func renew(
        _ renewal: RenewLease, by owner: String, at now: Instant, _ db: Database
    ) throws -> RenewLease.Response {
        var run = try RunRecord.find(renewal.runID, db)
        guard run.state.isActive, run.leaseOwner == owner, run.fencingToken == renewal.fencingToken else {
            throw SchedulerFault.runSuperseded(run.id)
        }
        _ = try run.move(on: .reported)
        run.leaseEndsAt = now + lease
        // A report that was overtaken on its way must not hide that the shop is being changed; taking back comes after it.
        let isOvertaken =
            run.progress?.phase.isTooLateToCancel == true && !renewal.progress.phase.isTooLateToCancel
            && renewal.progress.phase != .reverting
        let wasStalled = run.progress?.stalledSince != nil
        if !isOvertaken { run.progress = renewal.progress }
        try run.update(db)
        if !wasStalled, let since = run.progress?.stalledSince {
            try announceStall(of: run, since: since, at: now, db)
        }
        return RenewLease.Response(
            cancelRequested: run.state == .cancelling, freeze: try FreezeRecord.find(run.connectionID, db)?.freeze)
    }
}
