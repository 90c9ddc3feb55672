import GRDB

extension DatabaseMigrator {
    /// What people decide about publishing: freezes, held runs, and runs that are no imports.
    mutating func registerPublication() {
        registerMigration("scheduler-006-publication") { db in
            try db.execute(
                sql: """
                    -- NULL for an import.
                    ALTER TABLE run ADD COLUMN task TEXT;
                    -- The one importer that can carry it out, because it holds the set; NULL for any.
                    ALTER TABLE run ADD COLUMN onlyImporter TEXT;
                    CREATE INDEX runPublished ON run (connectionID, sequence) WHERE outcome = 'published';

                    CREATE TABLE freeze (
                        connectionID TEXT PRIMARY KEY NOT NULL REFERENCES connection (id),
                        cause TEXT NOT NULL CHECK (cause IN ('person', 'rollback')),
                        since INTEGER NOT NULL,
                        "by" TEXT NOT NULL,
                        reason TEXT NOT NULL
                    ) STRICT;

                    CREATE TABLE heldRun (
                        runID TEXT PRIMARY KEY NOT NULL REFERENCES run (id),
                        connectionID TEXT NOT NULL REFERENCES connection (id),
                        importer TEXT NOT NULL,
                        waitsUntil INTEGER NOT NULL,
                        decision TEXT CHECK (decision IN ('released', 'refused', 'superseded', 'expired')),
                        decidedAt INTEGER,
                        decidedBy TEXT,
                        reason TEXT,
                        releasedBy TEXT REFERENCES run (id),
                        CHECK ((decision IS NULL) = (decidedAt IS NULL)),
                        CHECK ((releasedBy IS NOT NULL) = (decision IS NOT NULL AND decision = 'released'))
                    ) STRICT;
                    -- Only the newest set of a connection waits.
                    CREATE UNIQUE INDEX heldRunWaitingOnce ON heldRun (connectionID) WHERE decision IS NULL;
                    CREATE INDEX heldRunWaiting ON heldRun (waitsUntil) WHERE decision IS NULL;
                    """)
        }
    }
}
