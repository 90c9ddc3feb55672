import Connectors
import CoreTypes
import Logging
import SchedulerAPI
import ServiceRuntime
import Staging

/// What one claim may do at a shop without staging: plan into a journal, push, take back, and bring to an end what an
/// earlier run left half done.
///
/// - SeeAlso: "Shops without staging" in DESIGN.md.
struct DirectPublishing: Sendable {
    let run: ClaimedRun
    let context: RunContext
    let target: any DirectTarget
    let board: ProgressBoard
    /// Why nothing more may be written; looked at right before each request that writes. A freeze does not stop what has
    /// begun: half a publish is not what it is for.
    let obstacle: @Sendable () -> Interruption?

    /// Enters what differs into a journal. Nothing is sent.
    ///
    /// - Returns: What is to be pushed, with the figures of what really differs at the shop.
    func plan(_ live: [Module: LiveDataset], _ room: StagingRoom, round: Int) async throws -> [PlannedUpload] {
        let uploads = try await room.plan(live, round: round)
        guard !uploads.isEmpty else { return [] }
        let journal = try await context.journals.create(for: run, at: context.now)
        defer { journal.close() }
        let plan = JournalPlan(journal: journal, target: target)
        var planned: [PlannedUpload] = []
        for upload in uploads {
            planned.append(try await plan.enter(upload) { try await room.nextBatch(of: upload) })
        }
        try await plan.finish()
        context.crash(.pushPlanned)
        return planned
    }

    /// Sends all rows that are not at the shop yet.
    ///
    /// - Throws: ``RowRefused``, ``SystemFault``, ``CommitWithheld``.
    func push() async throws {
        try await withJournal { journal in
            // Only what has not begun can be put off.
            if try await journal.record()?.state.isBegun != true, let obstacle = obstacle() {
                throw CommitWithheld(obstacle: obstacle)
            }
            try await journal.enter(.pushing)
            context.crash(.pushBegun)
            try await rowPush(journal).push()
        }
    }

    /// Takes back what was pushed.
    ///
    /// - Throws: ``RowRefused`` when an old row is not taken back, ``SystemFault``, ``CommitWithheld``.
    func revert() async throws {
        try await withJournal { try await revert($0) }
    }

    private func revert(_ journal: PublishJournal) async throws {
        try await journal.enter(.reverting)
        context.crash(.revertBegun)
        try await rowPush(journal, mayNotBeCancelled: true).revert()
        try await journal.enter(.reverted)
    }

    /// What the shop shows now that all is pushed. Without a version where somebody else has written too: then the next run
    /// compares row by row.
    func settled(_ uploads: [PlannedUpload]) async throws -> [Module: LiveDataset] {
        var live = try await target.live(uploads.map(\.module))
        guard let journal = try context.journals.open(run) else { return live }
        defer { journal.close() }
        for upload in uploads where try await !isAllOurs(upload, journal) { live[upload.module]?.version = nil }
        return live
    }

    private func isAllOurs(_ upload: PlannedUpload, _ journal: PublishJournal) async throws -> Bool {
        guard let base = upload.base, let changed = try await target.changedRows(since: base, of: upload.module) else {
            return false
        }
        return try await changed == journal.putCount(of: upload.module)
    }

    /// All rows are at the shop and the run journal says so: the publish can be taken back later.
    func finish() async throws {
        if try await state() != nil { try await withJournal { try await $0.enter(.done) } }
        try await context.journals.prune(run.connectionID, upTo: run.fencingToken)
    }

    /// What is told as failed shall not go on being published later: from here on it is only taken back.
    func giveUp() async throws {
        try await withJournal { try await $0.enter(.reverting) }
    }

    /// How far the run's journal is; nil when there is none.
    func figures() async throws -> PushedRows? {
        guard let journal = try context.journals.open(run) else { return nil }
        defer { journal.close() }
        return try await journal.figures()
    }

    func state() async throws -> PublishJournal.State? {
        guard let journal = try context.journals.open(run) else { return nil }
        defer { journal.close() }
        return try await journal.record()?.state
    }

    // MARK: Earlier runs

