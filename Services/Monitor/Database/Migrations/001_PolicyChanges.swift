import GRDB

extension DatabaseMigrator {
    /// Every change of a connection's monitoring switch; the newest one holds. A connection without rows is monitored.
    mutating func registerPolicyChanges() {
        registerMigration("001-policy-changes") { db in
            try db.create(table: "policyChange") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("connectionID", .text).notNull()
                table.column("isOn", .boolean).notNull()
                table.column("changedAt", .integer).notNull()
                table.column("changedBy", .text).notNull()
                table.column("reason", .text).notNull()
            }
            try db.create(index: "policyChangeByConnection", on: "policyChange", columns: ["connectionID", "sequence"])
        }
    }
}
