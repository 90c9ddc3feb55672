import GRDB

extension DatabaseMigrator {
    /// The rules beside the switch: each change is a version of the connection's policy.
    mutating func registerPolicyRules() {
        registerMigration("005-policy-rules") { db in
            try db.alter(table: "policyChange") { table in
                // Counts the changes of one connection, from 1.
                table.add(column: "version", .integer)
                // JSON of the rules; NULL for a change made when there was only the switch.
                table.add(column: "rules", .text)
                // The version that last changed the list of must-have items.
                table.add(column: "mustHaveVersion", .integer).notNull().defaults(to: 0)
            }
            try db.execute(
                sql: """
                    UPDATE policyChange SET version = (SELECT count(*) FROM policyChange AS earlier
                        WHERE earlier.connectionID = policyChange.connectionID
                            AND earlier.sequence <= policyChange.sequence)
                    """)
            try db.create(
                index: "policyChangeByVersion", on: "policyChange", columns: ["connectionID", "version"],
                options: .unique)
        }
    }
}
