import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI

/// Keeps the lease of a run while it is worked on, tells how far it is, and hears when it must stop.
struct Heartbeat: Sendable {
    let run: ClaimedRun
    let lease: Lease
    let board: ProgressBoard
    let signal: InterruptionSignal
    let scheduler: any RPCCaller
    let clock: any Clock<Duration>
    let logger: Logger
    var interval: Duration = .milliseconds(800)

    /// Beats until the task is cancelled.
    ///
    /// A scheduler that does not answer is borne until the lease has run out; then another importer may have the run,
    /// and going on could only do harm.
    func beat() async {
        var isStalled = false
        while !Task.isCancelled {
            let progress = board.current
            if isStalled != (progress.stalledSince != nil) {
                isStalled.toggle()
                log(progress)
            }
            await once(progress)
            try? await clock.sleep(for: interval)
        }
    }

    /// Renews until the scheduler has answered. Called right before the commit: from the answer on the scheduler knows
    /// that it is too late to cancel, and whoever asked before is heard.
    ///
    /// - Returns: false when the run has to stop instead: something was raised, the lease ran out, or the task was
    ///   cancelled.
    func untilAnswered(_ progress: RunProgress) async -> Bool {
        while signal.raised == nil, !Task.isCancelled {
            if await once(progress) { return signal.raised == nil }
            try? await clock.sleep(for: interval)
        }
        return false
    }

    /// Renews the lease now.
    ///
    /// - Returns: Whether the scheduler has taken the renewal.
    @discardableResult
    private func once(_ progress: RunProgress) async -> Bool {
        // Before asking, too: after a long standstill the scheduler may answer kindly, but the run was not ours.
        if lease.hasRunOut { signal.raise(.superseded) }
        let sent = Stopwatch(clock)
        var isAnswered = false
        do {
            let renewal = RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: progress)
            let answer = try await scheduler.call(renewal, within: lease.length / 3, traceparent: run.traceparent)
            lease.renew(sent)
            isAnswered = true
            signal.note(answer.freeze)
            if answer.cancelRequested { signal.raise(.cancelled) }
        } catch {
            if error.status == .aborted || error.status == .notFound { signal.raise(.superseded) }
        }
        if lease.hasRunOut { signal.raise(.superseded) }
        return isAnswered
    }

    private func log(_ progress: RunProgress) {
        let facts: Logger.Metadata = [
            "run.id": "\(run.runID)", "connection.id": "\(run.connectionID)", "phase": "\(progress.phase.rawValue)",
            "page": "\(progress.page)", "fetched": "\(progress.fetched)",
            "since": "\(progress.stalledSince.map { "\($0)" } ?? "")",
        ]
        if progress.stalledSince == nil {
            logger.notice("A run that had stalled moves again.", metadata: facts)
        } else {
            logger.warning("A run has stalled: nothing has moved for a while.", metadata: facts)
        }
    }
}
