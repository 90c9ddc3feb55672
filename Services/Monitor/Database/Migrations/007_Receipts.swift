import GRDB

extension DatabaseMigrator {
    /// The signed receipts, one chain for each connection; a run has one at most.
    mutating func registerReceipts() {
        registerMigration("007-receipts") { db in
            try db.create(table: "receipt") { table in
                table.column("connectionID", .text).notNull()
                table.column("number", .integer).notNull()
                table.column("runID", .text).notNull().unique()
                table.column("merchantID", .text).notNull()
                table.column("outcome", .text).notNull()
                table.column("madeAt", .integer).notNull()
                table.column("line", .text).notNull()
                table.column("digest", .text).notNull()
                table.primaryKey(["connectionID", "number"])
            }
            try db.create(index: "receiptByTime", on: "receipt", columns: ["connectionID", "madeAt"])
        }
    }
}
