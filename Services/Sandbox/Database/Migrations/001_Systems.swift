import GRDB

extension DatabaseMigrator {
    /// The simulated systems, their misbehaviour, and what differs from the catalogue their seed makes.
    mutating func registerSystems() {
        registerMigration("001-systems") { db in
            try db.execute(
                sql: """
                    CREATE TABLE system (
                        name TEXT PRIMARY KEY NOT NULL,
                        -- The request that made it, as JSON.
                        definition TEXT NOT NULL,
                        createdAt INTEGER NOT NULL
                    ) WITHOUT ROWID;

                    -- `place` is a system's name or 'mailbox'.
                    CREATE TABLE fault (
                        place TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        -- The active fault as JSON.
                        body TEXT NOT NULL,
                        PRIMARY KEY (place, kind)
                    ) WITHOUT ROWID;

                    CREATE TABLE changedItem (
                        system TEXT NOT NULL REFERENCES system (name) ON DELETE CASCADE,
                        code TEXT NOT NULL,
                        -- The item as JSON; NULL when it was deleted.
                        body TEXT,
                        PRIMARY KEY (system, code)
                    ) WITHOUT ROWID;
                    """)
        }
    }
}
