import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `change`: who did what, when and why. Rows are added, never edited.
struct ChangeRecord: Codable, Sendable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "change"

    enum Kind: String, Codable, Sendable {
        case merchantCreated = "merchant_created"
        case systemCreated = "system_created"
        case systemUpdated = "system_updated"
        case connectionCreated = "connection_created"
        case connectionUpdated = "connection_updated"
        case switchedOn = "switched_on"
        case switchedOff = "switched_off"
        case runStarted = "run_started"
        case runStartedWithOverride = "run_started_with_override"
        case runCancelled = "run_cancelled"
        case runReleased = "run_released"
        case runRefused = "run_refused"
        case rolledBack = "rolled_back"
        case publishingFrozen = "publishing_frozen"
        case publishingUnfrozen = "publishing_unfrozen"
        case connectionParked = "connection_parked"
        case connectionReleased = "connection_released"
        case scheduleRepaired = "schedule_repaired"
    }

    var sequence: Int64?
    var merchantID: MerchantID
    var changedAt: Instant
    var changedBy: String
    var what: Kind
    var subject: String
    var reason: String

    init(_ what: Kind, _ subject: String, of merchant: MerchantID, by: String, at: Instant, reason: String = "") {
        merchantID = merchant
        changedAt = at
        changedBy = by
        self.what = what
        self.subject = subject
        self.reason = reason
    }

    static func newest(of merchant: MerchantID, limit: Int, _ db: Database) throws -> [Change] {
        try fetchAll(
            db, sql: "SELECT * FROM change WHERE merchantID = ? ORDER BY sequence DESC LIMIT ?",
            arguments: [merchant, limit]
        ).map {
            Change(at: $0.changedAt, by: $0.changedBy, what: $0.what.rawValue, subject: $0.subject, reason: $0.reason)
        }
    }
}
