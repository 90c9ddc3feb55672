import Candidate
import CoreTypes
import RPC
import RPCTransport
import SchedulerAPI
import Synchronization

/// Claims runs as importers do, over their connection and with their certificate, and reports each at once as unchanged:
/// what is left is the scheduler's own time.
struct Claimers {
    let scheduler: RPCClient
    let count: Int
    let due: Instant

    /// Four importers with the two runs that each does at once.
    static let atOnce = 8
    static let pause = Duration.milliseconds(5)
    /// Sixteen runs a second would do; slower is a fault, not a figure.
    static let longest = Duration.seconds(600)

    /// - Returns: How long after the due time each run was in an importer's hands.
    func run() async throws -> [Duration] {
        let begun = Begun()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.atOnce { group.addTask { try await claim(begun) } }
            try await group.waitForAll()
        }
        return begun.delays.withLock { $0.sorted() }
    }

    private final class Begun: Sendable {
        let delays = Mutex<[Duration]>([])
    }

    /// Until all runs have begun.
    private func claim(_ begun: Begun) async throws {
        let end = ContinuousClock.now + Self.longest
        while begun.delays.withLock({ $0.count }) < count {
            guard ContinuousClock.now < end else { fail("runs are missing after \(Self.longest)") }
            guard let run = try await scheduler.call(ClaimRun()).run else {
                try await Task.sleep(for: Self.pause)
                continue
            }
            let delay = now() - due
            if delay < .zero { fail("a run began before it was due") }
            begun.delays.withLock { $0.append(delay) }
            _ = try await scheduler.call(
                FinishRun(
                    runID: run.runID, fencingToken: run.fencingToken,
                    report: RunReport(outcome: .unchanged, reason: "run_unchanged")))
        }
    }
}
