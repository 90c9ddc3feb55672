import GRDB

extension DatabaseMigrator {
    /// What was judged, with the evidence as it came and the signed text as it went out.
    ///
    /// One verdict per read of a claim: a second one with other figures is refused by the unique key.
    mutating func registerVerdicts() {
        registerMigration("002-verdicts") { db in
            try db.create(table: "verdict") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("runID", .text).notNull()
                table.column("fencingToken", .integer).notNull()
                table.column("attempt", .integer).notNull()
                table.column("merchantID", .text).notNull()
                table.column("connectionID", .text).notNull()
                table.column("verdict", .text).notNull()
                table.column("reason", .text).notNull()
                table.column("judgedAt", .integer).notNull()
                table.column("countBefore", .integer)
                table.column("countAfter", .integer)
                table.column("rowsRead", .integer).notNull()
                table.column("distinctKeys", .integer).notNull()
                table.column("missingCount", .integer).notNull()
                table.column("evidence", .text).notNull()
                table.column("body", .text).notNull()
                table.column("signature", .text).notNull()
                table.column("keyID", .text).notNull()
                table.uniqueKey(["runID", "fencingToken", "attempt"])
            }
            try db.create(index: "verdictByConnection", on: "verdict", columns: ["connectionID", "sequence"])
        }
    }
}
