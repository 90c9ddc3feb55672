import BillingAPI
import CoreTypes
import GRDB
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI

/// Moves runs through their life; each function is the body of one write transaction.
struct RunBook: Sendable {
    var randomness: Randomness
    var lease: Duration
    var preferenceWindow: Duration
    /// How many runs of one merchant may be in hand at once.
    var runsPerMerchant = 1
    /// After how many badly failed tries in a row a connection is parked.
    var parkAfter = 5

    /// Who is told that a run has ended.
    static let announcedTo = [MonitorAPI.name, NotifierAPI.name, BillingAPI.name]

    /// What a start is asked to be.
    struct Start {
        var trigger: RunTrigger
        /// nil for all of the connection.
        var modules: [Module]?
        var dueAt: Instant?
        var startedBy: String?
        var startReason: String?
        var isOverridden = false
        var replaces: RunID?
        var traceparent: Traceparent?
        /// nil for an import.
        var task: RunTask?
        /// The one importer that has what the task needs; nil for any.
        var onlyImporter: String?
    }

    /// Queues a run. The one door that schedule, hand and retry all go through, so that no start misses the gate.
    ///
    /// - Returns: The row: queued, or skipped with the reason when nobody is there to be told no.
    /// - Throws: For a start by hand ``SchedulerFault/switchedOff(_:)``, ``SchedulerFault/connectionParked(label:tries:)``
    ///   and ``SchedulerFault/runAlreadyActive(_:)``.
    func start(_ start: Start, of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> RunRecord {
        let asked = try known(start.modules, of: connection, db)
        var run = try makeRun(start, modules: asked, of: connection, at: now, db)
        let gate = try Gate(of: connection, db)
        // Support may start in spite of a switch, never in spite of what made the connection fail.
        if let parked = gate.parked, start.trigger == .manual, !passesSwitches(start.task) {
            throw SchedulerFault.connectionParked(label: connection.label, tries: parked.tries)
        }
        switch gate.decide(on: asked) {
        case _ where asked.isEmpty: run.skip("run_skipped_modules_gone", at: now)
        // What is live is wrong, or half done: no switch that was thrown because of it may keep it so.
        case _ where passesSwitches(start.task): break
        case _ where gate.parked != nil: run.skip("run_skipped_parked", at: now)
        case .parked: break
        case .open(let modules): if !start.isOverridden { run.modules = modules }
        case .closed where start.isOverridden: break
        case .closed(let off) where start.trigger == .manual: throw SchedulerFault.switchedOff(off)
        case .closed: run.skip("run_skipped_switched_off", at: now)
        }
        if run.state == .queued, let active = try RunRecord.active(of: connection.id, db) {
            if start.trigger == .manual { throw SchedulerFault.runAlreadyActive(active.id) }
            run.skip("run_skipped_overlap", at: now)
        }
        try run.insert(db)
        return run
    }

    /// The connection's modules among `modules`; all of them for nil. Settings may have changed since they were asked for.
    func known(_ modules: [Module]?, of connection: ConnectionRecord, _ db: Database) throws -> [Module] {
        let own = try ConnectionSettingsRecord.current(of: connection, db).settings.modules
        return modules.map { modules in own.filter(modules.contains) } ?? own
    }

    private func makeRun(
        _ start: Start, modules: [Module], of connection: ConnectionRecord, at now: Instant, _ db: Database
    ) throws -> RunRecord {
        // Each failed try costs a minute's place in the queue, so that a job that fails holds up no healthy one.
        let tries = start.trigger == .manual ? 0 : try FailedTriesRecord.find(connection.id, db)?.tries ?? 0
        return RunRecord(
            id: randomness.makeID(), merchantID: connection.merchantID, connectionID: connection.id, modules: modules,
            trigger: start.trigger, state: .queued, dueAt: start.dueAt, lateMs: start.dueAt.flatMap { late(now - $0) },
            queuedAt: now, startedBy: start.startedBy, startReason: start.startReason,
            isOverridden: start.isOverridden, replaces: start.replaces,
            traceparent: start.traceparent ?? Traceparent(randomness),
            turnAt: (start.dueAt ?? now) + .seconds(60 * tries), task: start.task, onlyImporter: start.onlyImporter)
    }

    /// Under a minute is on time: the loop looks every second, and one long transaction is nobody's news.
    private func late(_ delay: Duration) -> Int64? { delay < .seconds(60) ? nil : delay.wholeMilliseconds }

    /// Skips what is queued although it may not start any more. What support started in spite of a switch stays, as
    /// long as the connection has one of its modules.
    ///
    /// - Returns: The run that was skipped.
    func skipClosed(of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> RunID? {
        guard var run = try RunRecord.active(of: connection.id, db),
            let reason = try hindrance(to: run, of: connection, db)
        else { return nil }
        try skip(&run, reason, at: now, db)
        return run.id
    }

    /// Skips what waits for an importer that does not come back: what the importer alone has it can offer again when it is
    /// there, and until then others can go on from the shop's own list.
    func skipWaiting(of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> RunID? {
        guard var run = try RunRecord.active(of: connection.id, db), try waitsForAbsentImporter(run, at: now, db) else {
            return nil
        }
        try skip(&run, "run_skipped_importer_away", at: now, db)
        return run.id
    }

    private func skip(_ run: inout RunRecord, _ reason: String, at now: Instant, _ db: Database) throws {
        _ = try run.move(on: .switchedOff)
        run.skip(reason, at: now)
        try run.update(db)
        try reopenHeld(releasedBy: run, at: now, db)
    }

    private func passesSwitches(_ task: RunTask?) -> Bool { task?.kind.passesSwitches == true }

    /// How long a run waits for the one importer that could carry it out.
    static let absenceMax: Duration = .seconds(15 * 60)

    /// An importer with a run in hand is there, only busy; and a merchant with another run in hand waits for that one.
    func waitsForAbsentImporter(_ run: RunRecord, at now: Instant, _ db: Database) throws -> Bool {
        guard run.state == .queued, let importer = run.onlyImporter, run.queuedAt <= now - Self.absenceMax else {
            return false
        }
        return try Bool.fetchOne(
            db,
            sql: """
                SELECT NOT EXISTS (SELECT 1 FROM run WHERE state IN ('running', 'cancelling')
                    AND (leaseOwner = ? OR merchantID = ?))
                """, arguments: [importer, run.merchantID]) ?? false
    }

    /// Why a run that is queued may not start any more, as a reason of the catalogue; nil when it may.
    func hindrance(to run: RunRecord, of connection: ConnectionRecord, _ db: Database) throws -> String? {
        guard run.state == .queued else { return nil }
        let modules = try known(run.modules, of: connection, db)
        if modules.isEmpty { return "run_skipped_modules_gone" }
        if passesSwitches(run.task) { return nil }
        let gate = try Gate(of: connection, db)
        if gate.parked != nil { return "run_skipped_parked" }
        guard !run.isOverridden, case .closed = gate.decide(on: modules) else { return nil }
        return "run_skipped_switched_off"
    }
}

extension RunRecord {
    /// Moves the state; the caller carries out the actions and writes the row in the same transaction it was read in.
    ///
    /// - Throws: ``SchedulerFault/runOver(_:)`` or ``SchedulerFault/runSuperseded(_:)``.
    mutating func move(on event: RunLifecycle.Event) throws(SchedulerFault) -> [RunLifecycle.Action] {
        do {
            let (state, actions) = try RunLifecycle(state: state, trigger: trigger).applying(event)
            self.state = state
            return actions
        } catch {
            switch error {
            case .over: throw .runOver(id)
            case .notInHand, .notQueued: throw .runSuperseded(id)
            }
        }
    }

    mutating func skip(_ reason: String, at now: Instant) {
        state = .skipped
        self.reason = reason
        finishedAt = now
    }
}
