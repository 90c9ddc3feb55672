import Synchronization

/// The real clock, which a test may set forward: as if the process had stood still for so long.
public final class JumpingClock: Clock, Sendable {
    private let skipped = Mutex(Duration.zero)

    public init() {}

    public var now: ContinuousClock.Instant { ContinuousClock.now + skipped.withLock { $0 } }
    public var minimumResolution: Duration { .zero }

    public func jump(by duration: Duration) { skipped.withLock { $0 += duration } }

    /// Who sleeps during a jump wakes up late, as after a standstill.
    public func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(until: deadline - skipped.withLock { $0 }, tolerance: tolerance)
    }
}