    /// Brings what earlier runs left half done to its end, each the way it was going: one that was being pushed is pushed
    /// on, one that was being taken back is taken back.
    ///
    /// - Parameter unwanted: A run that somebody had cancelled: taken back, however it was going.
    /// - Returns: What was brought to its end, the newest first.
    /// - Throws: ``PushUnfinished`` when that cannot be done now.
    @discardableResult
    func bringEarlierToEnd(unwanted: RunID? = nil) async throws -> [EndedPush] {
        let ended = try await context.journals.inHand.holding(run.connectionID, context.environment.clock) {
            var ended: [EndedPush] = []
            for name in try context.journals.names(of: run.connectionID) where name.token < run.fencingToken {
                guard let journal = try context.journals.open(name) else { continue }
                defer { journal.close() }
                guard let state = try await journal.record()?.state, state.isUnfinished else { continue }
                try await bringToEnd(journal, name.run == unwanted ? .reverting : state)
                context.crash(.earlierEnded)
                log("A publish that an earlier run had left half done was brought to its end.", name)
                ended.append(
                    EndedPush(
                        run: name.run, isLive: try await journal.record()?.state == .done,
                        rows: try await journal.figures(), publication: try await journal.publication()))
            }
            return ended
        }
        try await context.journals.prune(run.connectionID, upTo: run.fencingToken)
        return ended
    }

    private func bringToEnd(_ journal: PublishJournal, _ state: PublishJournal.State) async throws {
        do {
            guard state == .pushing else { return try await takeBack(journal) }
            do {
                board.update { $0.phase = .publishing }
                // Not this run's: cancelling this run stops nothing of it.
                try await rowPush(journal, mayNotBeCancelled: true).push()
                try await journal.enter(.done)
            } catch is RowRefused {
                try await takeBack(journal)
            }
        } catch let refused as RowRefused {
            let fault = SystemFault(.shop, refused.row.detail, system: target.system)
            throw PushUnfinished(fault: fault, pushed: try await journal.figures())
        } catch let fault as SystemFault {
            throw PushUnfinished(fault: fault, pushed: try await journal.figures())
        }
    }

    private func takeBack(_ journal: PublishJournal) async throws {
        board.update { $0.phase = .reverting }
        try await revert(journal)
    }

    private func log(_ words: Logger.Message, _ name: PublishJournals.Name) {
        context.environment.logger.notice(
            words, metadata: ["run.id": "\(name.run)", "connection.id": "\(name.connection)", "by": "\(run.runID)"])
    }

    // MARK: Parts

    private func withJournal(_ body: (PublishJournal) async throws -> Void) async throws {
        try await context.journals.inHand.holding(run.connectionID, context.environment.clock) {
            guard let journal = try context.journals.open(run) else { throw JournalMissing() }
            defer { journal.close() }
            try await body(journal)
        }
    }

    /// - Parameter mayNotBeCancelled: What is taken back, and what is another run's, goes on whoever cancels this one.
    func rowPush(_ journal: PublishJournal, mayNotBeCancelled: Bool = false) -> RowPush {
        RowPush(
            journal: journal, target: target,
            check: { [obstacle] in
                switch obstacle() {
                case nil, .frozen: break
                case .cancelled where mayNotBeCancelled: break
                case .some(let obstacle): throw CommitWithheld(obstacle: obstacle)
                }
            },
            board: board, crashPoints: context.environment.crashPoints, logger: context.environment.logger)
    }
}

/// A publish that an earlier run had left half done and that is at its end now.
struct EndedPush: Sendable, Equatable {
    var run: RunID
    /// Whether all its rows are at the shop; else none is.
    var isLive: Bool
    var rows: PushedRows
    var publication: [Publication]
}

/// A publish stands half done at the shop and cannot be brought to its end now.
struct PushUnfinished: Error {
    let fault: SystemFault
    let pushed: PushedRows
}

struct JournalMissing: Error {}

/// Why a push is taken back.
enum Setback: Sendable, Equatable {
    /// The shop will not have a row.
    case refused(PushedRow)
    /// The shop will have nothing more.
    case fault(SystemFault)
    /// Somebody asked for it.
    case cancelled
}

extension SystemFault {
    /// Whether the shop may answer again without anybody having to change something.
    var isAway: Bool {
        switch failure {
        case .connection, .timeout, .maintenance, .name: true
        default: isPassing || status.map { $0 >= 500 } ?? false
        }
    }
}

extension SystemAccess {
    /// Which shop a journal's rows are of.
    var shop: String { "\(systemID) \(baseURL)" }
}
