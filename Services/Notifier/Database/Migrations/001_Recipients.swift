import GRDB

extension DatabaseMigrator {
    /// Address lists, and who changed them. A merchant without rows in `recipient` has no list yet.
    mutating func registerRecipients() {
        registerMigration("001-recipients") { db in
            try db.create(table: "merchant") { table in
                table.column("merchantID", .text).primaryKey()
                table.column("name", .text).notNull()
            }
            try db.create(table: "recipient") { table in
                table.column("merchantID", .text).notNull()
                table.column("address", .text).notNull()
                table.column("language", .text).notNull()
                // JSON arrays; NULL for all.
                table.column("connectionIDs", .text)
                table.column("kinds", .text)
                table.column("isSupport", .boolean).notNull()
                table.column("addedAt", .integer).notNull()
                table.column("addedBy", .text).notNull()
                table.column("reason", .text).notNull()
                table.primaryKey(["merchantID", "address"])
            }
            try db.create(table: "recipientChange") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("merchantID", .text).notNull().indexed()
                table.column("change", .text).notNull()
                table.column("address", .text).notNull()
                table.column("changedAt", .integer).notNull()
                table.column("changedBy", .text).notNull()
                table.column("reason", .text).notNull()
            }
        }
    }
}
