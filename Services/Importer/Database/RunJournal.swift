import Connectors
import CoreTypes
import GRDB
import JSON
import MonitorAPI
import Persistence
import SchedulerAPI
import Staging

/// What a process must know of a run it did not end: one row per run in hand, written before each effect outside.
struct JournaledRun: Sendable {
    enum Step: String, Sendable {
        /// Nothing has been sent to the shop.
        case reading
        /// Sessions are open at the shop; nothing of them is live.
        case uploading
        /// The commit was about to be asked for: only the shop knows whether it took place.
        case committing
        /// The commit took place.
        case committed
        /// Its report is to be delivered, and its staging file to be gone.
        case ended
        /// Reported; its staging file is kept for a person to release.
        case held
    }

    var claim: ClaimedRun
    var step: Step
    var sessions: [UploadSession]
    var commitment: Commitment?
    var report: RunReport?
    /// What was seen, for a set that is kept to be released.
    var evidence: ImportEvidence?
    var bootID: String
    var claimedAt: Instant
    /// When its step was recorded.
    var updatedAt: Instant
}

/// What a commit will make live, and the report to give if it did.
struct Commitment: Codable, Sendable, Equatable {
    var uploads: [PlannedUpload]
    var report: RunReport
    /// How the staging file was read, to reopen it: the connector's choice may differ after an update.
    var mapping: String
    /// The report to give if it did not, where the run itself could not find out. Without one the run is dropped, for the
    /// scheduler to find lost and queue again.
    var failure: RunReport?
    /// What is to be live after a rollback; nil for an import and a release.
    var rollback: [PublishedVersion]?
    /// Set at a shop without staging, where rows are live before the step says that all are.
    var push: PushCommitment?
}

/// A publish row by row that is not at its end yet.
struct PushCommitment: Codable, Sendable, Equatable {
    /// Since when nothing of it could be moved; nil before it first had to wait.
    var suspendedAt: Instant?
    /// How far it is since then.
    var pushed: PushedRows?
}

extension PublishMode: Codable {}

extension ImporterDatabase {
    /// Records a claim before anything is done about it.
    ///
    /// - Returns: What was left of a read of the connection, which is the claim's from now on.
    @discardableResult
    func recordClaim(_ claim: ClaimedRun, bootID: String, at now: Instant) async throws -> LeftRead? {
        let text = try JSON.encodeText(claim)
        return try await database.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO runJournal
                        (runID, connectionID, fencingToken, claim, step, bootID, claimedAt, updatedAt)
                    VALUES (?, ?, ?, ?, 'reading', ?, ?, ?)
                    """,
                arguments: [claim.runID, claim.connectionID, claim.fencingToken, text, bootID, now, now])
            return try Self.takeLeftRead(for: claim, db)
        }
    }

    func recordSessions(_ sessions: [UploadSession], of run: RunID, at now: Instant) async throws {
        let text = try JSON.encodeText(sessions)
        try await update(run, "step = 'uploading', sessions = ?", [text], at: now)
    }

    /// Records that the commit is about to be asked for.
    func recordCommitIntent(_ commitment: Commitment, of run: RunID, at now: Instant) async throws {
        let text = try JSON.encodeText(commitment)
        try await update(run, "step = 'committing', commitment = ?", [text], at: now)
    }

    func recordCommitted(_ run: RunID, at now: Instant) async throws {
        try await update(run, "step = 'committed'", [], at: now)
    }

    /// Records what is to be told; sessions that are still open at the shop stay noted until they are aborted.
    ///
    /// - Parameter evidence: Given with a set that is kept.
    func recordEnd(
        _ report: RunReport, evidence: ImportEvidence? = nil, of run: RunID, at now: Instant
    ) async throws {
        let text = try JSON.encodeText(report)
        let seen = try evidence.map { try JSON.encodeText($0) }
        try await database.write { db in
            try Self.update(run, "step = 'ended', report = ?, evidence = ?", [text, seen], at: now, db)
            try Self.endRead(of: run, db)
        }
    }

    /// The report has been taken, and what was staged waits for a person.
    func recordHeld(_ run: RunID, at now: Instant) async throws {
        try await update(run, "step = 'held', sessions = '[]'", [], at: now)
    }

    func removeRun(_ run: RunID) async throws {
        try await database.write { db in
            try db.execute(sql: "DELETE FROM runJournal WHERE runID = ?", arguments: [run])
            try Self.endRead(of: run, db)
        }
    }

    /// The oldest first.
    func journaledRuns() async throws -> [JournaledRun] {
        try await database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM runJournal ORDER BY claimedAt, runID").map(JournaledRun.init)
        }
    }

    /// - Returns: nil when the run has come to its end.
    func journaledRun(_ run: RunID) async throws -> JournaledRun? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM runJournal WHERE runID = ?", arguments: [run])
                .map(JournaledRun.init)
        }
    }

    private func update(
        _ run: RunID, _ assignments: String, _ values: [(any DatabaseValueConvertible & Sendable)?], at now: Instant
    ) async throws {
        try await database.write { db in try Self.update(run, assignments, values, at: now, db) }
    }

    private static func update(
        _ run: RunID, _ assignments: String, _ values: [(any DatabaseValueConvertible & Sendable)?], at now: Instant,
        _ db: Database
    ) throws {
        try db.execute(
            sql: "UPDATE runJournal SET \(assignments), updatedAt = ? WHERE runID = ?",
            arguments: StatementArguments(values + [now, run]))
    }
}

extension JournaledRun {
    fileprivate init(_ row: Row) throws {
        claim = try JSON.decode(ClaimedRun.self, from: row["claim"] as String)
        guard let step = Step(rawValue: row["step"]) else { preconditionFailure("the schema checks the step") }
        self.step = step
        sessions = try JSON.decode([UploadSession].self, from: row["sessions"] as String)
        commitment = try (row["commitment"] as String?).map { try JSON.decode(Commitment.self, from: $0) }
        report = try (row["report"] as String?).map { try JSON.decode(RunReport.self, from: $0) }
        evidence = try (row["evidence"] as String?).map { try JSON.decode(ImportEvidence.self, from: $0) }
        bootID = row["bootID"]
        claimedAt = row["claimedAt"]
        updatedAt = row["updatedAt"]
    }
}
