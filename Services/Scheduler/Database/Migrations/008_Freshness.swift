import GRDB

extension DatabaseMigrator {
    /// As of when a shop shows its source, what was told of it, and releases that were held again.
    mutating func registerFreshness() {
        registerMigration("scheduler-008-freshness") { db in
            try db.execute(
                sql: """
                    -- The source as it was then is what the shop has; NULL before the first run that tells.
                    ALTER TABLE connection ADD COLUMN asOf INTEGER;
                    -- The last run that was to publish the set and was held for more than had been agreed to.
                    ALTER TABLE heldRun ADD COLUMN heldAgainBy TEXT REFERENCES run (id);
                    -- Connections of which it was told that the shop shows an older state than was promised.
                    CREATE TABLE outdatedSet (
                        connectionID TEXT PRIMARY KEY NOT NULL REFERENCES connection (id),
                        toldAt INTEGER NOT NULL
                    ) STRICT;
                    """)
        }
    }
}
