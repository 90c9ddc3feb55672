import CoreTypes
import GRDB
import JSON
import Persistence
import SchedulerAPI

/// What a read rests on: noted before its first page is asked for.
struct ReadBasis: Codable, Sendable, Equatable {
    var claim: ClaimedRun
    /// The source's count and change token from before the first page.
    var counted: CountedSource
    /// When that was.
    var begunAt: Instant
}

/// A read that a process before this one did not bring to its end.
struct LeftRead: Sendable, Equatable {
    var basis: ReadBasis
    /// When its process was last known to be at work on it, to a minute.
    var aliveAt: Instant
}

/// Reads under way, and those that were cut off. A read belongs to the process that began it, then to nobody, then to the
/// one claim that has taken it. Lost, it costs a read from the start.
extension ImporterDatabase {
    func recordRead(_ basis: ReadBasis, bootID: String, at now: Instant) async throws {
        let text = try JSON.encodeText(basis)
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO sourceRead(runID, connectionID, fencingToken, basis, bootID, aliveAt)
                    VALUES(?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    basis.claim.runID, basis.claim.connectionID, basis.claim.fencingToken, text, bootID, now,
                ])
        }
    }

    /// A read that was noted goes on.
    func recordAlive(_ run: RunID, at now: Instant) async throws {
        try await database.write { db in
            try db.execute(
                sql: "UPDATE sourceRead SET aliveAt = ? WHERE runID = ? AND foundAt IS NULL", arguments: [now, run])
        }
    }

    /// Once, before anything is claimed: which reads of earlier processes can be gone on with.
    ///
    /// Not those of another boot, whose files may be torn; nor of runs that had come to the commit; nor those a run had
    /// taken that has ended since, because what was taken once is not taken again.
    ///
    /// - Returns: The runs whose staging files are kept for it.
    func findLeftReads(bootID: String, at now: Instant) async throws -> Set<RunID> {
        try await database.write { db in
            try db.execute(
                sql: """
                    DELETE FROM sourceRead WHERE takenBy IS NOT NULL OR bootID <> ? OR (foundAt IS NULL
                        AND runID NOT IN (SELECT runID FROM runJournal WHERE step IN ('reading', 'uploading')))
                    """, arguments: [bootID])
            try db.execute(sql: "UPDATE sourceRead SET foundAt = ? WHERE foundAt IS NULL", arguments: [now])
            return try RunID.fetchSet(db, sql: "SELECT runID FROM sourceRead")
        }
    }

    /// Whether the staging file of a run is kept for the one that will be queued in its place.
    func hasLeftRead(_ run: RunID) async throws -> Bool {
        try await database.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM sourceRead WHERE runID = ? AND foundAt IS NOT NULL)",
                arguments: [run]) ?? false
        }
    }

    /// - Returns: Runs nobody has come for; their files can be thrown away.
    func forgetLeftReads(foundBefore limit: Instant) async throws -> [RunID] {
        // As a rule there is none, and nothing is written.
        let isNeeded = try await database.read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sourceRead WHERE foundAt < ?)", arguments: [limit])
        }
        guard isNeeded == true else { return [] }
        return try await database.write { db in
            try RunID.fetchAll(
                db, sql: "DELETE FROM sourceRead WHERE foundAt < ? AND takenBy IS NULL RETURNING runID",
                arguments: [limit])
        }
    }

    /// A run has no more need of what it had taken.
    func forgetReads(takenBy run: RunID) async throws {
        try await database.write { db in
            try db.execute(sql: "DELETE FROM sourceRead WHERE takenBy = ?", arguments: [run])
        }
    }

    /// Gives what was left of a connection's reads to the claim that has come, whether it can use it or not.
    static func takeLeftRead(for claim: ClaimedRun, _ db: Database) throws -> LeftRead? {
        try db.execute(
            sql: """
                UPDATE sourceRead SET takenBy = ? WHERE connectionID = ? AND foundAt IS NOT NULL AND takenBy IS NULL
                """, arguments: [claim.runID, claim.connectionID])
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT basis, aliveAt FROM sourceRead WHERE takenBy = ? ORDER BY fencingToken DESC LIMIT 1",
                arguments: [claim.runID])
        else { return nil }
        return LeftRead(basis: try JSON.decode(ReadBasis.self, from: row["basis"] as String), aliveAt: row["aliveAt"])
    }

    /// A run of this process is over: nobody goes on with what it has read.
    static func endRead(of run: RunID, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM sourceRead WHERE runID = ? AND foundAt IS NULL", arguments: [run])
    }
}
