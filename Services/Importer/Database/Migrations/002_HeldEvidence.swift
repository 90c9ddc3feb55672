import GRDB

extension DatabaseMigrator {
    /// What was seen is kept with a set that waits to be released.
    mutating func registerHeldEvidence() {
        registerMigration("002-held-evidence") { db in
            try db.alter(table: "runJournal") { table in
                // As JSON; set together with the step 'ended' of a run that is held.
                table.add(column: "evidence", .text)
            }
        }
    }
}
