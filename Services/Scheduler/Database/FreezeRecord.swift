import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `freeze`: a connection of which nothing is published.
struct FreezeRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "freeze"

    var connectionID: ConnectionID
    var cause: Freeze.Cause
    var since: Instant
    var by: String
    var reason: String

    static func find(_ connection: ConnectionID, _ db: Database) throws -> FreezeRecord? {
        try fetchOne(db, sql: "SELECT * FROM freeze WHERE connectionID = ?", arguments: [connection])
    }

    var freeze: Freeze { Freeze(cause: cause, since: since, by: by, reason: reason) }
}
