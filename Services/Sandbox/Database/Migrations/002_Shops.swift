import GRDB

extension DatabaseMigrator {
    /// Data sets of simulated webshops: live rows with the versions they belong to, and import sessions.
    mutating func registerShops() {
        registerMigration("002-shops") { db in
            try db.execute(
                sql: """
                    CREATE TABLE shopDataset (
                        ref INTEGER PRIMARY KEY,
                        system TEXT NOT NULL REFERENCES system (name) ON DELETE CASCADE,
                        name TEXT NOT NULL,
                        -- 0 until the first commit.
                        liveVersion INTEGER NOT NULL DEFAULT 0,
                        -- The highest number ever given, so that none is given twice after a rollback.
                        lastVersion INTEGER NOT NULL DEFAULT 0,
                        UNIQUE (system, name)
                    );

                    -- The live version and those it can be rolled back to.
                    CREATE TABLE shopVersion (
                        datasetRef INTEGER NOT NULL REFERENCES shopDataset (ref) ON DELETE CASCADE,
                        version INTEGER NOT NULL,
                        count INTEGER NOT NULL CHECK (count >= 0),
                        importID TEXT NOT NULL,
                        committedAt INTEGER NOT NULL,
                        PRIMARY KEY (datasetRef, version)
                    ) WITHOUT ROWID;

                    -- A row belongs to the versions from addedVersion up to, not including, removedVersion.
                    CREATE TABLE shopRow (
                        datasetRef INTEGER NOT NULL REFERENCES shopDataset (ref) ON DELETE CASCADE,
                        key TEXT NOT NULL,
                        addedVersion INTEGER NOT NULL,
                        removedVersion INTEGER CHECK (removedVersion > addedVersion),
                        changedAt INTEGER NOT NULL,
                        -- SHA-256 of body.
                        hash BLOB NOT NULL,
                        -- Canonical JSON of the row as it was sent.
                        body BLOB NOT NULL,
                        PRIMARY KEY (datasetRef, key, addedVersion)
                    ) WITHOUT ROWID;
                    CREATE INDEX shopRowRemoved ON shopRow (datasetRef, removedVersion)
                        WHERE removedVersion IS NOT NULL;

                    CREATE TABLE shopTombstone (
                        datasetRef INTEGER NOT NULL REFERENCES shopDataset (ref) ON DELETE CASCADE,
                        key TEXT NOT NULL,
                        deletedAt INTEGER NOT NULL,
                        PRIMARY KEY (datasetRef, key)
                    ) WITHOUT ROWID;

                    CREATE TABLE shopImport (
                        ref INTEGER PRIMARY KEY,
                        id TEXT NOT NULL UNIQUE,
                        datasetRef INTEGER NOT NULL REFERENCES shopDataset (ref) ON DELETE CASCADE,
                        mode TEXT NOT NULL CHECK (mode IN ('full', 'delta')),
                        state TEXT NOT NULL
                            CHECK (state IN ('open', 'committed', 'aborted', 'failed', 'expired')),
                        expectedCount INTEGER NOT NULL,
                        allowShrink INTEGER NOT NULL,
                        -- As the client sent it, JSON.
                        source TEXT NOT NULL,
                        connection TEXT,
                        runID TEXT,
                        fencingToken INTEGER,
                        stagedCount INTEGER NOT NULL DEFAULT 0,
                        rejectedCount INTEGER NOT NULL DEFAULT 0,
                        -- JSON array of at most 20.
                        firstErrors TEXT NOT NULL DEFAULT '[]',
                        -- The answer to its commit, JSON.
                        result TEXT,
                        createdAt INTEGER NOT NULL,
                        lastActivityAt INTEGER NOT NULL
                    );
                    CREATE UNIQUE INDEX shopImportOpen ON shopImport (datasetRef) WHERE state = 'open';

                    CREATE TABLE shopChunk (
                        importRef INTEGER NOT NULL REFERENCES shopImport (ref) ON DELETE CASCADE,
                        number INTEGER NOT NULL CHECK (number >= 1),
                        checksum TEXT NOT NULL,
                        -- The answer given, JSON.
                        answer TEXT NOT NULL,
                        PRIMARY KEY (importRef, number)
                    ) WITHOUT ROWID;

                    CREATE TABLE shopStagedRow (
                        importRef INTEGER NOT NULL REFERENCES shopImport (ref) ON DELETE CASCADE,
                        key TEXT NOT NULL,
                        chunk INTEGER NOT NULL,
                        position INTEGER NOT NULL,
                        isDeletion INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        body BLOB NOT NULL,
                        PRIMARY KEY (importRef, key, chunk, position)
                    ) WITHOUT ROWID;

                    -- The highest fencing token seen for a connection of the sender.
                    CREATE TABLE shopFence (
                        system TEXT NOT NULL REFERENCES system (name) ON DELETE CASCADE,
                        connection TEXT NOT NULL,
                        token INTEGER NOT NULL,
                        PRIMARY KEY (system, connection)
                    ) WITHOUT ROWID;

                    CREATE TABLE shopIdempotency (
                        system TEXT NOT NULL REFERENCES system (name) ON DELETE CASCADE,
                        key TEXT NOT NULL,
                        requestHash TEXT NOT NULL,
                        answer BLOB NOT NULL,
                        createdAt INTEGER NOT NULL,
                        PRIMARY KEY (system, key)
                    ) WITHOUT ROWID;
                    """)
        }
    }
}
