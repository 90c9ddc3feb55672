import GRDB
import Persistence

extension DatabaseMigrator {
    /// Which systems are the same outside system, and who feeds a target, without looking at all of them.
    mutating func registerAddresses() {
        registerMigration("scheduler-005-addresses") { db in
            try db.execute(sql: "ALTER TABLE system ADD COLUMN address TEXT NOT NULL DEFAULT ''")
            for row in try Row.fetchAll(db, sql: "SELECT id, baseURL FROM system") {
                let (id, baseURL): (String, String) = (row["id"], row["baseURL"])
                try db.execute(
                    sql: "UPDATE system SET address = ? WHERE id = ?",
                    arguments: [SystemRecord.address(of: baseURL), id])
            }
            try db.execute(
                sql: """
                    CREATE INDEX systemByAddress ON system (address);
                    CREATE INDEX connectionByTarget ON connection (targetID);
                    """)
        }
    }
}
