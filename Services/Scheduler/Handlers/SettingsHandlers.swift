import GRDB
import Persistence
import RPC
import SchedulerAPI

struct SettingsHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func list(_ request: ListSettings, _ context: CallContext) async throws -> ListSettings.Response {
        let limit = request.limit ?? 20
        guard (1...50).contains(limit) else { throw SchedulerFault.outOfRange(field: "limit", from: 1, to: 50) }
        return try await dispatch.database.read { db in
            _ = try ConnectionRecord.find(request.connectionID, db)
            let records = try ConnectionSettingsRecord.fetchAll(
                db,
                sql: """
                    SELECT * FROM connectionSettings WHERE connectionID = :connection
                        AND (:version IS NULL OR version = :version) AND (:before IS NULL OR version < :before)
                    ORDER BY version DESC LIMIT :limit
                    """,
                arguments: [
                    "connection": request.connectionID, "version": request.version, "before": request.before,
                    "limit": limit,
                ])
            return ListSettings.Response(versions: records.map(SettingsVersion.init))
        }
    }
}

extension SettingsVersion {
    fileprivate init(_ record: ConnectionSettingsRecord) {
        self.init(
            version: record.version, settings: record.settings, changedBy: record.changedBy,
            changedAt: record.changedAt, reason: record.reason)
    }
}
