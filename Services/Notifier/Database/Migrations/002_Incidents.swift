import GRDB

extension DatabaseMigrator {
    /// Incidents with the last run that showed each. A connection has at most one open incident per reason, and since 004 per faulty system.
    mutating func registerIncidents() {
        registerMigration("002-incidents") { db in
            try db.create(table: "incident") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("incidentID", .text).notNull().unique()
                table.column("merchantID", .text).notNull().indexed()
                table.column("connectionID", .text).notNull().indexed()
                table.column("kind", .text).notNull()
                table.column("reason", .text).notNull()
                table.column("openedAt", .integer).notNull()
                table.column("lastSeenAt", .integer).notNull()
                table.column("runCount", .integer).notNull()
                table.column("closedAt", .integer)
                table.column("closedByRun", .text)
                table.column("nextReminderAt", .integer)
                // The RunFinished event of the last run that showed it, as JSON.
                table.column("lastEvent", .text).notNull()
            }
            try db.create(
                index: "openIncident", on: "incident", columns: ["connectionID", "reason"], options: .unique,
                condition: Column("closedAt") == nil)
            try db.create(index: "incidentReminder", on: "incident", columns: ["nextReminderAt"])
            try db.create(table: "incidentRun") { table in
                table.column("incidentID", .text).notNull()
                table.column("runID", .text).notNull()
                table.column("finishedAt", .integer).notNull()
                table.primaryKey(["incidentID", "runID"])
            }
        }
    }
}
