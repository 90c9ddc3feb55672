import GRDB

extension DatabaseMigrator {
    /// Who had a connection last, and the highest token of anybody else.
    mutating func registerClaimants() {
        registerMigration("scheduler-009-claimants") { db in
            try db.execute(
                sql: """
                    ALTER TABLE connection ADD COLUMN lastClaimant TEXT;
                    ALTER TABLE connection ADD COLUMN othersToken INTEGER NOT NULL DEFAULT 0;
                    UPDATE connection SET lastClaimant = (SELECT leaseOwner FROM run
                        WHERE run.connectionID = connection.id AND fencingToken IS NOT NULL AND leaseOwner IS NOT NULL
                        ORDER BY run.sequence DESC LIMIT 1);
                    UPDATE connection SET othersToken = coalesce((SELECT max(run.fencingToken) FROM run
                        WHERE run.connectionID = connection.id AND leaseOwner != lastClaimant), 0);
                    """)
        }
    }
}
