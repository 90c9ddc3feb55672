import GRDB

extension DatabaseMigrator {
    /// How runs ended, judged or not: the memory behind a connection's health.
    mutating func registerRuns() {
        registerMigration("003-runs") { db in
            try db.create(table: "run") { table in
                table.column("runID", .text).primaryKey()
                table.column("merchantID", .text).notNull()
                table.column("connectionID", .text).notNull()
                table.column("outcome", .text).notNull()
                table.column("verdict", .text)
                table.column("failure", .text)
                table.column("reason", .text).notNull()
                table.column("startedAt", .integer).notNull()
                table.column("finishedAt", .integer).notNull()
                table.column("read", .integer).notNull()
                table.column("expected", .integer)
            }
            try db.create(index: "runByConnection", on: "run", columns: ["connectionID", "finishedAt"])
        }
    }
}
