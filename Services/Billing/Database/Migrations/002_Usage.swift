import GRDB

extension DatabaseMigrator {
    /// What was used, one row per thing that is metered; a run is counted once by the unique key.
    mutating func registerUsage() {
        registerMigration("002-usage") { db in
            try db.create(table: "usageEvent") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("kind", .text).notNull()
                table.column("runID", .text).notNull()
                table.column("merchantID", .text).notNull()
                table.column("connectionID", .text).notNull()
                table.column("outcome", .text).notNull()
                table.column("happenedAt", .integer).notNull()
                // The month it is billed in, as 2026-03.
                table.column("month", .text).notNull()
                table.column("quantity", .integer).notNull().check { $0 > 0 }
                table.column("amountMinorUnits", .integer).notNull()
                table.column("currency", .text).notNull()
                table.uniqueKey(["kind", "runID"])
            }
            try db.create(
                index: "usageByMerchant", on: "usageEvent", columns: ["merchantID", "month", "sequence"])
        }
    }
}
