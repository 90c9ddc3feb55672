import CoreTypes
import GRDB
import SchedulerAPI

extension RunBook {
    struct DuePass: Sendable, Equatable {
        /// How many connections were due.
        var found = 0
        var queued: [RunID] = []
        /// Connections whose schedule makes no sense any more; they are stopped and need a person.
        var broken: [ConnectionID] = []
    }

    /// Turns due times into runs and sets the next ones, all in one transaction: a kill before the commit has done
    /// nothing, a kill after it everything. Of several missed times the first becomes one run, marked late.
    func queueDue(limit: Int, at now: Instant, _ db: Database) throws -> DuePass {
        var pass = DuePass()
        for var connection in try ConnectionRecord.due(at: now, limit: limit, db) {
            pass.found += 1
            guard let dueAt = connection.nextDueAt else { continue }
            do {
                // It may exist when the clock was set back since: then the time has had its run.
                try db.inSavepoint {
                    if try !RunRecord.exists(dueAt: dueAt, of: connection.id, db) {
                        let run = try start(Start(trigger: .schedule, dueAt: dueAt), of: connection, at: now, db)
                        if run.state == .queued { pass.queued.append(run.id) }
                    }
                    connection.nextDueAt = try nextDue(of: connection, at: now, db)
                    return .commit
                }
            } catch let error as DatabaseError {
                throw error  // The disk's fault, not the connection's.
            } catch {
                connection.nextDueAt = nil
                pass.broken.append(connection.id)
            }
            try connection.update(db)
        }
        return pass
    }

    /// When the connection comes next: nil while anything keeps it from running, so that nobody is shown a time that
    /// will not come.
    func nextDue(of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> Instant? {
        let modules = try ConnectionSettingsRecord.current(of: connection, db).settings.modules
        guard case .open = try Gate(of: connection, db).decide(on: modules) else { return nil }
        return try connection.timetable().next(after: now)
    }

    /// After a switch: pauses what may not run, and gives what may run again its next time. A time already set stays.
    func refreshNextDue(of connection: inout ConnectionRecord, at now: Instant, _ db: Database) throws {
        let next = try nextDue(of: connection, at: now, db)
        guard (next == nil) != (connection.nextDueAt == nil) else { return }
        connection.nextDueAt = next
        try connection.update(db)
    }

    /// What the sweep found wrong with a connection.
    enum Fault: Sendable, Equatable {
        /// Queued although it may not start: switched off, parked, or none of its modules is left.
        case queuedBehindSwitch
        /// Queued for the one importer that could carry it out, and that one is away: nothing else of the connection can
        /// run meanwhile.
        case queuedForAbsentImporter
        /// Its schedule stands still, or its next time lies later than the schedule says.
        case wrongNextDue(Instant?)
    }

    /// Runs of connections that are not there any more, which nothing else would ever find.
    static func orphans(_ db: Database) throws -> [RunID] {
        try RunID.fetchAll(
            db,
            sql: """
                SELECT id FROM run WHERE state IN ('queued', 'running', 'cancelling')
                    AND NOT EXISTS (SELECT 1 FROM connection WHERE connection.id = run.connectionID)
                """)
    }

    /// Compares a connection with what it should be, so that nothing can stand still and look healthy: after a fault in
    /// this program, or a clock that was set forward and back.
    func fault(of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> Fault? {
        if let run = try RunRecord.active(of: connection.id, db) {
            if try hindrance(to: run, of: connection, db) != nil { return .queuedBehindSwitch }
            if try waitsForAbsentImporter(run, at: now, db) { return .queuedForAbsentImporter }
        }
        guard let expected = try nextDue(of: connection, at: now, db) else {
            return connection.nextDueAt == nil ? nil : .wrongNextDue(nil)
        }
        if let nextDueAt = connection.nextDueAt, nextDueAt <= expected { return nil }
        // A clock that was set back shows times that have had their run; those are not run again.
        return try RunRecord.exists(dueAt: expected, of: connection.id, db) ? nil : .wrongNextDue(expected)
    }

    /// The connections with a fault, and how many runs have waited more than a minute for an importer.
    func inspect(at now: Instant, _ db: Database) throws -> (faulty: [ConnectionID], waiting: Int) {
        let faulty = try ConnectionRecord.list(of: nil, limit: .max, db).filter { connection in
            // A schedule that cannot be read any more was reported when it was stopped.
            (try? fault(of: connection, at: now, db)) != nil
        }
        return (faulty.map(\.id), try Self.waitingForImporter(at: now, db))
    }

    /// Mends what ``inspect(at:_:)`` found, looking again.
    ///
    /// - Returns: What was mended, and the runs that were skipped for it.
    func repair(
        _ faulty: [ConnectionID], at now: Instant, _ db: Database
    ) throws -> (repaired: [ConnectionID], skipped: [RunID]) {
        var repaired: [ConnectionID] = []
        var skipped: [RunID] = []
        for id in faulty {
            var connection = try ConnectionRecord.find(id, db)
            switch try fault(of: connection, at: now, db) {
            case nil: continue
            case .queuedBehindSwitch: try skipClosed(of: connection, at: now, db).map { skipped.append($0) }
            case .queuedForAbsentImporter: try skipWaiting(of: connection, at: now, db).map { skipped.append($0) }
            case .wrongNextDue(let next):
                connection.nextDueAt = next
                try connection.update(db)
            }
            try ChangeRecord(
                .scheduleRepaired, "\(id)", of: connection.merchantID, by: "scheduler", at: now,
                reason: "the schedule stood still or what waited could not start"
            ).insert(db)
            repaired.append(id)
        }
        return (repaired, skipped)
    }

    /// What people should know of connections and runs that stand still, for the service's health.
    static func healthNotes(at now: Instant, _ db: Database) throws -> [String] {
        var notes: [String] = []
        let parked = try FailedTriesRecord.parkedCount(db)
        if parked > 0 {
            notes.append(
                "\(parked) \(parked == 1 ? "connection is" : "connections are") parked after too many failed tries: see "
                    + "'sluice connection list' and 'sluice connection release'.")
        }
        let waiting = try waitingForImporter(at: now, db)
        if waiting > 0 {
            notes.append(
                "\(waiting) \(waiting == 1 ? "run has" : "runs have") waited more than a minute for an importer. "
                    + "Is one running?")
        }
        return notes
    }

    /// Runs that could be claimed and have not been for a minute. One whose merchant has another run in hand waits for
    /// that, and one that failed badly for its pause.
    static func waitingForImporter(at now: Instant, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM
                    (SELECT 1 FROM run LEFT JOIN failedTries ON failedTries.connectionID = run.connectionID
                    WHERE run.state = 'queued' AND run.queuedAt < :latest AND coalesce(retryAt < :latest, 1)
                        AND NOT EXISTS (SELECT 1 FROM run AS busy
                            WHERE busy.merchantID = run.merchantID AND busy.state IN ('running', 'cancelling'))
                    LIMIT 1000)
                """, arguments: ["latest": now - .seconds(60)]) ?? 0
    }
}
