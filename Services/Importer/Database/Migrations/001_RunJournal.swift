import GRDB

extension DatabaseMigrator {
    /// The runs in hand, so that a restart knows what the process before it had begun.
    mutating func registerRunJournal() {
        registerMigration("001-run-journal") { db in
            try db.create(table: "runJournal") { table in
                table.column("runID", .text).primaryKey()
                table.column("connectionID", .text).notNull().indexed()
                table.column("fencingToken", .integer).notNull()
                // The claim as JSON; its credentials are still sealed.
                table.column("claim", .text).notNull()
                table.column("step", .text).notNull()
                    .check(sql: "step IN ('reading', 'uploading', 'committing', 'committed', 'ended', 'held')")
                // Upload sessions at the shop, as a JSON array.
                table.column("sessions", .text).notNull().defaults(to: "[]")
                // What the commit will make live, as JSON; set together with the step 'committing'.
                table.column("commitment", .text)
                // The report to deliver, as JSON; set together with the step 'ended'.
                table.column("report", .text)
                // A staging file is only trusted within the boot that wrote it.
                table.column("bootID", .text).notNull()
                table.column("claimedAt", .integer).notNull()
                table.column("updatedAt", .integer).notNull()
                table.check(sql: "step NOT IN ('committing', 'committed') OR commitment IS NOT NULL")
                table.check(sql: "step <> 'ended' OR report IS NOT NULL")
            }
        }
    }
}
