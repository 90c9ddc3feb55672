import GRDB

extension DatabaseMigrator {
    /// The plans a merchant has had; the newest one is in force.
    mutating func registerPlans() {
        registerMigration("001-plans") { db in
            try db.create(table: "plan") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("merchantID", .text).notNull()
                table.column("name", .text).notNull()
                table.column("feeMinorUnits", .integer).notNull().check { $0 >= 0 }
                table.column("currency", .text).notNull()
                table.column("validFrom", .integer).notNull()
                table.column("changedBy", .text).notNull()
                table.column("reason", .text).notNull()
            }
            try db.create(index: "planByMerchant", on: "plan", columns: ["merchantID", "sequence"])
        }
    }
}
