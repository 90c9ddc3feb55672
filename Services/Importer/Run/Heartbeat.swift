import Connectors
import CoreTypes
import RPC
import SchedulerAPI

/// Keeps the lease of a run while it is worked on, tells how far it is, and hears when it must stop.
struct Heartbeat: Sendable {
    let run: ClaimedRun
    let lease: Lease
    let scheduler: any RPCCaller
    let clock: any Clock<Duration>
    var interval: Duration = .milliseconds(800)

    /// Beats until the task is cancelled or the run has to stop.
    ///
    /// A scheduler that does not answer is borne until the lease has run out; then another importer may have the run,
    /// and going on could only do harm.
    func beat(_ board: ProgressBoard, _ signal: InterruptionSignal) async {
        while !Task.isCancelled {
            // Before asking, too: after a long standstill the scheduler may answer kindly, but the run was not ours.
            if lease.hasRunOut { signal.raise(.superseded) }
            let sent = Stopwatch(clock)
            do {
                let renewal = RenewLease(
                    runID: run.runID, fencingToken: run.fencingToken, progress: board.current)
                let answer = try await scheduler.call(renewal, within: lease.length / 3, traceparent: run.traceparent)
                lease.renew(sent)
                if answer.cancelRequested { signal.raise(.cancelled) }
            } catch {
                if error.status == .aborted || error.status == .notFound { signal.raise(.superseded) }
            }
            if lease.hasRunOut { signal.raise(.superseded) }
            try? await clock.sleep(for: interval)
        }
    }
}
