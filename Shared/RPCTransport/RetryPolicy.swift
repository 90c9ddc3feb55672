import CoreTypes
import RPC
import Synchronization

/// Whether a failed call is sent again, and after how long.
struct RetryPolicy: Sendable, Equatable {
    var attemptsMax = 4
    var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))

    /// - Parameters:
    ///   - attempt: The one that failed, counted from 1.
    ///   - wasSent: Whether the server may have seen it.
    ///   - jitter: 0.8 to 1.2.
    /// - Returns: How long to wait; nil when the error is the caller's.
    func delay(
        after error: ServiceError, effect: Effect, hasKey: Bool, wasSent: Bool, attempt: Int, jitter: Double
    ) -> Duration? {
        guard error.status == .unavailable, attempt < attemptsMax else { return nil }
        // Nobody listens: said at once, unless an earlier attempt got further.
        if error.reason == "service_unreachable", attempt == 1 { return nil }
        guard !wasSent || effect != .once || hasKey else { return nil }
        // A connection that had gone when the call came to it: the next one is as good as the first.
        if !wasSent, error.reason == "connection_lost" { return .zero }
        return max(backoff.delay(afterAttempt: attempt, jitter: jitter), .milliseconds(error.retryAfterMs ?? 0))
    }
}

/// Keeps a client from answering an outage with a storm: one call in ten may be sent again, some more at the start.
final class RetryBudget: Sendable {
    private static let most = 100
    private static let cost = 10
    /// In tenths of a repeated call.
    private let tenths = Atomic(most)

    /// Mostly the budget is full, and then a look is all it takes.
    func callSucceeded() {
        guard tenths.load(ordering: .relaxed) < Self.most else { return }
        tenths.wrappingAdd(1, ordering: .relaxed)
    }

    /// - Returns: false when the call may not be sent again.
    func spend() -> Bool {
        var left = tenths.load(ordering: .relaxed)
        while left >= Self.cost {
            let result = tenths.weakCompareExchange(
                expected: left, desired: left - Self.cost, ordering: .relaxed)
            if result.exchanged { return true }
            left = result.original
        }
        return false
    }
}
