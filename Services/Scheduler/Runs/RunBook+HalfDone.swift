import CoreTypes
import GRDB
import RPC
import SchedulerAPI

/// Publishes to shops without staging that stand half done. Only the importer that pushed them can bring them to their end,
/// and it knows of them by its journals; here it is seen to that it may, and that nobody else publishes meanwhile.
extension RunBook {
    private static let triesAtOnce = 2

    /// Queues the run that brings what a run has left half done to its end.
    func resumePush(
        _ request: ResumePush, by owner: String, traceparent: Traceparent?, at now: Instant, _ db: Database
    ) throws -> ResumePush.Response {
        let run = try RunRecord.find(request.runID, db)
        let connection = try ConnectionRecord.find(run.connectionID, db)
        guard try SystemRecord.find(connection.targetID, db).kind.isDirect,
            try !wasHadByOthers(than: owner, since: run, db)
        else { return ResumePush.Response(.overtaken) }
        if let active = try RunRecord.active(of: connection.id, db) {
            return ResumePush.Response(.active, runID: active.id)
        }
        // A publish that ends its importer each time is left alone for a while, as any other job; the loss that left it half
        // done, and one more, are not its fault yet.
        if let known = try FailedTriesRecord.find(connection.id, db), known.tries > Self.triesAtOnce,
            known.retryAt > now, known.lastAt <= now
        {
            return ResumePush.Response(.later)
        }
        let task = try task(for: run, returningTo: request.returningTo, of: connection, db)
        let finish = try start(
            Start(
                trigger: .manual, startedBy: owner,
                startReason: "run \(run.id) was left half \(task.kind == .rollback ? "taken back" : "published")",
                isOverridden: true, traceparent: traceparent, task: task, onlyImporter: owner),
            of: connection, at: now, db)
        guard finish.state == .queued else { return ResumePush.Response(.overtaken) }
        return ResumePush.Response(.queued, runID: finish.id)
    }

    /// A rollback that was cut off is brought to its end by another, which begins with what that one has left; where the set
    /// is not known here any more, the rows are seen to all the same.
    private func task(
        for run: RunRecord, returningTo wanted: RunID?, of connection: ConnectionRecord, _ db: Database
    ) throws -> RunTask {
        guard let set = try Self.publishedSets(of: connection, db).first(where: { $0.runID == wanted }) else {
            return RunTask(kind: .finish, runID: run.id, takesBack: run.cancelBy == nil ? nil : true)
        }
        return RunTask(kind: .rollback, runID: set.runID, versions: set.versions)
    }

    private func wasHadByOthers(than owner: String, since run: RunRecord, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM run WHERE connectionID = ? AND sequence > ?
                    AND leaseOwner IS NOT NULL AND leaseOwner != ?)
                """, arguments: [run.connectionID, run.sequence, owner]) ?? true
    }

    /// What was seen last of a lost run that was changing such a shop: how many rows are live, for people to know.
    func noteHalfDone(_ run: RunRecord, in report: inout RunReport, _ db: Database) throws {
        let connection = try ConnectionRecord.find(run.connectionID, db)
        guard let progress = run.progress, let rows = progress.toPublish, rows > 0,
            progress.phase == .publishing || progress.phase == .reverting,
            try SystemRecord.find(connection.targetID, db).kind.isDirect
        else { return }
        let isReverting = progress.phase == .reverting
        let pushed = PushedRows(
            planned: rows, applied: isReverting ? rows : progress.sent, reverted: isReverting ? progress.sent : 0)
        report.reason = "run_lost_half_published"
        report.pushed = pushed
        report.arguments["planned"] = "\(pushed.planned)"
        report.arguments["stillLive"] = "\(pushed.live)"
    }
}

extension ConnectionRecord {
    /// Raises the token, and remembers up to which it was another's.
    mutating func noteClaim(by owner: String) {
        if let last = lastClaimant, last != owner { othersToken = fencingToken }
        lastClaimant = owner
        fencingToken += 1
    }
}
