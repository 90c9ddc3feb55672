import CoreTypes
import GRDB
import Messaging
import SchedulerAPI

extension RunBook {
    /// Records the outcome an importer reports, and tells who must know, in one transaction.
    ///
    /// - Returns: When the run finished; for the same report again, when it first did.
    /// - Throws: ``SchedulerFault/runSuperseded(_:)`` for a stale token or a lost run.
    func finish(_ finish: FinishRun, by owner: String, at now: Instant, _ db: Database) throws -> Instant {
        guard finish.report.outcome != .lost else { throw SchedulerFault.outcomeNotForImporters }
        var run = try RunRecord.find(finish.runID, db)
        guard run.leaseOwner == owner, run.fencingToken == finish.fencingToken, run.outcome != .lost else {
            throw SchedulerFault.runSuperseded(run.id)
        }
        if let finishedAt = run.finishedAt {
            guard run.report == finish.report else { throw SchedulerFault.reportDiffers(run.id) }
            return finishedAt
        }
        let actions = try run.move(on: .finished(finish.report.outcome))
        try end(&run, with: finish.report, actions, at: now, db)
        return now
    }

    /// - Returns: `finished` for a run still queued, else `cancelling`.
    func cancel(_ id: RunID, by person: String, reason: String, at now: Instant, _ db: Database) throws -> RunState {
        var run = try RunRecord.find(id, db)
        // Asked again because the answer was lost; meanwhile the run has ended as it was wished.
        if run.outcome == .cancelled, run.cancelBy != nil { return run.state }
        if run.state == .running, run.isTooLateToCancel { throw SchedulerFault.runBeingPublished(id) }
        let actions = try run.move(on: .cancelAsked)
        if run.cancelBy != nil { return run.state }  // Who asked first stays on record.
        run.cancelBy = person
        run.cancelAt = now
        run.cancelReason = reason
        let report = RunReport(outcome: .cancelled, reason: "run_cancelled")
        try end(&run, with: report, actions, at: now, db)
        try run.update(db)
        try ChangeRecord(.runCancelled, "\(id)", of: run.merchantID, by: person, at: now, reason: reason).insert(db)
        return run.state
    }

    /// Ends a run whose importer has gone silent, tells who must know, and queues it once more.
    ///
    /// - Parameter leaseEndsAt: What the lease was when it was seen to be over; a sign of life since then has moved it.
    /// - Returns: nil when the run is not lost after all; else the run queued in its place, if any.
    func lose(
        _ id: RunID, leaseEndingAt leaseEndsAt: Instant?, at now: Instant, _ db: Database
    ) throws -> (lost: RunID, replacement: RunRecord?)? {
        var run = try RunRecord.find(id, db)
        guard run.state.isActive, run.leaseEndsAt == leaseEndsAt else { return nil }
        let actions = try run.move(on: .leaseExpired)
        var report = RunReport(outcome: .lost, reason: "run_lost")
        report.arguments = ["importer": run.leaseOwner ?? "", "phase": run.progress?.phase.rawValue ?? ""]
        try noteHalfDone(run, in: &report, db)
        report.read = run.progress?.fetched ?? 0
        report.pages = run.progress?.page ?? 0
        report.countBefore = run.progress?.expected
        try end(&run, with: report, actions, at: now, db)
        // The importer asks for another by itself when something is still half done.
        guard actions.contains(.requeue), run.task?.kind != .finish else { return (run.id, nil) }
        let again = Start(
            trigger: .afterLoss, modules: run.modules, startedBy: run.startedBy, startReason: run.startReason,
            isOverridden: run.isOverridden, replaces: run.id, traceparent: run.traceparent, task: run.task,
            onlyImporter: run.onlyImporter)
        let replacement = try start(again, of: ConnectionRecord.find(run.connectionID, db), at: now, db)
        if replacement.state == .queued { try releaseAgain(run, by: replacement, at: now, db) }
        return (run.id, replacement)
    }

    /// Writes what the move calls for: the outcome and the announcement.
    private func end(
        _ run: inout RunRecord, with report: RunReport, _ actions: [RunLifecycle.Action], at now: Instant,
        _ db: Database
    ) throws {
        var madeFresh = false
        for case .recordOutcome(let outcome) in actions {
            run.outcome = outcome
            run.reason = report.reason
            run.report = report
            run.finishedAt = now
            run.leaseEndsAt = nil
            run.progress?.phase = .finished
            try run.update(db)
            if outcome == .published || run.showedOtherwise { try notePublication(of: run, at: now, db) }
            if outcome.isSuccess { madeFresh = try noteFreshness(of: run, at: now, db) }
            try noteHeld(of: run, at: now, db)
        }
        guard actions.contains(.announce) else { return }
        let parkedAfter = try noteTry(of: run, report, at: now, db)
        try announce(run, parkedAfter: parkedAfter, madeFresh: madeFresh, at: now, db)
    }

    private func notePublication(of run: RunRecord, at now: Instant, _ db: Database) throws {
        var connection = try ConnectionRecord.find(run.connectionID, db)
        if run.outcome == .published { connection.lastPublishedAt = now }
        // Also where the shop shows something else: only whoever changed it can bring the set before back.
        connection.lastImporter = run.leaseOwner
        try connection.update(db)
    }

    private func announce(
        _ run: RunRecord, parkedAfter: Int?, madeFresh: Bool, at now: Instant, _ db: Database
    ) throws {
        guard let report = run.report else { throw SchedulerFault.brokenRow(table: "run", id: "\(run.id)") }
        var event = try told(run, report, parkedAfter: parkedAfter, at: now, db)
        event.madeFresh = madeFresh
        try Outbox.append(event, to: Self.announcedTo, traceparent: run.traceparent, at: now, db)
    }

    /// A run as others are told of it.
    func told(
        _ run: RunRecord, _ report: RunReport, parkedAfter: Int? = nil, at now: Instant, _ db: Database
    ) throws -> RunFinished {
        let connection = try ConnectionRecord.find(run.connectionID, db)
        guard let startedAt = run.startedAt else { throw SchedulerFault.brokenRow(table: "run", id: "\(run.id)") }
        return RunFinished(
            runID: run.id, merchantID: run.merchantID, merchantName: try MerchantRecord.find(run.merchantID, db).name,
            connectionID: run.connectionID, connectionLabel: connection.label,
            sourceName: try SystemRecord.find(connection.sourceID, db).name,
            targetName: try SystemRecord.find(connection.targetID, db).name, modules: run.modules,
            trigger: run.trigger, startedBy: run.startedBy, startReason: run.startReason, startedAt: startedAt,
            finishedAt: now, lastPublishedAt: connection.lastPublishedAt, nextRunAt: connection.nextDueAt,
            report: report, traceparent: run.traceparent, parkedAfter: parkedAfter,
            task: run.task, fencingToken: run.fencingToken)
    }
}

extension RunRecord {
    /// The shop is being changed; or taken back by a rollback, which is brought to its end once it has begun.
    fileprivate var isTooLateToCancel: Bool {
        guard let phase = progress?.phase else { return false }
        return phase.isTooLateToCancel || phase == .reverting && task?.kind == .rollback
    }
}
