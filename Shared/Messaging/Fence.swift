import CoreTypes
public import GRDB

/// Remembers the highest fencing token of a resource and refuses writes that carry a lower one.
public enum Fence {
    public static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("messaging-003-fence") { db in
            try db.create(table: "fence") { table in
                table.column("resource", .text).primaryKey()
                table.column("token", .integer).notNull()
            }
        }
    }

    /// Checks and remembers `token`, in the transaction of the write it protects.
    ///
    /// - Throws: `aborted` (`run_superseded`) when a higher token has been seen.
    public static func check(_ resource: String, token: Int64, _ db: Database) throws {
        let highest = try Int64.fetchOne(
            db,
            sql: """
                INSERT INTO fence (resource, token) VALUES (?, ?)
                ON CONFLICT (resource) DO UPDATE SET token = max(token, excluded.token) RETURNING token
                """, arguments: [resource, token])
        guard highest == token else {
            throw ServiceError(.aborted, reason: "run_superseded", references: ["resource": resource])
        }
    }
}
