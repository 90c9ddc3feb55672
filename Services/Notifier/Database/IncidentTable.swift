import CoreTypes
import GRDB
import JSON
import NotifierAPI
import Persistence
import SchedulerAPI

/// An incident as it is kept.
struct IncidentRecord: Sendable {
    var incidentID: IncidentID
    var sequence: Int64
    var merchantID: MerchantID
    var connectionID: ConnectionID
    var kind: NoticeKind
    var reason: String
    var life: IncidentLife
    /// The last run that showed it.
    var lastEvent: RunFinished

    /// As other services see it.
    var described: Incident {
        Incident(
            incidentID: incidentID, sequence: sequence, merchantID: merchantID, merchantName: lastEvent.merchantName,
            connectionID: connectionID, connectionLabel: lastEvent.connectionLabel, kind: kind, reason: reason,
            openedAt: life.openedAt, lastSeenAt: life.lastSeenAt, runCount: life.runCount, closedAt: life.closedAt,
            nextReminderAt: life.nextReminderAt)
    }
}

/// Incidents. All functions run in the caller's transaction.
enum IncidentTable {
    static func open(of connection: ConnectionID, _ db: Database) throws -> [IncidentRecord] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM incident WHERE connectionID = ? AND closedAt IS NULL ORDER BY sequence",
            arguments: [connection]
        ).map(record)
    }

    /// The open incident whose reminder has been due longest.
    static func dueForReminder(at now: Instant, _ db: Database) throws -> IncidentRecord? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM incident WHERE nextReminderAt <= ? AND closedAt IS NULL
                ORDER BY nextReminderAt, sequence LIMIT 1
                """, arguments: [now]
        ).map(record)
    }

    static func find(_ id: IncidentID, _ db: Database) throws -> IncidentRecord? {
        try Row.fetchOne(db, sql: "SELECT * FROM incident WHERE incidentID = ?", arguments: [id]).map(record)
    }

    static func list(_ request: ListIncidents, limit: Int, _ db: Database) throws -> [IncidentRecord] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM incident
                WHERE (?1 IS NULL OR merchantID = ?1) AND (?2 IS NULL OR connectionID = ?2)
                    AND (?3 = 0 OR closedAt IS NULL) AND (?4 IS NULL OR sequence < ?4)
                ORDER BY sequence DESC LIMIT ?5
                """,
            arguments: [
                request.merchantID, request.connectionID, request.onlyOpen ?? false, request.before, limit,
            ]
        ).map(record)
    }

    static func insert(
        _ id: IncidentID, _ kind: NoticeKind, _ life: IncidentLife, shownBy event: RunFinished, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO incident (incidentID, merchantID, connectionID, kind, reason, openedAt, lastSeenAt, runCount,
                    nextReminderAt, lastEvent, system)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, event.merchantID, event.connectionID, kind.rawValue, event.report.reason, life.openedAt,
                life.lastSeenAt, life.runCount, life.nextReminderAt, try JSON.encodeText(event),
                event.report.arguments["system"] ?? "",
            ])
        try note(event, showing: id, db)
    }

    /// The wall clock was set: reminders come as long after the mail as they would have.
    static func moveTimes(by step: Duration, openedBefore: Instant, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE incident SET nextReminderAt = nextReminderAt + ? WHERE closedAt IS NULL AND openedAt <= ?",
            arguments: [step.wholeMilliseconds, openedBefore])
    }

    static func update(_ id: IncidentID, _ life: IncidentLife, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE incident SET lastSeenAt = ?, runCount = ?, closedAt = ?, nextReminderAt = ? WHERE incidentID = ?
                """, arguments: [life.lastSeenAt, life.runCount, life.closedAt, life.nextReminderAt, id])
    }

    static func update(_ id: IncidentID, lastShownBy event: RunFinished, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE incident SET lastEvent = ? WHERE incidentID = ?", arguments: [try JSON.encodeText(event), id])
        try note(event, showing: id, db)
    }

    static func update(_ id: IncidentID, closedBy run: RunID, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE incident SET closedByRun = ? WHERE incidentID = ?", arguments: [run, id])
    }

    /// The runs that showed it, the newest first.
    static func runs(of id: IncidentID, limit: Int, _ db: Database) throws -> [RunID] {
        try RunID.fetchAll(
            db, sql: "SELECT runID FROM incidentRun WHERE incidentID = ? ORDER BY finishedAt DESC, rowid DESC LIMIT ?",
            arguments: [id, limit])
    }

    private static func note(_ event: RunFinished, showing id: IncidentID, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO incidentRun (incidentID, runID, finishedAt) VALUES (?, ?, ?)",
            arguments: [id, event.runID, event.finishedAt])
    }

    private static func record(_ row: Row) throws -> IncidentRecord {
        guard let kind = NoticeKind(rawValue: row["kind"]) else { throw storedWordUnknown(row["kind"]) }
        return IncidentRecord(
            incidentID: row["incidentID"], sequence: row["sequence"], merchantID: row["merchantID"],
            connectionID: row["connectionID"], kind: kind, reason: row["reason"],
            life: IncidentLife(
                openedAt: row["openedAt"], lastSeenAt: row["lastSeenAt"], runCount: row["runCount"],
                closedAt: row["closedAt"], nextReminderAt: row["nextReminderAt"]),
            lastEvent: try JSON.decode(RunFinished.self, from: row["lastEvent"] as String))
    }
}
