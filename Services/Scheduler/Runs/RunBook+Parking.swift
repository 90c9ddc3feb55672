import CoreTypes
import GRDB
import Messaging
import NotifierAPI
import RPC
import SchedulerAPI

extension RunBook {
    /// Counts the end of a run for or against its connection, and parks a connection that failed badly too often.
    ///
    /// - Returns: How many tries in a row have failed, when that parked the connection; else nil.
    func noteTry(of run: RunRecord, _ report: RunReport, at now: Instant, _ db: Database) throws -> Int? {
        let known = try FailedTriesRecord.find(run.connectionID, db)
        switch TryVerdict(report) {
        case .saysNothing: return nil
        case .worked:
            if known?.parkedAt == nil { try known?.delete(db) }
            return nil
        case .failedBadly: break
        }
        let tries = (known?.tries ?? 0) + 1
        let pause = RetryPause.after(tries, jitter: randomness.jitter(in: 0.8...1.2))
        let isParkedNow = tries >= parkAfter && known?.parkedAt == nil
        try FailedTriesRecord(
            connectionID: run.connectionID, tries: tries, lastRunID: run.id, lastAt: now, retryAt: now + pause,
            parkedAt: isParkedNow ? now : known?.parkedAt
        ).upsert(db)
        guard isParkedNow else { return nil }
        var connection = try ConnectionRecord.find(run.connectionID, db)
        try refreshNextDue(of: &connection, at: now, db)
        try ChangeRecord(
            .connectionParked, "\(run.connectionID)", of: run.merchantID, by: "scheduler", at: now,
            reason: "\(tries) failed tries in a row, the last one \(run.id)"
        ).insert(db)
        return tries
    }

    /// Lets a parked connection start again, at its own times. The count begins anew.
    ///
    /// - Returns: Whether it was parked.
    func release(
        _ connection: inout ConnectionRecord, by person: String, reason: String, at now: Instant,
        traceparent: Traceparent?, _ db: Database
    ) throws -> Bool {
        guard let known = try FailedTriesRecord.find(connection.id, db), known.parkedAt != nil else { return false }
        try known.delete(db)
        try refreshNextDue(of: &connection, at: now, db)
        try ChangeRecord(
            .connectionReleased, "\(connection.id)", of: connection.merchantID, by: person, at: now, reason: reason
        ).insert(db)
        let event = ConnectionReleased(
            merchantID: connection.merchantID, connectionID: connection.id, releasedAt: now, releasedBy: person)
        try Outbox.append(event, to: [NotifierAPI.name], traceparent: traceparent, at: now, db)
        return true
    }
}
