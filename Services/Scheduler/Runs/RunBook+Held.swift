import CoreTypes
import GRDB
import RPC
import SchedulerAPI

/// Runs whose set waits for a person: kept for a day, at most one of a connection.
///
///     held ── released ──▶ being published ── published ──▶ over
///      │ ▲                        │
///      │ └──── did not publish ───┘   held again for more than was agreed to: noted, with the run that shows it
///      ├── refused by a person ──▶ over
///      ├── a newer run was held or succeeded ──▶ superseded
///      └── a day has passed ──▶ expired
extension RunBook {
    static let heldFor: Duration = .seconds(24 * 3600)

    /// Notes what the end of a run means for the sets that wait.
    func noteHeld(of run: RunRecord, at now: Instant, _ db: Database) throws {
        guard let outcome = run.outcome else { return }
        switch run.task?.kind {
        case nil where outcome == .held:
            try supersede(of: run.connectionID, by: run.id, at: now, db)
            try HeldRunRecord(
                runID: run.id, connectionID: run.connectionID, importer: run.leaseOwner ?? "",
                waitsUntil: now + Self.heldFor
            ).insert(db)
        case nil where outcome.isSuccess: try supersede(of: run.connectionID, by: run.id, at: now, db)
        case .release where !outcome.isSuccess: try reopenHeld(releasedBy: run, at: now, db)
        case .rollback where outcome.isSuccess, .finish where outcome == .published:
            try supersede(of: run.connectionID, by: run.id, at: now, db)
        default: break
        }
    }

    private func supersede(
        of connection: ConnectionID, by run: RunID, at now: Instant, _ db: Database
    ) throws {
        guard var waiting = try HeldRunRecord.waiting(of: connection, db) else { return }
        try waiting.decide(.superseded, by: "scheduler", reason: "\(run)", at: now, db)
    }

    /// A release that did not publish leaves the set to be decided again.
    func reopenHeld(releasedBy run: RunRecord, at now: Instant, _ db: Database) throws {
        guard let task = run.task, task.kind == .release, var held = try HeldRunRecord.find(task.runID, db),
            held.releasedBy == run.id
        else { return }
        if run.outcome == .held, run.report?.holds?.isEmpty == false { held.heldAgainBy = run.id }
        if try HeldRunRecord.waiting(of: held.connectionID, db) != nil {
            try held.decide(.superseded, by: "scheduler", reason: "\(run.id)", at: now, db)
        } else {
            try held.reopen(db)
        }
    }

    /// The run that takes the place of a lost one goes on releasing the set.
    func releaseAgain(_ lost: RunRecord, by replacement: RunRecord, at now: Instant, _ db: Database) throws {
        guard let task = lost.task, task.kind == .release, var held = try HeldRunRecord.find(task.runID, db),
            held.decision == nil
        else { return }
        try held.decide(
            .released, by: lost.startedBy ?? "scheduler", reason: lost.startReason ?? "", releasedBy: replacement.id,
            at: now, db)
    }

    /// Queues the run that publishes a held set, on the importer that has it.
    ///
    /// - Parameter named: The held run, or one that was to publish its set and was held again.
    func release(
        _ named: RunID, by person: String, reason: String, traceparent: Traceparent?, at now: Instant, _ db: Database
    ) throws -> RunRecord {
        let id = try RunRecord.find(named, db).heldSet
        let run = try RunRecord.find(id, db)
        var held = try waitingHeld(id, at: now, db)
        if let frozen = try FreezeRecord.find(run.connectionID, db) {
            throw SchedulerFault.publishingFrozen(frozen.freeze)
        }
        let release = try start(
            Start(
                trigger: .manual, modules: run.modules, startedBy: person, startReason: reason,
                traceparent: traceparent, task: RunTask(kind: .release, runID: id), onlyImporter: held.importer),
            of: ConnectionRecord.find(run.connectionID, db), at: now, db)
        try held.decide(.released, by: person, reason: reason, releasedBy: release.id, at: now, db)
        try ChangeRecord(.runReleased, "\(id)", of: run.merchantID, by: person, at: now, reason: reason).insert(db)
        return release
    }

    /// - Parameter named: As for a release.
    func refuse(
        _ named: RunID, by person: String, reason: String, at now: Instant, _ db: Database
    ) throws -> HeldState {
        let id = try RunRecord.find(named, db).heldSet
        let run = try RunRecord.find(id, db)
        if let held = try HeldRunRecord.find(id, db), held.decision == .refused { return held.state }
        var held = try waitingHeld(id, at: now, db)
        try held.decide(.refused, by: person, reason: reason, at: now, db)
        try ChangeRecord(.runRefused, "\(id)", of: run.merchantID, by: person, at: now, reason: reason).insert(db)
        return held.state
    }

    private func waitingHeld(_ id: RunID, at now: Instant, _ db: Database) throws -> HeldRunRecord {
        guard let held = try HeldRunRecord.find(id, db) else { throw SchedulerFault.runNotHeld(id) }
        if let decision = held.decision { throw SchedulerFault.heldRunDecided(id, decision) }
        guard held.waitsUntil > now else { throw SchedulerFault.heldRunDecided(id, .expired) }
        return held
    }

    /// The sets an importer has to keep.
    static func keptHeld(among runs: [RunID], at now: Instant, _ db: Database) throws -> [RunID] {
        try runs.filter { id in
            guard let held = try HeldRunRecord.find(id, db) else { return false }
            switch held.decision {
            case nil: return held.waitsUntil > now
            case .released: return try held.releasedBy.map { try RunRecord.find($0, db).state.isActive } ?? false
            case .refused, .superseded, .expired: return false
            }
        }
    }

    func expireHeld(at now: Instant, _ db: Database) throws {
        for var held in try HeldRunRecord.waitingTooLong(at: now, db) {
            try held.decide(.expired, by: "scheduler", reason: "", at: now, db)
        }
    }
}
