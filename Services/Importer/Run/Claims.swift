import CoreTypes
import RPC
import SchedulerAPI

/// Claims the run that is due longest and carries it out. Several of these loops run side by side.
struct Claims: Sendable {
    let context: RunContext
    let inHand: RunsInHand

    /// - Returns: Whether there was a run to carry out.
    func pass() async throws -> Bool {
        guard let claim = try await context.scheduler.call(ClaimRun(), within: .seconds(10)).run else { return false }
        try await inHand.holding(claim.runID) { try await ImportRun(claim, context).carryOut() }
        return true
    }
}
