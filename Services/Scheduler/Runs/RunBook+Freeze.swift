import CoreTypes
import GRDB
import SchedulerAPI

extension RunBook {
    /// Stops publishing, or lets it go on. Schedules stay: imports are still fetched and judged.
    ///
    /// - Returns: Whether anything changed.
    func setFreeze(
        _ frozen: Bool, of connection: ConnectionRecord, cause: Freeze.Cause = .person, by person: String,
        reason: String, at now: Instant, _ db: Database
    ) throws -> Bool {
        let known = try FreezeRecord.find(connection.id, db)
        guard (known != nil) != frozen else { return false }
        if frozen {
            try FreezeRecord(connectionID: connection.id, cause: cause, since: now, by: person, reason: reason)
                .insert(db)
        } else {
            try known?.delete(db)
        }
        try ChangeRecord(
            frozen ? .publishingFrozen : .publishingUnfrozen, "\(connection.id)", of: connection.merchantID,
            by: person, at: now, reason: reason
        ).insert(db)
        return true
    }
}
