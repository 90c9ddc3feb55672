import GRDB

extension DatabaseMigrator {
    /// Outgoing mails, one row per recipient. `cause` is what the mail is about; the same cause and address are one mail.
    mutating func registerMessages() {
        registerMigration("003-messages") { db in
            try db.create(table: "message") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("messageID", .text).notNull().unique()
                table.column("merchantID", .text).notNull().indexed()
                table.column("incidentID", .text).indexed()
                table.column("purpose", .text).notNull()
                table.column("cause", .text).notNull()
                // The success a recovery mail tells of; it goes out only after a mail about what the success closed.
                table.column("closedByRun", .text)
                table.column("inReplyTo", .text)
                table.column("address", .text).notNull()
                table.column("language", .text).notNull()
                table.column("subject", .text).notNull()
                table.column("text", .text).notNull()
                table.column("missingItems", .text)
                table.column("state", .text).notNull()
                    .check { ["queued", "sending", "accepted", "retrying", "parked"].contains($0) }
                table.column("createdAt", .integer).notNull()
                table.column("attempts", .integer).notNull()
                table.column("firstAttemptAt", .integer)
                table.column("nextAttemptAt", .integer)
                table.column("acceptedAt", .integer)
                table.column("lastError", .text)
                table.uniqueKey(["cause", "address"])
            }
            try db.create(index: "messageDue", on: "message", columns: ["state", "nextAttemptAt"])
        }
    }
}
