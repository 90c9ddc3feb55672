import CoreTypes
import GRDB
import Messaging
import NotifierAPI
import SchedulerAPI

/// What people are told of although no run has ended: a standstill, and a shop older than was promised.
extension RunBook {
    /// Tells that nothing of a run moves any more. Called once for each standstill, when the first report of it comes.
    func announceStall(of run: RunRecord, since: Instant, at now: Instant, _ db: Database) throws {
        guard let progress = run.progress else { return }
        var report = RunReport(outcome: .failed, reason: "run_stalled")
        report.arguments = ["phase": progress.phase.rawValue, "since": "\(since)"]
        report.read = progress.fetched
        report.pages = progress.page
        report.countBefore = progress.expected
        report.sourceChanges = progress.sourceChanges
        let connection = try ConnectionRecord.find(run.connectionID, db)
        // Where nothing is staged, each row that was sent is live.
        if try SystemRecord.find(connection.targetID, db).kind.isDirect, progress.sent > 0 {
            report.pushed = PushedRows(planned: progress.toPublish ?? progress.sent, applied: progress.sent)
        }
        try tell(.runStalled, try told(run, report, at: now, db), at: now, db)
    }

    /// Notes as of when the shop shows the source, after a run that brought it up to date.
    ///
    /// - Returns: Whether the shop is as fresh as was promised now.
    func noteFreshness(of run: RunRecord, at now: Instant, _ db: Database) throws -> Bool {
        var connection = try ConnectionRecord.find(run.connectionID, db)
        // What was left out is as old as it was, but for what is switched off: there it is known. The end of a run is noted
        // although settings cannot be read any more.
        guard let settings = try? ConnectionSettingsRecord.current(of: connection, db).settings,
            try isWhole(run, settings.modules, of: connection, db), let asOf = try Self.asOf(run, db)
        else { return false }
        connection.asOf = asOf
        try connection.update(db)
        if let promised = settings.promisedMinutes, asOf + .seconds(promised * 60) < now { return false }
        try db.execute(sql: "DELETE FROM outdatedSet WHERE connectionID = ?", arguments: [run.connectionID])
        return true
    }

    private func isWhole(
        _ run: RunRecord, _ modules: [Module], of connection: ConnectionRecord, _ db: Database
    ) throws -> Bool {
        guard case .open(let open) = try Gate(of: connection, db).decide(on: modules) else {
            return modules.allSatisfy(run.modules.contains)
        }
        return open.allSatisfy(run.modules.contains)
    }

    /// As of when a run's set shows the source; of a rollback that of the set it went back to.
    static func asOf(_ run: RunRecord, _ db: Database) throws -> Instant? {
        guard let task = run.task, task.kind == .rollback else { return run.report?.asOf }
        return try RunRecord.find(task.runID, db).report?.asOf
    }

    /// Connections whose shop shows an older state than was promised, and of which nobody has been told. Those that
    /// somebody has switched off or frozen are not among them: there it is known, and shown.
    static func outdated(at now: Instant, _ db: Database) throws -> [ConnectionID] {
        let late = try ConnectionRecord.fetchAll(
            db,
            sql: """
                SELECT connection.* FROM connection
                    JOIN connectionSettings AS held
                        ON held.connectionID = connection.id AND held.version = connection.settingsVersion
                WHERE connection.asOf + 60000 * CASE WHEN json_valid(held.settings)
                        THEN json_extract(held.settings, '$.promisedMinutes') END < ?
                    AND connection.id NOT IN (SELECT connectionID FROM outdatedSet UNION SELECT connectionID FROM freeze)
                """, arguments: [now])
        return try late.filter { connection in
            // Settings that cannot be read are no reason to leave the others out.
            guard let settings = try? ConnectionSettingsRecord.current(of: connection, db).settings,
                case .open = try Gate(of: connection, db).decide(on: settings.modules)
            else { return false }
            return true
        }.map(\.id)
    }

    /// Tells that a shop is older than was promised.
    func announceOutdated(_ id: ConnectionID, at now: Instant, _ db: Database) throws {
        let connection = try ConnectionRecord.find(id, db)
        let settings = try ConnectionSettingsRecord.current(of: connection, db).settings
        // A run may have succeeded since it was looked.
        guard let asOf = connection.asOf, let promised = settings.promisedMinutes, asOf + .seconds(promised * 60) < now,
            let last = try RunRecord.lastSuccessful(of: id, db)
        else { return }
        var report = RunReport(outcome: .failed, reason: "set_outdated")
        report.asOf = asOf
        report.arguments = ["asOf": "\(asOf)", "promised": "\(promised)"]
        try tell(.setOutdated, try told(last, report, at: now, db), at: now, db)
        try db.execute(
            sql: "INSERT INTO outdatedSet (connectionID, toldAt) VALUES (?, ?)", arguments: [id, now])
    }

    private func tell(
        _ kind: ConnectionNotice.Kind, _ run: RunFinished, at now: Instant, _ db: Database
    ) throws {
        try Outbox.append(
            ConnectionNotice(kind: kind, run: run), to: [NotifierAPI.name], traceparent: run.traceparent, at: now, db)
    }
}
