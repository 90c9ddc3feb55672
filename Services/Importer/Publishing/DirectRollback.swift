import Connectors
import CoreTypes
import SchedulerAPI
import ServiceRuntime
import Staging

/// Takes finished publishes to a shop without staging back, by pushing old values from their journals: the undo behind a
/// rollback.
///
/// The caller holds a claim of the connection, as for a run. Killed in the middle, the next run of the connection takes
/// back the rest before it does anything else.
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

    /// The newest first: at most ``PublishJournals/keptMax``.
    func kept() async throws -> [Kept] {
        var kept: [Kept] = []
        for name in try journals.names(of: publishing.run.connectionID) {
            guard let journal = try journals.open(name) else { continue }
            defer { journal.close() }
            guard let record = try await journal.record(), record.state == .done,
                record.shop == publishing.run.target.shop
            else { continue }
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
    func revert(toSetOf run: RunID) async throws -> PushedRows {
        let kept = try await kept()
        if kept.first?.run == run { return PushedRows(planned: 0, applied: 0) }
        // The publish right after it is the last to be taken back.
        let next = kept.firstIndex { $0.previousRun == run } ?? kept.firstIndex { $0.run == run }.map { $0 - 1 }
        guard let next else { throw RollbackRefused.notKept }
        return try await revert(publish: kept[next].run)
    }

    /// Takes back this publish and all newer ones, the newest first, so that the shop has what it had before.
    ///
    /// The published set is forgotten: the next run compares with the shop row by row.
    /// - Returns: The rows of all of them.
    /// - Throws: ``RollbackRefused/notKept`` when its journal is not kept; ``PushUnfinished`` when it stopped in the middle;
    ///   ``CommitWithheld`` when the claim was lost.
    func revert(publish run: RunID) async throws -> PushedRows {
        try await publishing.noteClaim()
        let kept = try await kept()
        guard let last = kept.firstIndex(where: { $0.run == run }) else { throw RollbackRefused.notKept }
        try forgetPublished()
        var all = PushedRows(planned: 0, applied: 0)
        for publish in kept[...last] {
            let pushed = try await revert(publish)
            all.planned += pushed.planned
            all.applied += pushed.applied
            all.reverted += pushed.reverted
        }
        try await journals.prune(publishing.run.connectionID)
        return all
    }

    private func revert(_ kept: Kept) async throws -> PushedRows {
        let name = PublishJournals.Name(connection: publishing.run.connectionID, token: kept.token, run: kept.run)
        return try await journals.inHand.holding(name.connection, publishing.context.environment.clock) {
            guard let journal = try journals.open(name) else { throw RollbackRefused.notKept }
            defer { journal.close() }
            do {
                try await journal.note(token: publishing.run.fencingToken)
                try await journal.enter(.reverting)
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

    private func forgetPublished() throws {
        let set = try PublishedSet(
            folder: publishing.context.places.publishedFolder, connection: publishing.run.connectionID)
        defer { set.close() }
        try set.forget()
    }

    private var journals: PublishJournals { publishing.context.journals }
}

enum RollbackRefused: Error, Equatable {
    /// Nothing was published by that run, it is too long ago, or it was taken back already.
    case notKept
}
