import GRDB

extension DatabaseMigrator {
    /// Merchants, their systems and connections, switches, and who changed what. Instants are milliseconds since 1970.
    mutating func registerControlPlane() {
        registerMigration("scheduler-001-control-plane") { db in
            try db.execute(
                sql: """
                    CREATE TABLE merchant (
                        id TEXT PRIMARY KEY NOT NULL,
                        name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
                        number TEXT CHECK (length(number) BETWEEN 1 AND 40),
                        language TEXT NOT NULL,
                        timeZone TEXT NOT NULL,
                        createdAt INTEGER NOT NULL,
                        createdBy TEXT NOT NULL
                    ) STRICT;

                    CREATE TABLE system (
                        id TEXT PRIMARY KEY NOT NULL,
                        merchantID TEXT NOT NULL REFERENCES merchant (id),
                        name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
                        kind TEXT NOT NULL,
                        baseURL TEXT NOT NULL CHECK (baseURL LIKE 'https://%'),
                        options TEXT NOT NULL,
                        keyID TEXT NOT NULL,
                        encapsulatedKey TEXT NOT NULL,
                        ciphertext TEXT NOT NULL,
                        credentialsChangedAt INTEGER NOT NULL,
                        createdAt INTEGER NOT NULL,
                        createdBy TEXT NOT NULL,
                        UNIQUE (merchantID, name),
                        UNIQUE (id, merchantID)
                    ) STRICT;

                    CREATE TABLE connection (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        merchantID TEXT NOT NULL REFERENCES merchant (id),
                        label TEXT NOT NULL COLLATE NOCASE CHECK (length(label) BETWEEN 1 AND 210),
                        sourceID TEXT NOT NULL,
                        targetID TEXT NOT NULL,
                        settingsVersion INTEGER NOT NULL CHECK (settingsVersion >= 1),
                        scheduleKind TEXT NOT NULL CHECK (scheduleKind IN ('interval', 'cron', 'manual')),
                        everySeconds INTEGER CHECK (everySeconds >= 60),
                        cronExpression TEXT,
                        timeZone TEXT,
                        anchorAt INTEGER NOT NULL,
                        nextDueAt INTEGER,
                        fencingToken INTEGER NOT NULL DEFAULT 0 CHECK (fencingToken >= 0),
                        lastImporter TEXT,
                        lastPublishedAt INTEGER,
                        createdAt INTEGER NOT NULL,
                        createdBy TEXT NOT NULL,
                        UNIQUE (merchantID, label),
                        -- A connection joins systems of its own merchant, and not a system with itself.
                        FOREIGN KEY (sourceID, merchantID) REFERENCES system (id, merchantID),
                        FOREIGN KEY (targetID, merchantID) REFERENCES system (id, merchantID),
                        CHECK (sourceID <> targetID),
                        CHECK ((scheduleKind = 'interval') = (everySeconds IS NOT NULL)),
                        CHECK ((scheduleKind = 'cron') = (cronExpression IS NOT NULL AND timeZone IS NOT NULL)),
                        CHECK (scheduleKind <> 'manual' OR nextDueAt IS NULL)
                    ) STRICT;
                    CREATE INDEX connectionByDueTime ON connection (nextDueAt) WHERE nextDueAt IS NOT NULL;

                    CREATE TABLE connectionSettings (
                        connectionID TEXT NOT NULL REFERENCES connection (id),
                        version INTEGER NOT NULL CHECK (version >= 1),
                        settings TEXT NOT NULL,
                        changedBy TEXT NOT NULL,
                        changedAt INTEGER NOT NULL,
                        reason TEXT NOT NULL,
                        PRIMARY KEY (connectionID, version)
                    ) STRICT;

                    -- No row: never touched, on.
                    CREATE TABLE switch (
                        merchantID TEXT NOT NULL REFERENCES merchant (id),
                        level TEXT NOT NULL CHECK (level IN ('integration', 'module', 'connection')),
                        target TEXT NOT NULL,
                        isOn INTEGER NOT NULL CHECK (isOn IN (0, 1)),
                        changedBy TEXT NOT NULL,
                        changedAt INTEGER NOT NULL,
                        reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
                        PRIMARY KEY (merchantID, level, target),
                        CHECK ((level = 'integration') = (target = ''))
                    ) STRICT;

                    CREATE TABLE change (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                        merchantID TEXT NOT NULL REFERENCES merchant (id),
                        changedAt INTEGER NOT NULL,
                        changedBy TEXT NOT NULL,
                        what TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        reason TEXT NOT NULL
                    ) STRICT;
                    CREATE INDEX changeByMerchant ON change (merchantID, sequence);
                    -- What was written down stays written down.
                    CREATE TRIGGER changeIsNotEdited BEFORE UPDATE ON change
                        BEGIN SELECT RAISE(ABORT, 'a change is never edited'); END;
                    CREATE TRIGGER changeIsNotRemoved BEFORE DELETE ON change
                        BEGIN SELECT RAISE(ABORT, 'a change is never removed'); END;
                    """)
        }
    }
}
