import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `heldRun`: a run whose set is, or was, kept for a person to decide.
struct HeldRunRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "heldRun"

    var runID: RunID
    var connectionID: ConnectionID
    /// The importer that has the set.
    var importer: String
    var waitsUntil: Instant
    /// nil while it waits.
    var decision: HeldState.Decision?
    var decidedAt: Instant?
    var decidedBy: String?
    var reason: String?
    /// The run that publishes it.
    var releasedBy: RunID?
    /// The last run that was to publish it and was held for more than had been agreed to.
    var heldAgainBy: RunID?

    static func find(_ run: RunID, _ db: Database) throws -> HeldRunRecord? {
        try fetchOne(db, sql: "SELECT * FROM heldRun WHERE runID = ?", arguments: [run])
    }

    static func waiting(of connection: ConnectionID, _ db: Database) throws -> HeldRunRecord? {
        try fetchOne(
            db, sql: "SELECT * FROM heldRun WHERE connectionID = ? AND decision IS NULL", arguments: [connection])
    }

    static func waitingTooLong(at now: Instant, _ db: Database) throws -> [HeldRunRecord] {
        try fetchAll(db, sql: "SELECT * FROM heldRun WHERE decision IS NULL AND waitsUntil <= ?", arguments: [now])
    }

    mutating func decide(
        _ decision: HeldState.Decision, by person: String, reason: String, releasedBy: RunID? = nil, at now: Instant,
        _ db: Database
    ) throws {
        self.decision = decision
        decidedAt = now
        decidedBy = person
        self.reason = reason
        self.releasedBy = releasedBy
        try update(db)
    }

    mutating func reopen(_ db: Database) throws {
        decision = nil
        decidedAt = nil
        decidedBy = nil
        reason = nil
        releasedBy = nil
        try update(db)
    }

    var state: HeldState {
        HeldState(
            waitsUntil: waitsUntil, decision: decision, decidedAt: decidedAt, decidedBy: decidedBy, reason: reason,
            releasedBy: releasedBy, heldAgainBy: heldAgainBy)
    }
}
