import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `connection`: who is joined, the schedule, its next time, and the fencing token.
struct ConnectionRecord: Codable, Sendable, FetchableRecord, PartlyFixedRecord {
    static let databaseTableName = "connection"
    static let fixedColumns: Set = ["id", "merchantID", "sourceID", "targetID", "createdAt", "createdBy"]

    var sequence: Int64?
    var id: ConnectionID
    var merchantID: MerchantID
    var label: String
    var sourceID: SystemID
    var targetID: SystemID
    var settingsVersion: Int
    var scheduleKind: Schedule.Kind
    var everySeconds: Int?
    var cronExpression: String?
    var timeZone: String?
    /// When the schedule was set; intervals are counted from it.
    var anchorAt: Instant
    /// nil while paused and for manual schedules.
    var nextDueAt: Instant?
    /// The highest token handed out.
    var fencingToken: Int64
    /// The importer that last claimed a run, and the highest token that any other has had; 0 for none.
    var lastClaimant: String?
    var othersToken: Int64 = 0
    /// The importer that last published, which holds the published set.
    var lastImporter: String?
    var lastPublishedAt: Instant?
    /// The source as it was then is what the shop has.
    var asOf: Instant?
    var createdAt: Instant
    var createdBy: String

    mutating func didInsert(_ inserted: InsertionSuccess) { sequence = inserted.rowID }

    static func find(_ id: ConnectionID, _ db: Database) throws -> ConnectionRecord {
        guard let connection = try fetchOne(db, sql: "SELECT * FROM connection WHERE id = ?", arguments: [id]) else {
            throw SchedulerFault.unknownConnection(id)
        }
        return connection
    }

    /// In the order of creation.
    static func list(
        of merchant: MerchantID?, after: ConnectionID? = nil, limit: Int, _ db: Database
    ) throws -> [ConnectionRecord] {
        let after = try after.map { try find($0, db).sequence ?? 0 } ?? 0
        return try fetchAll(
            db,
            sql: """
                SELECT * FROM connection WHERE (:merchant IS NULL OR merchantID = :merchant) AND sequence > :after
                ORDER BY sequence LIMIT :limit
                """, arguments: ["merchant": merchant, "after": after, "limit": limit])
    }

    static func all(of merchant: MerchantID, _ db: Database) throws -> [ConnectionRecord] {
        try list(of: merchant, limit: .max, db)
    }

    /// Those whose time has come, the longest overdue first.
    static func due(at now: Instant, limit: Int, _ db: Database) throws -> [ConnectionRecord] {
        try fetchAll(
            db, sql: "SELECT * FROM connection WHERE nextDueAt <= ? ORDER BY nextDueAt LIMIT ?",
            arguments: [now, limit])
    }

    /// - Throws: ``SchedulerFault/nameTaken(name:by:)``
    mutating func add(_ db: Database) throws {
        let other = try String.fetchOne(
            db, sql: "SELECT id FROM connection WHERE merchantID = ? AND label = ?", arguments: [merchantID, label])
        if let other { throw SchedulerFault.nameTaken(name: label, by: other) }
        try insert(db)
    }

    var schedule: Schedule {
        get {
            Schedule(kind: scheduleKind, everySeconds: everySeconds, expression: cronExpression, timeZone: timeZone)
        }
        set {
            scheduleKind = newValue.kind
            everySeconds = newValue.everySeconds
            cronExpression = newValue.expression
            timeZone = newValue.timeZone
        }
    }

    func timetable() throws(SchedulerFault) -> Timetable { try Timetable(schedule, anchor: anchorAt) }
}

/// A row of `connectionSettings`; versions are added, never changed.
struct ConnectionSettingsRecord: Codable, Sendable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "connectionSettings"

    var connectionID: ConnectionID
    var version: Int
    var settings: ConnectionSettings
    var changedBy: String
    var changedAt: Instant
    var reason: String

    static func current(of connection: ConnectionRecord, _ db: Database) throws -> ConnectionSettingsRecord {
        let record = try fetchOne(
            db, sql: "SELECT * FROM connectionSettings WHERE connectionID = ? AND version = ?",
            arguments: [connection.id, connection.settingsVersion])
        guard let record else {
            throw SchedulerFault.brokenRow(table: "connectionSettings", id: "\(connection.id)")
        }
        return record
    }
}
