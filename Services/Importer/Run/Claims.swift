import Connectors
import CoreTypes
import RPC
import SchedulerAPI
import ServiceRuntime
import Synchronization

/// Claims the run that is due longest and carries it out. Several of these loops run side by side.
struct Claims: Sendable {
    let context: RunContext
    let inHand: RunsInHand
    private let unanswered = UnansweredClaims()

    init(context: RunContext, inHand: RunsInHand) {
        self.context = context
        self.inHand = inHand
    }

    /// - Returns: Whether there was a run to carry out.
    func pass() async throws -> Bool {
        // From before the claim: the scheduler's lease cannot have begun earlier.
        let claimed = Stopwatch(context.environment.clock)
        guard let claim = try await claim() else { return false }
        try await inHand.holding(claim.runID) { try await ImportRun(claim, context, claimed: claimed).carryOut() }
        return true
    }

    /// A claim whose answer was lost is made again under the same name, and so gets the same run.
    private func claim() async throws -> ClaimedRun? {
        let claimID = unanswered.take() ?? context.environment.randomness.claimID()
        do {
            return try await context.scheduler.call(ClaimRun(claimID: claimID), within: .seconds(10)).run
        } catch {
            unanswered.keep(claimID)
            throw error
        }
    }
}

/// Claims that were sent and not answered; any loop may take one up again, and only one does.
private final class UnansweredClaims: Sendable {
    private let claimIDs = Mutex<[String]>([])

    func take() -> String? { claimIDs.withLock { $0.popLast() } }
    func keep(_ claimID: String) { claimIDs.withLock { $0.append(claimID) } }
}

extension Randomness {
    fileprivate func claimID() -> String { "\(String(next(), radix: 16))-\(String(next(), radix: 16))" }
}
