import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `switch`: one that somebody has touched.
struct SwitchRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "switch"

    var merchantID: MerchantID
    var level: SwitchLevel
    /// Empty, the module's name or the connection's id, by level.
    var target: String
    var isOn: Bool
    var changedBy: String
    var changedAt: Instant
    var reason: String

    static func integration(of merchant: MerchantID, _ db: Database) throws -> SwitchRecord? {
        try find(merchant, .integration, "", db)
    }

    static func find(
        _ merchant: MerchantID, _ level: SwitchLevel, _ target: String, _ db: Database
    ) throws -> SwitchRecord? {
        try fetchOne(
            db, sql: "SELECT * FROM switch WHERE merchantID = ? AND level = ? AND target = ?",
            arguments: [merchant, level.rawValue, target])
    }

    var state: SwitchState {
        SwitchState(
            level: level, module: level == .module ? Module(rawValue: target) : nil,
            connectionID: level == .connection ? ConnectionID(target) : nil, isOn: isOn, changedBy: changedBy,
            changedAt: changedAt, reason: reason)
    }
}

extension Gate {
    /// What bears on a connection.
    init(of connection: ConnectionRecord, _ db: Database) throws {
        integration = try SwitchRecord.integration(of: connection.merchantID, db)
        self.connection = try SwitchRecord.find(connection.merchantID, .connection, "\(connection.id)", db)
        for module in Module.allCases {
            modules[module] = try SwitchRecord.find(connection.merchantID, .module, module.rawValue, db)
        }
        if let tries = try FailedTriesRecord.find(connection.id, db), tries.parkedAt != nil { parked = tries }
    }
}
