import CoreTypes
import RPC
import SchedulerAPI
import ServiceRuntime

extension Recovery {
    /// Keeps the leases of runs whose commit is in doubt, or whose report is not delivered yet: until the shop has said
    /// what came of them, they are neither lost nor over, and no other run of the connection may begin.
    ///
    /// - Returns: false: there is never more to do at once.
    func keepLeases() async throws -> Bool {
        for run in try await context.database.journaledRuns() where !inHand.contains(run.claim.runID) {
            guard [.committing, .committed].contains(run.step), let commitment = run.commitment,
                context.now - since(run, commitment) < context.limits.doubtLimit
            else { continue }
            let progress = commitment.progress(isCommitted: run.step == .committed)
            let renewal = RenewLease(
                runID: run.claim.runID, fencingToken: run.claim.fencingToken, progress: progress)
            // A refusal means that the run was given up; what came of it is found out all the same.
            _ = try? await context.scheduler.call(
                renewal, within: .milliseconds(run.claim.leaseMs) / 3, traceparent: run.claim.traceparent)
        }
        return false
    }

    /// Since when nothing is known of what a commit has come to. A push takes its time: nobody knows less of it for having
    /// begun it long ago, only since this process has to find it.
    private func since(_ run: JournaledRun, _ commitment: Commitment) -> Instant {
        guard let push = commitment.push else { return run.updatedAt }
        return (run.step == .committing ? push.suspendedAt : nil) ?? max(run.updatedAt, startedAt)
    }
}
