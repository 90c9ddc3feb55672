import CoreTypes
import GRDB
import MonitorAPI
import Persistence

extension MonitorDatabase {
    /// Switches monitoring of a connection; nothing is written when it is so already.
    func setMonitoring(
        _ isOn: Bool, of connection: ConnectionID, by person: String, because reason: String, at now: Instant,
        _ crashPoints: CrashPoints
    ) async throws -> MonitoringPolicy {
        try await write(.setMonitoring, crashPoints) { db in
            if try Self.isMonitored(connection, db) != isOn {
                try db.execute(
                    sql: """
                        INSERT INTO policyChange (connectionID, isOn, changedAt, changedBy, reason)
                        VALUES (?, ?, ?, ?, ?)
                        """, arguments: [connection, isOn, now, person, reason])
            }
            return try Self.policy(of: connection, db)
        }
    }

    func policy(of connection: ConnectionID) async throws -> MonitoringPolicy {
        try await database.read { db in try Self.policy(of: connection, db) }
    }

    /// The product's promise is the check, so a connection that nobody has touched is monitored.
    static func isMonitored(_ connection: ConnectionID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT isOn FROM policyChange WHERE connectionID = ? ORDER BY sequence DESC LIMIT 1",
            arguments: [connection]) ?? true
    }

    private static func policy(of connection: ConnectionID, _ db: Database) throws -> MonitoringPolicy {
        let history = try Row.fetchAll(
            db,
            sql: """
                SELECT isOn, changedAt, changedBy, reason FROM policyChange WHERE connectionID = ?
                ORDER BY sequence DESC LIMIT 200
                """, arguments: [connection]
        ).map { row in
            MonitoringChange(
                on: row["isOn"], changedAt: row["changedAt"], changedBy: row["changedBy"], reason: row["reason"])
        }
        return MonitoringPolicy(connectionID: connection, on: history.first?.on ?? true, history: history)
    }
}
