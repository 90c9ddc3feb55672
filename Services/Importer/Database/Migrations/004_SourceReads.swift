import GRDB

extension DatabaseMigrator {
    /// Reads that are under way or were cut off, so that one that was can be gone on with.
    mutating func registerSourceReads() {
        registerMigration("004-source-reads") { db in
            try db.execute(
                sql: """
                    CREATE TABLE sourceRead (
                        runID TEXT NOT NULL PRIMARY KEY,
                        connectionID TEXT NOT NULL,
                        fencingToken INTEGER NOT NULL,
                        -- What it rests on, as JSON, from before its first page.
                        basis TEXT NOT NULL,
                        bootID TEXT NOT NULL,
                        -- When its process was last known to be at work on it, to a minute.
                        aliveAt INTEGER NOT NULL,
                        -- When a process after the one that read found it; NULL while that one is at work.
                        foundAt INTEGER,
                        -- The run its pages belong to since.
                        takenBy TEXT
                    ) STRICT;
                    CREATE INDEX sourceReadByConnection ON sourceRead(connectionID);
                    """)
        }
    }
}
