import Connectors
import CoreTypes
import SchedulerAPI
import ServiceRuntime
import Staging

/// Takes finished publishes to a shop without staging back, by pushing old values from their journals: the undo behind a
/// rollback.
///
/// The caller holds a claim of the connection, as for a run. All that is to be taken back is noted before the first row is
/// written. Killed in the middle, the next run of the connection takes back the rest before it does anything else.
struct DirectRollback: Sendable {
    let publishing: DirectPublishing

    /// A publish that can be taken back.
    struct Kept: Sendable, Equatable {
        var run: RunID
        var token: Int64
        /// Whose set is live again once this one is taken back; nil when that is not known here.
        var previousRun: RunID?
        var publishedAt: Instant
        var rows: Int
    }

    /// The newest first: at most ``PublishJournals/keptMax``, and the rollbacks between them. What lies before a publish of
    /// another importer is not among them, for nobody here knows what that has changed.
    func kept() async throws -> [Kept] {
        var kept: [Kept] = []
        for name in try journals.names(of: run.connectionID) where run.isOurs(name.token) {
            guard let journal = try journals.open(name) else { continue }
            defer { journal.close() }
            guard let record = try await journal.record(), record.state == .done, record.shop == run.target.shop else {
                continue
            }
            // Taking it back would not bring the set of the next one back.
            if let newer = kept.last, newer.previousRun != name.run { break }
            kept.append(
                Kept(
                    run: name.run, token: name.token, previousRun: record.previousRun, publishedAt: record.createdAt,
                    rows: try await journal.figures().planned))
        }
        return kept
    }

    /// Takes back all publishes newer than that of a run, so that the shop has the set of that run again.
    ///
    /// - Returns: The rows of all of them; none when that set is live.
    /// - Throws: As ``revert(publish:)``.
    func revert(toSetOf wanted: RunID) async throws -> PushedRows {
        var pushed = PushedRows(planned: 0, applied: 0)
        // An attempt before this one may have been ended when all was done.
        if try await journals.liveRun(before: run) != wanted {
            guard let next = try await kept().first(where: { $0.previousRun == wanted }) else {
                throw RollbackRefused.notKept
            }
            pushed = try await revert(publish: next.run)
        }
        try await journals.recordReturn(to: wanted, by: run, at: publishing.context.now)
        publishing.context.crash(.revertRecorded)
        return pushed
    }

    /// Takes back this publish and all newer ones, the newest first, so that the shop has what it had before.
    ///
    /// The published set is forgotten: the next run compares with the shop row by row.
    /// - Returns: The rows of all of them.
    /// - Throws: ``RollbackRefused/notKept`` when its journal is not kept; ``PushUnfinished`` when it stopped in the middle;
    ///   ``CommitWithheld`` when the claim was lost.
    func revert(publish last: RunID) async throws -> PushedRows {
        try await journals.noteClaim(run, publishing.context.environment.logger)
        let kept = try await kept()
        guard let index = kept.firstIndex(where: { $0.run == last }) else { throw RollbackRefused.notKept }
        try forgetPublished()
        let newer = kept[...index]
        // The newest first, as they are taken back: noted to the end or not, what is noted can be taken back in order.
        for publish in newer {
            try await working(on: publish) { journal in
                try await journal.note(token: run.fencingToken, returningTo: kept[index].previousRun)
                try await journal.enter(.reverting)
            }
            publishing.context.crash(.revertNoted)
        }
        publishing.board.update { $0.phase = .reverting }
        var all = PushedRows(planned: 0, applied: 0)
        for publish in newer {
            let pushed = try await revert(publish)
            all.planned += pushed.planned
            all.applied += pushed.applied
            all.reverted += pushed.reverted
        }
        try await journals.prune(run.connectionID, upTo: run.fencingToken)
        return all
    }

    private func revert(_ kept: Kept) async throws -> PushedRows {
        try await working(on: kept) { journal in
            do {
                publishing.context.crash(.revertBegun)
                try await publishing.rowPush(journal, mayNotBeCancelled: true).revert()
                try await journal.enter(.reverted)
                return try await journal.figures()
            } catch let refused as RowRefused {
                let fault = SystemFault(.shop, refused.row.detail, system: publishing.target.system)
                throw PushUnfinished(fault: fault, pushed: try await journal.figures())
            } catch let fault as SystemFault {
                throw PushUnfinished(fault: fault, pushed: try await journal.figures())
            }
        }
    }

    private func working<Value: Sendable>(
        on kept: Kept, _ body: (PublishJournal) async throws -> Value
    ) async throws -> Value {
        let name = PublishJournals.Name(connection: run.connectionID, token: kept.token, run: kept.run)
        return try await journals.inHand.holding(name.connection, publishing.context.environment.clock) {
            guard let journal = try journals.open(name) else { throw RollbackRefused.notKept }
            defer { journal.close() }
            return try await body(journal)
        }
    }

    private func forgetPublished() throws {
        let set = try PublishedSet(
            folder: publishing.context.places.publishedFolder, connection: run.connectionID)
        defer { set.close() }
        try set.forget()
    }

    private var journals: PublishJournals { publishing.context.journals }
    private var run: ClaimedRun { publishing.run }
}

enum RollbackRefused: Error, Equatable {
    /// Nothing was published by that run, it is too long ago, or it was taken back already.
    case notKept
}
