import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `failedTries`: a connection whose last runs failed badly, one after the other.
struct FailedTriesRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "failedTries"

    var connectionID: ConnectionID
    /// In a row.
    var tries: Int
    var lastRunID: RunID
    var lastAt: Instant
    /// Not started by itself before.
    var retryAt: Instant
    /// Nothing starts any more, until a person releases it.
    var parkedAt: Instant?

    static func find(_ connection: ConnectionID, _ db: Database) throws -> FailedTriesRecord? {
        try fetchOne(db, sql: "SELECT * FROM failedTries WHERE connectionID = ?", arguments: [connection])
    }

    static func parkedCount(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM failedTries WHERE parkedAt IS NOT NULL") ?? 0
    }

    /// nil while the connection is only tried again.
    var parking: Parking? {
        parkedAt.map { Parking(since: $0, tries: tries, lastRunID: lastRunID) }
    }
}
