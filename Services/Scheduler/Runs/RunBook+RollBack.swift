import CoreTypes
import GRDB
import RPC
import SchedulerAPI

extension RunBook {
    /// How far back a rollback can go: so many published sets beside the one that is live.
    static let setsKept = 3

    /// What the shop showed after each of the last runs that changed it, the newest first.
    ///
    /// A run publishes only the modules that changed, so the version of a module comes from the newest run up to it that
    /// published the module.
    static func publishedSets(of connection: ConnectionRecord, _ db: Database) throws -> [PublishedSetSummary] {
        let modules = try ConnectionSettingsRecord.current(of: connection, db).settings.modules
        let runs = try RunRecord.fetchAll(
            db,
            sql: """
                SELECT * FROM run
                WHERE connectionID = ? AND (outcome = 'published' OR outcome = 'failed' AND reason = ?)
                ORDER BY sequence DESC LIMIT 200
                """, arguments: [connection.id, RunReport.readBackDiffers])
        var sets: [PublishedSetSummary] = []
        // A shop that went back keeps nothing of what was newer, and shows the same as after the run it went back to.
        var backTo: RunID?
        for (index, run) in runs.enumerated() where sets.count <= setsKept {
            // What was left half done and finished later is the set of the run that had begun it.
            let publisher = run.task?.kind == .finish ? run.task?.runID ?? run.id : run.id
            if let wanted = backTo {
                guard publisher == wanted else { continue }
                backTo = nil
            } else {
                let versions = modules.compactMap { version(of: $0, in: runs[index...]) }
                guard versions.count == modules.count, let finishedAt = run.finishedAt else { break }
                let confirmed = index == 0 && !run.showedOtherwise ? connection.asOf : nil
                sets.append(
                    PublishedSetSummary(
                        runID: publisher, publishedAt: finishedAt, versions: versions, isCurrent: index == 0,
                        asOf: try confirmed ?? Self.asOf(run, db), differs: run.showedOtherwise ? true : nil))
            }
            if let task = run.task, task.kind == .rollback { backTo = task.runID }
        }
        return sets
    }

    private static func version(of module: Module, in runs: ArraySlice<RunRecord>) -> PublishedVersion? {
        for run in runs {
            let version = run.report?.publication.first { $0.module == module }?.version
            if let version { return PublishedVersion(module: module, version: version, runID: run.id) }
        }
        return nil
    }

    /// Queues the run that brings an earlier set back, and freezes the connection in the same moment.
    ///
    /// - Parameter run: nil for the newest before the current one that the shop showed as it was published.
    func rollBack(
        _ connection: ConnectionRecord, to run: RunID?, by person: String, reason: String, traceparent: Traceparent?,
        at now: Instant, _ db: Database
    ) throws -> RollBack.Response {
        let sets = try Self.publishedSets(of: connection, db)
        let wanted = run.map { run in sets.first { $0.runID == run } } ?? sets.dropFirst().first { $0.differs != true }
        guard let wanted, !wanted.isCurrent else { throw SchedulerFault.noSuchPublishedSet }
        let target = try SystemRecord.find(connection.targetID, db)
        let rollBack = try start(
            Start(
                trigger: .manual, modules: wanted.versions.map(\.module), startedBy: person, startReason: reason,
                isOverridden: true, traceparent: traceparent,
                task: RunTask(kind: .rollback, runID: wanted.runID, versions: wanted.versions),
                onlyImporter: target.kind.keepsVersions ? nil : connection.lastImporter),
            of: connection, at: now, db)
        _ = try setFreeze(true, of: connection, cause: .rollback, by: person, reason: reason, at: now, db)
        try ChangeRecord(
            .rolledBack, "\(wanted.runID)", of: connection.merchantID, by: person, at: now, reason: reason
        ).insert(db)
        return RollBack.Response(runID: rollBack.id, toRunID: wanted.runID)
    }
}
