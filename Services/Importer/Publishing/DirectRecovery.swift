import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime

/// Goes on with a publish row by row that a process before this one, or this one while the shop was away, did not bring to
/// an end: the way it was going, and only while the run is still ours (``LeftRunLease``).
///
/// A run that is not is dropped. Its journal stays, and the next run of the connection begins with it.
struct DirectRecovery: Sendable {
    let context: RunContext
    let run: JournaledRun
    let commitment: Commitment
    let lease: LeftRunLease.Kept

    enum Outcome: Sendable {
        /// All rows are at the shop and the scheduler knows that it is too late to cancel.
        case published
        /// To be told; the rows are taken back, or it is said how many are not.
        case ended(RunReport)
        /// Not ours any more, or nothing was sent: the run is forgotten here.
        case dropped
        /// To be tried again.
        case later
    }

    /// - Throws: When what is found cannot be noted: then it is tried again.
    func goOn() async throws -> Outcome {
        let making = context.making(limit: context.limits.runLimit)
        guard case .direct(let shop) = try context.target(run.claim.target, making).way else { return .dropped }
        let direct = DirectPublishing(
            run: run.claim, context: context, target: shop, board: lease.board
        ) { [gate = lease.gate] in gate.obstacle }
        do {
            switch try await direct.state() {
            case nil, .planning, .planned: return commitment.failure.map(Outcome.ended) ?? .dropped
            case .overtaken: return .dropped
            case .pushing where commitment.failure == nil: return try await push(direct)
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

    private func push(_ direct: DirectPublishing) async throws -> Outcome {
        do {
            try await direct.push()
        } catch let refused as RowRefused {
            return try await setBack(.refused(refused.row), direct)
        } catch let fault as SystemFault where !fault.isAway {
            return try await setBack(.fault(fault), direct)
        }
        lease.board.update { $0.phase = .committing }
        let isTold = await lease.heartbeat.untilAnswered(lease.board.current)
        if lease.gate.obstacle == .cancelled { return try await setBack(.cancelled, direct) }
        guard isTold else { return .later }
        return .published
    }

    private func setBack(_ setback: Setback, _ direct: DirectPublishing) async throws -> Outcome {
        let failure = try await note(setback, commitment, direct)
        lease.board.update { $0.phase = .reverting }
        do {
            return try await revert(direct, because: failure)
        } catch let fault as SystemFault {
            return try await wait(direct, fault)
        } catch is CommitWithheld {
            return .later
        }
    }

    /// Notes what is to be told before anything is taken back.
    private func note(
        _ setback: Setback, _ commitment: Commitment, _ direct: DirectPublishing
    ) async throws -> RunReport {
        let failure = commitment.report.after(setback, try await figures(direct))
        var commitment = commitment
        commitment.failure = failure
        try await context.database.recordCommitIntent(commitment, of: run.claim.runID, at: context.now)
        context.crash(.revertIntended)
        return failure
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
        var report = failure ?? commitment.report.takenBack()
        let pushed = try await direct.figures()
        let refused = report.pushed?.refused
        report.pushed = pushed
        report.pushed?.refused = pushed?.refused ?? refused
        return .ended(report)
    }

    /// The shop is away. It is waited for within a limit, each time anew; then it is told what is live, and the next run
    /// takes it back.
    private func wait(_ direct: DirectPublishing, _ fault: SystemFault) async throws -> Outcome {
        // What was noted about why it is taken back must stay.
        var commitment = try await context.database.journaledRun(run.claim.runID)?.commitment ?? commitment
        let since = commitment.suspend(try await direct.figures(), at: context.now)
        try await context.database.recordCommitIntent(commitment, of: run.claim.runID, at: context.now)
        context.crash(.pushSuspended)
        guard context.now - since >= context.limits.doubtLimit else { return .later }
        // Whoever dies before it is told has failed all the same, and may find the shop back.
        if commitment.failure == nil { _ = try await note(.fault(fault), commitment, direct) }
        try await direct.giveUp()
        return .ended(try await unfinished(direct, fault))
    }

    private func unfinished(_ direct: DirectPublishing, _ fault: SystemFault) async throws -> RunReport {
        commitment.report.unfinished(fault, try await figures(direct))
    }

    private func figures(_ direct: DirectPublishing) async throws -> PushedRows {
        try await direct.figures() ?? PushedRows(planned: 0, applied: 0)
    }
}

extension Commitment {
    /// Notes that the publish cannot be gone on with now, and how far it is.
    ///
    /// - Parameter figures: nil when nobody can say: then nothing has moved.
    /// - Returns: Since when nothing of it could be moved.
    mutating func suspend(_ figures: PushedRows?, at now: Instant) -> Instant {
        let (before, earlier) = (push?.pushed, push?.suspendedAt)
        let hasMoved = figures.map { ($0.applied, $0.reverted) != (before?.applied ?? 0, before?.reverted ?? 0) }
        let since = hasMoved == true ? now : earlier ?? now
        push = PushCommitment(suspendedAt: since, pushed: figures ?? before)
        return since
    }
}
