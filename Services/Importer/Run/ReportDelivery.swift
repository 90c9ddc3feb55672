import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime
import Staging

/// Tells the scheduler how a run ended and then forgets the run; one that is held keeps its staging file.
struct ReportDelivery: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    /// - Throws: When the scheduler cannot be reached: the journal keeps the report, and ``Recovery`` tries again.
    func deliver(_ report: RunReport, of claim: ClaimedRun) async throws {
        let finish = FinishRun(runID: claim.runID, fencingToken: claim.fencingToken, report: report)
        var isTaken = true
        do {
            _ = try await context.scheduler.persistently(
                finish, for: context.limits.serviceLimit, claim.traceparent, context.environment)
        } catch {
            guard error.status == .aborted || error.status == .notFound else { throw error }
            // A newer claim has the connection; nobody waits for this report, and nobody may release its staged set.
            isTaken = false
        }
        context.crash(.reportDelivered)
        if isTaken, report.outcome.isSuccess {
            try await dropOlderHeld(than: claim)
            try await context.database.acceptPicture(of: claim.connectionID, by: claim.task?.runID ?? claim.runID)
        }
        if isTaken, report.outcome == .held {
            try await context.database.recordHeld(claim.runID, at: context.now)
            context.crash(.heldRecorded)
        } else {
            try context.places.staging.discard(run: claim.runID)
            context.crash(.stagingDiscarded)
            try await context.database.removeRun(claim.runID)
            context.crash(.removed)
        }
    }

    /// What the shop has now is newer than anything held before: releasing that would take the shop back.
    private func dropOlderHeld(than claim: ClaimedRun) async throws {
        for run in try await context.database.journaledRuns()
        where run.step == .held && run.claim.connectionID == claim.connectionID {
            guard run.claim.fencingToken < claim.fencingToken else { continue }
            try context.places.staging.discard(run: run.claim.runID)
            try await context.database.removeRun(run.claim.runID)
        }
    }
}
