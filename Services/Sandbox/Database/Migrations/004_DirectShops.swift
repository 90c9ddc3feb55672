import GRDB

extension DatabaseMigrator {
    /// Shops without staging: one row for each that is live.
    mutating func registerDirectShops() {
        registerMigration("004-direct-shops") { db in
            try db.execute(
                sql: """
                    -- The last revision given; each write of a row takes the next.
                    CREATE TABLE directShop (
                        system TEXT PRIMARY KEY REFERENCES system (name) ON DELETE CASCADE,
                        revision INTEGER NOT NULL
                    ) WITHOUT ROWID;

                    CREATE TABLE directRow (
                        system TEXT NOT NULL REFERENCES system (name) ON DELETE CASCADE,
                        dataset TEXT NOT NULL,
                        key TEXT NOT NULL,
                        revision INTEGER NOT NULL,
                        changedAt INTEGER NOT NULL,
                        -- SHA-256 of body.
                        hash BLOB NOT NULL,
                        -- Canonical JSON of the row.
                        body BLOB NOT NULL,
                        PRIMARY KEY (system, dataset, key)
                    ) WITHOUT ROWID;
                    CREATE INDEX directRowByRevision ON directRow (system, dataset, revision);
                    """)
        }
    }
}
