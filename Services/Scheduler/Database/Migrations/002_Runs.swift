import GRDB

extension DatabaseMigrator {
    /// Runs, with what must never happen written as indexes and checks.
    mutating func registerRuns() {
        registerMigration("scheduler-002-runs") { db in
            try db.execute(
                sql: """
                    CREATE TABLE run (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        merchantID TEXT NOT NULL REFERENCES merchant (id),
                        connectionID TEXT NOT NULL REFERENCES connection (id),
                        modules TEXT NOT NULL,
                        trigger TEXT NOT NULL CHECK (trigger IN ('schedule', 'manual', 'afterLoss')),
                        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'cancelling', 'finished', 'skipped')),
                        outcome TEXT,
                        reason TEXT,
                        dueAt INTEGER,
                        lateMs INTEGER CHECK (lateMs >= 0),
                        queuedAt INTEGER NOT NULL,
                        startedAt INTEGER,
                        finishedAt INTEGER,
                        startedBy TEXT,
                        startReason TEXT,
                        isOverridden INTEGER NOT NULL DEFAULT 0 CHECK (isOverridden IN (0, 1)),
                        fencingToken INTEGER,
                        leaseOwner TEXT,
                        leaseEndsAt INTEGER,
                        claimID TEXT,
                        cancelBy TEXT,
                        cancelAt INTEGER,
                        cancelReason TEXT,
                        progress TEXT,
                        report TEXT,
                        replaces TEXT UNIQUE REFERENCES run (id),
                        traceparent TEXT NOT NULL,
                        CHECK ((state = 'finished') = (outcome IS NOT NULL)),
                        CHECK ((state = 'finished') = (report IS NOT NULL)),
                        CHECK ((state IN ('finished', 'skipped')) = (finishedAt IS NOT NULL)),
                        CHECK ((state IN ('running', 'cancelling')) = (leaseEndsAt IS NOT NULL)),
                        CHECK (state NOT IN ('running', 'cancelling')
                            OR (fencingToken IS NOT NULL AND leaseOwner IS NOT NULL AND startedAt IS NOT NULL)),
                        CHECK (state <> 'skipped' OR (reason IS NOT NULL AND startedAt IS NULL)),
                        CHECK (trigger <> 'manual' OR (startedBy IS NOT NULL AND startReason IS NOT NULL)),
                        CHECK (isOverridden = 0 OR startReason IS NOT NULL),
                        CHECK ((trigger = 'schedule') = (dueAt IS NOT NULL)),
                        CHECK ((trigger = 'afterLoss') = (replaces IS NOT NULL))
                    ) STRICT;
                    -- One run of a connection at a time.
                    CREATE UNIQUE INDEX runActiveOnce ON run (connectionID)
                        WHERE state IN ('queued', 'running', 'cancelling');
                    -- One scheduled time, one run.
                    CREATE UNIQUE INDEX runDueOnce ON run (connectionID, dueAt) WHERE dueAt IS NOT NULL;
                    -- A claim sent again finds its run.
                    CREATE UNIQUE INDEX runClaimOnce ON run (leaseOwner, claimID) WHERE claimID IS NOT NULL;
                    CREATE INDEX runByConnection ON run (connectionID, sequence);
                    CREATE INDEX runByMerchant ON run (merchantID, sequence);
                    CREATE INDEX runActive ON run (state, queuedAt) WHERE state IN ('queued', 'running', 'cancelling');
                    """)
        }
    }
}
