import Connectors
import CoreTypes
import RPC
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime

/// Keeps the lease of a run that was left at a shop without staging, for as long as somebody is at work on it again.
struct LeftRunLease: Sendable {
    /// What such work has to look at.
    struct Kept: Sendable {
        let gate: CommitGate
        let heartbeat: Heartbeat
        let board: ProgressBoard
    }

    private let claim: ClaimedRun
    private let context: RunContext
    private let board: ProgressBoard
    private let signal = InterruptionSignal()

    init(_ context: RunContext, _ run: JournaledRun, _ commitment: Commitment) {
        self.context = context
        claim = run.claim
        board = context.makeBoard()
        board.update { $0 = commitment.progress(isCommitted: run.step == .committed) }
    }

    /// - Returns: nil when the scheduler says that the run is not ours any more; then `body` was not called.
    /// - Throws: When the scheduler cannot be asked, and what `body` throws.
    func whileOurs<Value: Sendable>(_ body: (Kept) async throws -> Value) async throws -> Value? {
        let asked = Stopwatch(context.environment.clock)
        guard try await isOurs() else { return nil }
        let lease = Lease(claim, claimed: asked)
        let kept = Kept(gate: CommitGate(lease: lease, signal: signal), heartbeat: heartbeat(lease), board: board)
        return try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await kept.heartbeat.beat() }
                defer { group.cancelAll() }
                return try await body(kept)
            }
        } onGracefulShutdown: {
            signal.raise(.shutdown)
        }
    }

    private func isOurs() async throws -> Bool {
        let renewal = RenewLease(runID: claim.runID, fencingToken: claim.fencingToken, progress: board.current)
        do {
            let answer = try await context.scheduler.call(
                renewal, within: .milliseconds(claim.leaseMs) / 3, traceparent: claim.traceparent)
            if answer.cancelRequested { signal.raise(.cancelled) }
            return true
        } catch {
            guard error.status == .aborted || error.status == .notFound else { throw error }
            return false
        }
    }

    private func heartbeat(_ lease: Lease) -> Heartbeat {
        Heartbeat(
            run: claim, lease: lease, board: board, signal: signal, scheduler: context.scheduler,
            clock: context.environment.clock, logger: context.environment.logger, interval: context.limits.heartbeat)
    }
}

extension Commitment {
    /// What is told of a run that waits to be resolved. Row by row, what is half done can still be cancelled.
    func progress(isCommitted: Bool) -> RunProgress {
        var progress = RunProgress(
            phase: .committing, fetched: report.read, expected: report.countBefore, page: report.pages)
        guard let push, !isCommitted else { return progress }
        progress.phase = failure == nil ? .publishing : .reverting
        progress.sent = (failure == nil ? push.pushed?.live : push.pushed?.reverted) ?? 0
        progress.toPublish = failure == nil ? push.pushed?.planned : push.pushed?.applied
        return progress
    }
}
