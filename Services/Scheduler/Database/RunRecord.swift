import CoreTypes
import GRDB
import Persistence
import RPC
import SchedulerAPI

/// A row of `run`. Its state moves only through ``RunLifecycle``.
struct RunRecord: Codable, Sendable, FetchableRecord, PartlyFixedRecord {
    static let databaseTableName = "run"
    static let fixedColumns: Set = [
        "id", "merchantID", "connectionID", "trigger", "dueAt", "queuedAt", "replaces", "traceparent",
    ]

    var sequence: Int64?
    var id: RunID
    var merchantID: MerchantID
    var connectionID: ConnectionID
    /// Those the run was queued for; narrowed when claimed to those that are switched on.
    var modules: [Module]
    var trigger: RunTrigger
    var state: RunState
    var outcome: RunOutcome?
    var reason: String?
    var dueAt: Instant?
    var lateMs: Int64?
    var queuedAt: Instant
    var startedAt: Instant?
    var finishedAt: Instant?
    var startedBy: String?
    var startReason: String?
    var isOverridden: Bool
    var fencingToken: Int64?
    var leaseOwner: String?
    var leaseEndsAt: Instant?
    var claimID: String?
    var cancelBy: String?
    var cancelAt: Instant?
    var cancelReason: String?
    var progress: RunProgress?
    var report: RunReport?
    var replaces: RunID?
    var traceparent: Traceparent
    /// When its turn to be handed out comes, among those that wait.
    var turnAt: Instant
    /// nil for an import.
    var task: RunTask?
    /// The one importer that may take it; nil for any.
    var onlyImporter: String?
    /// The highest number its watchers were given, once those are forgotten; see ``RunProgressRecord``.
    var progressNumber: Int64?

    mutating func didInsert(_ inserted: InsertionSuccess) { sequence = inserted.rowID }

    func aroundInsert(_ db: Database, insert: () throws -> InsertionSuccess) throws {
        _ = try insert()
        // A run that never starts has nothing to watch.
        if state != .skipped { try RunProgressRecord.note(self, db) }
    }

    func aroundUpdate(_ db: Database, columns: Set<String>, update: () throws -> PersistenceSuccess) throws {
        _ = try update()
        try RunProgressRecord.note(self, db)
    }

    static func find(_ id: RunID, _ db: Database) throws -> RunRecord {
        guard let run = try fetchOne(db, sql: "SELECT * FROM run WHERE id = ?", arguments: [id]) else {
            throw SchedulerFault.unknownRun(id)
        }
        return run
    }

    /// The one run of a connection that may still change.
    static func active(of connection: ConnectionID, _ db: Database) throws -> RunRecord? {
        try fetchOne(
            db,
            sql: "SELECT * FROM run WHERE connectionID = ? AND state IN ('queued', 'running', 'cancelling')",
            arguments: [connection])
    }

    /// The last run that was begun, over or not.
    static func lastStarted(of connection: ConnectionID, _ db: Database) throws -> RunRecord? {
        try fetchOne(
            db,
            sql: """
                SELECT * FROM run WHERE connectionID = ? AND startedAt IS NOT NULL ORDER BY sequence DESC LIMIT 1
                """, arguments: [connection])
    }

    /// The last run after which the shop had what the source has.
    static func lastSuccessful(of connection: ConnectionID, _ db: Database) throws -> RunRecord? {
        try fetchOne(
            db,
            sql: """
                SELECT * FROM run WHERE connectionID = ? AND outcome IN ('published', 'unchanged')
                ORDER BY sequence DESC LIMIT 1
                """, arguments: [connection])
    }

