import GRDB
import SchedulerAPI

/// Sees to it that a module of a shop is fed by one connection only: two would take each other's items for gone.
struct TargetUse {
    let target: SystemRecord
    let connection: ConnectionRecord

    init(of target: SystemRecord, by connection: ConnectionRecord) {
        self.target = target
        self.connection = connection
    }

    /// - Throws: ``SchedulerFault/targetAlreadyFed(by:modules:)`` or, when the other connection is another merchant's,
    ///   ``SchedulerFault/targetFedElsewhere``, which tells nothing of it.
    func check(_ modules: [Module], _ db: Database) throws {
        var isFedElsewhere = false
        for other in try others(db) {
            let fed = try ConnectionSettingsRecord.current(of: other, db).settings.modules.filter(modules.contains)
            if fed.isEmpty { continue }
            guard other.merchantID != connection.merchantID else {
                throw SchedulerFault.targetAlreadyFed(by: other.label, modules: fed)
            }
            isFedElsewhere = true
        }
        if isFedElsewhere { throw SchedulerFault.targetFedElsewhere }
    }

    /// Checks every connection that feeds a system whose address is about to change.
    static func check(all target: SystemRecord, _ db: Database) throws {
        let feeding = try ConnectionRecord.fetchAll(
            db, sql: "SELECT * FROM connection WHERE targetID = ? ORDER BY sequence", arguments: [target.id])
        for connection in feeding {
            let modules = try ConnectionSettingsRecord.current(of: connection, db).settings.modules
            try TargetUse(of: target, by: connection).check(modules, db)
        }
    }

    /// The other connections whose target has the same address, whichever row of `system` it stands in.
    private func others(_ db: Database) throws -> [ConnectionRecord] {
        let address = Self.address(target.baseURL)
        let targets = try SystemRecord.fetchAll(
            db, sql: "SELECT * FROM system WHERE id IN (SELECT targetID FROM connection)")
        return try targets.filter { $0.id == target.id || Self.address($0.baseURL) == address }.flatMap { system in
            try ConnectionRecord.fetchAll(
                db, sql: "SELECT * FROM connection WHERE targetID = ? AND id != ? ORDER BY sequence",
                arguments: [system.id, connection.id])
        }
    }

    /// A base URL as the network takes it: the host without case, no port where it is the usual one.
    private static func address(_ baseURL: String) -> String {
        let rest = baseURL.dropFirst("https://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        return (authority.hasSuffix(":443") ? String(authority.dropLast(":443".count)) : authority) + rest[slash...]
    }
}
