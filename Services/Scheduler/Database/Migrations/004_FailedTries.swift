import GRDB

extension DatabaseMigrator {
    /// Connections whose runs fail badly one after the other, and the order in which runs are handed out.
    mutating func registerFailedTries() {
        registerMigration("scheduler-004-failed-tries") { db in
            try db.execute(
                sql: """
                    -- No row: the last try worked, or there was none.
                    CREATE TABLE failedTries (
                        connectionID TEXT PRIMARY KEY NOT NULL REFERENCES connection (id),
                        tries INTEGER NOT NULL CHECK (tries >= 1),
                        lastRunID TEXT NOT NULL REFERENCES run (id),
                        lastAt INTEGER NOT NULL,
                        retryAt INTEGER NOT NULL,
                        parkedAt INTEGER
                    ) STRICT;

                    -- When its turn comes: the scheduled time, or when it was queued; later for what failed before.
                    ALTER TABLE run ADD COLUMN turnAt INTEGER NOT NULL DEFAULT 0;
                    UPDATE run SET turnAt = coalesce(dueAt, queuedAt) WHERE state = 'queued';
                    CREATE INDEX runByTurn ON run (turnAt) WHERE state = 'queued';
                    CREATE INDEX runInHandByMerchant ON run (merchantID) WHERE state IN ('running', 'cancelling');
                    """)
        }
    }
}
