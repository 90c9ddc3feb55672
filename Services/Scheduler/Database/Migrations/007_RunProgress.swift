import GRDB

extension DatabaseMigrator {
    /// What a run's watchers were or would have been shown, by number, so that whoever lost the line can go on from there.
    mutating func registerRunProgress() {
        registerMigration("scheduler-007-run-progress") { db in
            try db.execute(
                sql: """
                    CREATE TABLE runProgress (
                        runID TEXT NOT NULL REFERENCES run (id),
                        number INTEGER NOT NULL CHECK (number >= 1),
                        state TEXT NOT NULL,
                        outcome TEXT,
                        progress TEXT NOT NULL,
                        leaseOwner TEXT,
                        PRIMARY KEY (runID, number)
                    ) STRICT, WITHOUT ROWID;
                    -- The highest number there was, once the rows above are gone.
                    ALTER TABLE run ADD COLUMN progressNumber INTEGER;
                    """)
        }
    }
}
