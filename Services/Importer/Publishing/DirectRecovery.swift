import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime

/// Goes on with a publish row by row that a process before this one, or this one while the shop was away, did not bring to
/// an end: the way it was going, and only while the scheduler says that the run is still ours.
///
/// A run that is not is dropped here. Its journal stays, and the next run of the connection begins with it.
struct DirectRecovery: Sendable {
    let context: RunContext
    let run: JournaledRun
    let commitment: Commitment
    private let board: ProgressBoard
    private let signal = InterruptionSignal()

    init(_ context: RunContext, _ run: JournaledRun, _ commitment: Commitment) {
        self.context = context
        self.run = run
        self.commitment = commitment
        board = context.makeBoard()
        let pushed = commitment.push?.pushed
        board.update { progress in
            progress.phase = commitment.failure == nil ? .publishing : .reverting
            progress.fetched = commitment.report.read
            progress.expected = commitment.report.countBefore
            progress.page = commitment.report.pages
            progress.sent = pushed?.live ?? 0
            progress.toPublish = pushed?.planned
        }
    }

    enum Outcome: Sendable {
        /// All rows are at the shop and the run journal says so.
        case published
        /// To be told; the rows are taken back, or it is said how many are not.
        case ended(RunReport)
        /// Not ours any more, or nothing was sent: the run is forgotten here.
        case dropped
        /// To be tried again.
        case later
    }

    /// - Throws: When the scheduler cannot be asked, or what is found cannot be noted: then it is tried again.
    func goOn() async throws -> Outcome {
        let asked = Stopwatch(context.environment.clock)
        do {
            let renewal = RenewLease(
                runID: run.claim.runID, fencingToken: run.claim.fencingToken, progress: board.current)
            let answer = try await context.scheduler.call(
                renewal, within: .milliseconds(run.claim.leaseMs) / 3, traceparent: run.claim.traceparent)
            if answer.cancelRequested { signal.raise(.cancelled) }
        } catch {
            guard error.status == .aborted || error.status == .notFound else { throw error }
            return .dropped
        }
        let lease = Lease(run.claim, claimed: asked)
        let heartbeat = Heartbeat(
            run: run.claim, lease: lease, board: board, signal: signal, scheduler: context.scheduler,
            clock: context.environment.clock, logger: context.environment.logger, interval: context.limits.heartbeat)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await heartbeat.beat() }
            defer { group.cancelAll() }
            return try await work(CommitGate(lease: lease, signal: signal), heartbeat)
        }
    }

    private func work(_ gate: CommitGate, _ heartbeat: Heartbeat) async throws -> Outcome {
        let making = context.making(limit: context.limits.runLimit)
        guard case .direct(let shop) = try context.target(run.claim.target, making).way else { return .dropped }
        let direct = DirectPublishing(
            run: run.claim, context: context, target: shop, board: board
        ) { gate.obstacle }
        do {
            switch try await direct.state() {
            case nil, .planning, .planned: return commitment.failure.map(Outcome.ended) ?? .dropped
            case .overtaken: return .dropped
            case .pushing where commitment.failure == nil: return try await push(direct, gate, heartbeat)
            case .done: return .published
            case .pushing, .reverting, .reverted:
                return try await revert(direct, because: commitment.failure)
            }
        } catch let withheld as CommitWithheld {
            guard withheld.obstacle == .cancelled else { return .later }
            return try await setBack(.cancelled, direct)
        } catch let fault as SystemFault {
            return try await wait(direct, fault)
        } catch is CancellationError {
            return .later
        }
    }

    private func push(
        _ direct: DirectPublishing, _ gate: CommitGate, _ heartbeat: Heartbeat
    ) async throws -> Outcome {
        do {
            try await direct.push()
        } catch let refused as RowRefused {
            return try await setBack(.refused(refused.row), direct)
        } catch let fault as SystemFault where !fault.isAway {
            return try await setBack(.fault(fault), direct)
        }
        board.update { $0.phase = .committing }
        let isTold = await heartbeat.untilAnswered(board.current)
        if gate.obstacle == .cancelled { return try await setBack(.cancelled, direct) }
        guard isTold else { return .later }
        return .published
    }

    /// Notes what is to be told before anything is taken back.
    private func setBack(_ setback: Setback, _ direct: DirectPublishing) async throws -> Outcome {
        var commitment = commitment
        let pushed = try await direct.figures() ?? PushedRows(planned: 0, applied: 0)
        let failure = commitment.report.after(setback, pushed)
        commitment.failure = failure
        try await context.database.recordCommitIntent(commitment, of: run.claim.runID, at: context.now)
        context.crash(.revertIntended)
        board.update { $0.phase = .reverting }
        do {
            return try await revert(direct, because: failure)
        } catch let fault as SystemFault {
            return try await wait(direct, fault)
        } catch is CommitWithheld {
            return .later
        }
    }

    private func revert(_ direct: DirectPublishing, because failure: RunReport?) async throws -> Outcome {
        do {
            try await direct.revert()
        } catch let refused as RowRefused {
            let fault = SystemFault(.shop, refused.row.detail, system: run.claim.target.name)
            return .ended(try await unfinished(direct, fault))
        } catch let fault as SystemFault where !fault.isAway {
            return .ended(try await unfinished(direct, fault))
        }
        var report = failure ?? commitment.report.after(.cancelled, PushedRows(planned: 0, applied: 0))
        let pushed = try await direct.figures()
        let refused = report.pushed?.refused
        report.pushed = pushed
        report.pushed?.refused = pushed?.refused ?? refused
        return .ended(report)
    }

    /// The shop is away. It is waited for within a limit; then it is told what is live, and the next run takes it back.
    private func wait(_ direct: DirectPublishing, _ fault: SystemFault) async throws -> Outcome {
        var push = commitment.push ?? PushCommitment()
        let since = push.suspendedAt ?? context.now
        push.suspendedAt = since
        push.pushed = try await direct.figures()
        // What was noted about why it is taken back must stay.
        var commitment = try await context.database.journaledRun(run.claim.runID)?.commitment ?? commitment
        commitment.push = push
        try await context.database.recordCommitIntent(commitment, of: run.claim.runID, at: context.now)
        context.crash(.pushSuspended)
        guard context.now - since >= context.limits.doubtLimit else { return .later }
        try await direct.giveUp()
        return .ended(try await unfinished(direct, fault))
    }

    private func unfinished(_ direct: DirectPublishing, _ fault: SystemFault) async throws -> RunReport {
        commitment.report.unfinished(fault, try await direct.figures() ?? PushedRows(planned: 0, applied: 0))
    }
}
