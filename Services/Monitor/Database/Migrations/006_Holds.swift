import GRDB

extension DatabaseMigrator {
    /// What holds a judged run, what shadow mode let pass, and who agreed to publish in spite of it.
    mutating func registerHolds() {
        registerMigration("006-holds") { db in
            try db.alter(table: "verdict") { table in
                // The held run that this one publishes.
                table.add(column: "releases", .text)
                // JSON lists of kinds, NULL for none.
                table.add(column: "holds", .text)
                // What the verdict would have been, its reason, and the kinds of holds.
                table.add(column: "shadowVerdict", .text)
                table.add(column: "shadowReason", .text)
                table.add(column: "shadowHolds", .text)
            }
            try db.execute(
                sql: """
                    CREATE INDEX verdictInShadow ON verdict (connectionID, sequence) WHERE shadowVerdict IS NOT NULL
                    """)
            try db.execute(sql: "CREATE INDEX verdictByRelease ON verdict (releases) WHERE releases IS NOT NULL")
            try db.create(table: "approval") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("runID", .text).notNull()
                table.column("merchantID", .text).notNull()
                table.column("connectionID", .text).notNull()
                table.column("approvedAt", .integer).notNull()
                table.column("expiresAt", .integer).notNull()
                table.column("approval", .text).notNull()
                table.column("body", .text).notNull()
                table.column("signature", .text).notNull()
                table.column("keyID", .text).notNull()
            }
            try db.create(index: "approvalByRun", on: "approval", columns: ["runID", "sequence"])
        }
    }
}
