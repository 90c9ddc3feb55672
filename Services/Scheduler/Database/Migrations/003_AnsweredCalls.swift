import GRDB

extension DatabaseMigrator {
    /// Answers to calls that carried an idempotency key, kept for 72 hours.
    mutating func registerAnsweredCalls() {
        registerMigration("scheduler-003-answered-calls") { db in
            try db.execute(
                sql: """
                    CREATE TABLE answeredCall (
                        caller TEXT NOT NULL,
                        method TEXT NOT NULL,
                        key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
                        request TEXT NOT NULL,
                        response TEXT NOT NULL,
                        answeredAt INTEGER NOT NULL,
                        PRIMARY KEY (caller, method, key)
                    ) STRICT;
                    CREATE INDEX answeredCallByAge ON answeredCall (answeredAt);
                    """)
        }
    }
}
