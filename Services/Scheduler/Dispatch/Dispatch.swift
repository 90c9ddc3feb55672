import CoreTypes
import GRDB
import ImporterAPI
import Logging
import Messaging
import Persistence
import RPC
import SchedulerAPI
import ServiceRuntime

/// What handlers and passes share.
struct Dispatch: Sendable {
    let database: ServiceDatabase
    private let commits: SharedCommits
    let environment: ServiceEnvironment
    let configuration: SchedulerConfiguration
    let book: RunBook
    let changes = RunChanges()
    let signsOfLife: SignsOfLife
    /// Wakes the loop that tells importers there is something to claim.
    let nudge = Wake()
    /// Wakes the loop that delivers events.
    let outbox = Wake()

    init(_ database: ServiceDatabase, _ configuration: SchedulerConfiguration, _ environment: ServiceEnvironment) {
        self.database = database
        commits = SharedCommits(database)
        self.configuration = configuration
        self.environment = environment
        signsOfLife = SignsOfLife(environment.clock, lease: configuration.lease)
        book = RunBook(
            randomness: environment.randomness, lease: configuration.lease,
            preferenceWindow: configuration.preferenceWindow, runsPerMerchant: configuration.runsPerMerchant,
            parkAfter: configuration.parkAfter)
    }

    var now: Instant { environment.wallClock.now() }

    func makeID<Kind>() -> Identifier<Kind> { environment.randomness.makeID() }

    /// One piece of work that is done whole or not at all, with the crash points of `step`; on the disk when this
    /// returns. Others that wait at the same time may share its commit.
    func write<Value: Sendable>(
        _ step: SchedulerStep, isDone: @escaping @Sendable (Value) -> Bool = { _ in true },
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let crashPoints = environment.crashPoints
        let value = try await commits.write { db in
            let value = try body(db)
            if isDone(value) { crashPoints.passing(step.uncommitted) }
            return value
        }
        if isDone(value) { crashPoints.passing(step.committed) }
        return value
    }

    /// After the commit that queued runs. Best effort: importers also ask by themselves.
    func queued(_ runs: [RunID]) {
        guard !runs.isEmpty else { return }
        changes.signal(runs)
        nudge.wake()
    }

    /// After the commit that wrote events.
    func announced() { outbox.wake() }
}

/// The passes of the loops: each reads the state, compares it with what should be, and acts.
extension Dispatch {
    /// Turns due times into queued runs.
    func queueDueRuns() async throws -> Bool {
        let now = now
        guard try await database.read({ db in try !ConnectionRecord.due(at: now, limit: 1, db).isEmpty }) else {
            return false
        }
        let pass = try await write(.due) { db in try book.queueDue(limit: 100, at: now, db) }
        queued(pass.queued)
        for connection in pass.broken {
            environment.logger.error(
                "A schedule makes no sense and was stopped. Set it again.",
                metadata: ["connection.id": "\(connection)"])
        }
        return pass.found > 0
    }

    /// Ends runs whose importer has gone silent.
    func expireLeases() async throws -> Bool {
        let inHand = try await database.read { db in try RunRecord.leases(db) }
        var isAnyLost = false
        let silent = Set(signsOfLife.silent(among: inHand.map(\.0)))
        for (run, leaseEndsAt) in inHand where silent.contains(run) {
            let now = now
            guard let lost = try await lose(run, leaseEndingAt: leaseEndsAt, at: now) else { continue }
            isAnyLost = true
            environment.logger.error(
                "A run was lost: its importer has gone silent.",
                metadata: ["run.id": "\(run)", "replacement": "\(lost.replacement?.id.rawValue ?? "none")"])
            changes.signal(run)
            outbox.wake()
            if let replacement = lost.replacement { queued([replacement.id]) }
        }
        // What could not be ended is looked at again in its time, not at once and for ever.
        return isAnyLost
    }

    /// A run whose rows cannot be read stops nobody else's lease from being looked at.
    private func lose(
        _ run: RunID, leaseEndingAt leaseEndsAt: Instant?, at now: Instant
    ) async throws -> (lost: RunID, replacement: RunRecord?)? {
        do {
            return try await write(.lost) { db in try book.lose(run, leaseEndingAt: leaseEndsAt, at: now, db) }
        } catch let fault where !(fault is StorageFault) && !(fault is CancellationError) {
            environment.logger.error(
                "A run is lost, but its rows cannot be read.",
                metadata: ["run.id": "\(run)", "fault": "\(fault)"])
            return nil
        }
    }

    /// Repairs schedules that stand still, and says aloud what waits for importers.
    func sweepSchedules() async throws -> Bool {
        let now = now
        try await forgetProgress(at: now)
        try await tellOutdated(at: now)
        let (faulty, waiting, orphans, isAnyOld) = try await database.read { db in
            let (faulty, waiting) = try book.inspect(at: now, db)
            let isAnyOld = try AnsweredCalls.hasOld(at: now, db) || !HeldRunRecord.waitingTooLong(at: now, db).isEmpty
            return (faulty, waiting, try RunBook.orphans(db), isAnyOld)
        }
        if waiting > 0 {
            environment.logger.notice(
                "Runs have waited more than a minute for an importer. Is one running?", metadata: ["runs": "\(waiting)"]
            )
        }
        guard !faulty.isEmpty || !orphans.isEmpty || isAnyOld else { return false }
        let (repaired, skipped) = try await write(.sweep) { db in
            try AnsweredCalls.forgetOld(at: now, db)
            try book.expireHeld(at: now, db)
            try RunRecord.dismiss(orphans, at: now, db)
            return try book.repair(faulty, at: now, db)
        }
        for run in orphans {
            environment.logger.error(
                "A run of a connection that is gone was ended.", metadata: ["run.id": "\(run)"])
        }
        changes.signal(skipped)
        for connection in repaired {
            environment.logger.error(
                "A schedule stood still and was repaired.", metadata: ["connection.id": "\(connection)"])
        }
        return false
    }

    /// Tells of shops that show an older state of their source than was promised.
    private func tellOutdated(at now: Instant) async throws {
        let outdated = try await database.read { db in try RunBook.outdated(at: now, db) }
        guard !outdated.isEmpty else { return }
        try await write(.sweep) { db in
            for connection in outdated { try book.announceOutdated(connection, at: now, db) }
        }
        announced()
    }

    /// Tells importers that there is something to claim. Nothing is lost when nobody listens.
    func nudgeImporters(_ importers: [any RPCCaller]) async throws {
        let waiting = try await database.read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE state = 'queued')") ?? false
        }
        guard waiting else { return }
        await withTaskGroup(of: Void.self) { group in
            for importer in importers {
                group.addTask { [logger = environment.logger] in
                    do throws(ServiceError) {
                        _ = try await importer.call(Nudge(), within: .seconds(2))
                    } catch {
                        logger.debug("An importer could not be nudged.", metadata: ["reason": "\(error.reason)"])
                    }
                }
            }
        }
    }
}
