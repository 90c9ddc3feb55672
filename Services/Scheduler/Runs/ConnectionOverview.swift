import CoreTypes
import GRDB
import SchedulerAPI

/// All that is known of a connection at one moment, read in one transaction.
struct ConnectionOverview {
    var connection: ConnectionRecord
    var merchantName: String
    var source: SystemRecord
    var target: SystemRecord
    var settings: ConnectionSettingsRecord
    var gate: Gate
    var active: RunRecord?
    var lastStarted: RunRecord?
    var freeze: FreezeRecord?
    /// The run whose set waits to be decided.
    var held: HeldRunRecord?

    init(_ connection: ConnectionRecord, _ db: Database) throws {
        self.connection = connection
        merchantName = try MerchantRecord.find(connection.merchantID, db).name
        source = try SystemRecord.find(connection.sourceID, db)
        target = try SystemRecord.find(connection.targetID, db)
        settings = try ConnectionSettingsRecord.current(of: connection, db)
        gate = try Gate(of: connection, db)
        active = try RunRecord.active(of: connection.id, db)
        lastStarted = try RunRecord.lastStarted(of: connection.id, db)
        freeze = try FreezeRecord.find(connection.id, db)
        held = try HeldRunRecord.waiting(of: connection.id, db)
    }

    var modules: [Module] { settings.settings.modules }

    var summary: ConnectionSummary {
        ConnectionSummary(
            connectionID: connection.id, merchantID: connection.merchantID, merchantName: merchantName,
            label: connection.label, source: source.endpoint, target: target.endpoint, modules: modules,
            isOn: gate.connection?.isOn ?? true, effectiveState: effectiveState, schedule: connection.schedule,
            lastRun: lastStarted?.summary(label: connection.label), nextRunAt: connection.nextDueAt,
            lastPublishedAt: connection.lastPublishedAt, parked: gate.parked?.parking,
            freeze: freeze?.freeze, asOf: connection.asOf, promisedUntil: promisedUntil)
    }

    private var promisedUntil: Instant? {
        guard let asOf = connection.asOf, let minutes = settings.settings.promisedMinutes else { return nil }
        return asOf + .seconds(minutes * 60)
    }

    func job(in language: Language) -> JobSummary {
        var paused: JobSummary.Pause?
        if case .closed(let off) = gate.decide(on: modules) {
            paused = JobSummary.Pause(level: off.level, by: off.changedBy, since: off.changedAt, reason: off.reason)
        }
        return JobSummary(
            connectionID: connection.id, merchantID: connection.merchantID, merchantName: merchantName,
            connectionLabel: connection.label, modules: modules, schedule: connection.schedule,
            scheduleInWords: connection.schedule.words(in: language),
            lastRun: lastStarted?.summary(label: connection.label), nextRunAt: connection.nextDueAt, paused: paused,
            parked: gate.parked?.parking, state: effectiveState)
    }

    /// Why the connection does or does not transfer: the first reason that applies.
    var effectiveState: EffectiveState {
        let modulesOff = gate.modulesOff(of: modules).compactMap { Module(rawValue: $0.target) }
        var state = stateByGate ?? stateByRun ?? stateBySchedule
        state.modulesOff = modulesOff
        state.nextRunAt = connection.nextDueAt
        return state
    }

    private var stateByGate: EffectiveState? {
        let off: SwitchRecord
        switch gate.decide(on: modules) {
        case .open: return nil
        case .closed(let record): off = record
        case .parked(let parked):
            return EffectiveState(
                mayRun: false, reason: .parked, since: parked.parkedAt, runID: parked.lastRunID,
                remedy: .releaseConnection)
        }
        let (reason, remedy): (EffectiveState.Reason, EffectiveState.Remedy) =
            switch off.level {
            case .integration: (.integrationOff, .switchOnIntegration)
            case .module: (.modulesOff, .switchOnModule)
            case .connection: (.connectionOff, .switchOnConnection)
            }
        return EffectiveState(
            mayRun: false, reason: reason, since: off.changedAt, by: off.changedBy, why: off.reason, remedy: remedy)
    }

    private var stateByRun: EffectiveState? {
        if let active {
            return active.state == .queued
                ? EffectiveState(
                    mayRun: true, reason: .queued, since: active.queuedAt, runID: active.id, remedy: .watchRun)
                : EffectiveState(
                    mayRun: true, reason: .running, since: active.startedAt, runID: active.id, remedy: .watchRun)
        }
        if let freeze {
            return EffectiveState(
                mayRun: true, reason: .frozen, since: freeze.since, by: freeze.by, why: freeze.reason,
                remedy: .unfreeze)
        }
        guard let last = lastStarted, let finishedAt = last.finishedAt else { return nil }
        // New credentials since then may well be right; the next run will tell.
        let areCredentialsNew = max(source.credentialsChangedAt, target.credentialsChangedAt) > finishedAt
        if last.report?.failure == .login, !areCredentialsNew {
            return EffectiveState(
                mayRun: true, reason: .credentialsRefused, since: finishedAt, runID: last.id,
                remedy: .updateCredentials)
        }
        if let held {
            let since = held.waitsUntil - RunBook.heldFor
            return EffectiveState(
                mayRun: true, reason: .importHeld, since: since, runID: held.runID, remedy: .reviewHeldRun)
        }
        return nil
    }

    private var stateBySchedule: EffectiveState {
        if connection.scheduleKind == .manual {
            return EffectiveState(mayRun: true, reason: .manualOnly, remedy: .startRun)
        }
        // The gate is open here, so a time is missing only when none could be found.
        return connection.nextDueAt == nil
            ? EffectiveState(mayRun: true, reason: .scheduleStopped, remedy: .setSchedule)
            : EffectiveState(mayRun: true, reason: .waitingForNextRun, remedy: .startRun)
    }
}