    static func exists(dueAt: Instant, of connection: ConnectionID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE connectionID = ? AND dueAt = ?)",
            arguments: [connection, dueAt]) ?? false
    }

    /// Ends runs that belong to nothing, however they stand. Only what no other row hangs on is written.
    static func dismiss(_ orphans: [RunID], at now: Instant, _ db: Database) throws {
        for id in orphans {
            try db.execute(
                sql: """
                    UPDATE run SET state = 'skipped', reason = 'run_skipped_connection_gone', finishedAt = ?,
                        startedAt = NULL, leaseEndsAt = NULL WHERE id = ?
                    """, arguments: [now, id])
        }
    }

    /// Who is in hand and until when, read without the rest, so that one row that makes no sense hides no other.
    static func leases(_ db: Database) throws -> [(RunID, Instant?)] {
        try Row.fetchAll(
            db, sql: "SELECT id, leaseEndsAt FROM run WHERE state IN ('running', 'cancelling') ORDER BY sequence"
        ).map { ($0["id"], $0["leaseEndsAt"]) }
    }

    /// Newest first, older than `before`.
    static func list(
        merchant: MerchantID?, connection: ConnectionID?, before: RunID?, limit: Int, _ db: Database
    ) throws -> [RunRecord] {
        let before = try before.map { try find($0, db).sequence ?? 0 } ?? .max
        // Only what was asked for, so that SQLite can use the index of it.
        let conditions = [
            merchant == nil ? nil : "merchantID = :merchant", connection == nil ? nil : "connectionID = :connection",
            "sequence < :before",
        ].compactMap(\.self)
        var arguments: StatementArguments = ["before": before, "limit": limit]
        if let merchant { arguments += ["merchant": merchant] }
        if let connection { arguments += ["connection": connection] }
        return try fetchAll(
            db,
            sql: """
                SELECT * FROM run WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence DESC LIMIT :limit
                """, arguments: arguments)
    }

    /// Whether the run changed the shop, and the shop showed something else afterwards.
    var showedOtherwise: Bool { outcome == .failed && reason == RunReport.readBackDiffers }

    /// The run whose held set this one is about: itself, or the one it was to release and was held again for.
    var heldSet: RunID {
        guard let task, task.kind == .release, outcome == .held else { return id }
        return task.runID
    }

    func summary(label: String) -> RunSummary {
        RunSummary(
            runID: id, merchantID: merchantID, connectionID: connectionID, connectionLabel: label, modules: modules,
            trigger: trigger, state: state, outcome: outcome, reason: reason, dueAt: dueAt, queuedAt: queuedAt,
            lateMs: lateMs, startedAt: startedAt, finishedAt: finishedAt, startedBy: startedBy,
            startReason: startReason, stalledSince: state.isActive ? progress?.stalledSince : nil, task: task)
    }

    func description(_ db: Database) throws -> RunDescription {
        let connection = try ConnectionRecord.find(connectionID, db)
        let replacedBy = try RunID.fetchOne(db, sql: "SELECT id FROM run WHERE replaces = ?", arguments: [id])
        var cancel: RunDescription.Cancel?
        if let cancelBy, let cancelAt, let cancelReason {
            cancel = RunDescription.Cancel(by: cancelBy, at: cancelAt, reason: cancelReason)
        }
        var description = RunDescription(
            run: summary(label: connection.label), merchantName: try MerchantRecord.find(merchantID, db).name,
            sourceName: try SystemRecord.find(connection.sourceID, db).name,
            targetName: try SystemRecord.find(connection.targetID, db).name, report: report, progress: progress,
            leaseOwner: leaseOwner, leaseEndsAt: leaseEndsAt, fencingToken: fencingToken, overridden: isOverridden,
            cancel: cancel, replaces: replaces, replacedBy: replacedBy, traceparent: traceparent,
            held: try HeldRunRecord.find(heldSet, db)?.state)
        let all = try? ConnectionSettingsRecord.current(of: connection, db).settings.modules
        let leftOut = (all ?? []).filter { !modules.contains($0) }
        if task == nil, !leftOut.isEmpty { description.modulesLeftOut = leftOut }
        return description
    }
}
