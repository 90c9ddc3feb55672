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
        try ConnectionRecord.fetchAll(
            db,
            sql: """
                SELECT connection.* FROM system JOIN connection ON connection.targetID = system.id
                WHERE (system.address = ? OR system.id = ?) AND connection.id != ? ORDER BY connection.sequence
                """, arguments: [target.address, target.id, connection.id])
    }
}
