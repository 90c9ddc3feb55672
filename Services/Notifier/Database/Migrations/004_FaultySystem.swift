import GRDB

extension DatabaseMigrator {
    /// The same trouble with the other system of a connection is another incident.
    mutating func registerFaultySystem() {
        registerMigration("004-faulty-system") { db in
            try db.execute(
                sql: """
                    ALTER TABLE incident ADD COLUMN system TEXT NOT NULL DEFAULT '';
                    UPDATE incident SET system = coalesce(json_extract(lastEvent, '$.report.arguments.system'), '');
                    DROP INDEX openIncident;
                    CREATE UNIQUE INDEX openIncident ON incident (connectionID, reason, system) WHERE closedAt IS NULL;
                    """)
        }
    }
}
