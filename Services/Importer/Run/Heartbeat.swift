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

    /// Renews the lease now. Called right before the commit, too: from then on the scheduler knows that it is too late to
    /// cancel, and whoever asked before is heard.
    func once(_ progress: RunProgress) async {
        // Before asking, too: after a long standstill the scheduler may answer kindly, but the run was not ours.
        if lease.hasRunOut { signal.raise(.superseded) }
        let sent = Stopwatch(clock)
        do {
            let renewal = RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: progress)
            let answer = try await scheduler.call(renewal, within: lease.length / 3, traceparent: run.traceparent)
            lease.renew(sent)
            if answer.cancelRequested { signal.raise(.cancelled) }
        } catch {
            if error.status == .aborted || error.status == .notFound { signal.raise(.superseded) }
        }
        if lease.hasRunOut { signal.raise(.superseded) }
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
