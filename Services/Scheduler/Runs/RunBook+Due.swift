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
                if try !RunRecord.exists(dueAt: dueAt, of: connection.id, db) {
                    let run = try start(Start(trigger: .schedule, dueAt: dueAt), of: connection, at: now, db)
                    if run.state == .queued { pass.queued.append(run.id) }
                }
                connection.nextDueAt = try nextDue(of: connection, at: now, db)
            } catch is SchedulerFault {
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
        /// Queued although it may not start: switched off, or none of its modules is left.
        case queuedBehindSwitch
        /// Its schedule stands still, or its next time lies later than the schedule says.
        case wrongNextDue(Instant?)
    }

    /// Compares a connection with what it should be, so that nothing can stand still and look healthy: after a fault in
    /// this program, or a clock that was set forward and back.
    func fault(of connection: ConnectionRecord, at now: Instant, _ db: Database) throws -> Fault? {
        if let run = try RunRecord.active(of: connection.id, db), try hindrance(to: run, of: connection, db) != nil {
            return .queuedBehindSwitch
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
        let waiting = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM run WHERE state = 'queued' AND queuedAt < ?",
            arguments: [now - .seconds(60)])
        return (faulty.map(\.id), waiting ?? 0)
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
            case .wrongNextDue(let next):
                connection.nextDueAt = next
                try connection.update(db)
            }
            repaired.append(id)
        }
        return (repaired, skipped)
    }
}
