public import CoreTypes
import SchedulerAPI

/// How often a passing fault of an outside system is borne, and how long between two attempts.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts per request, the first included; at least 1.
    public var attempts: Int
    public var backoff: Backoff
    /// A longer `Retry-After` than this ends the run instead: the system is in maintenance.
    public var longestRetryAfter: Duration

    public init(
        attempts: Int = 5, backoff: Backoff = Backoff(first: .milliseconds(500), longest: .seconds(15)),
        longestRetryAfter: Duration = .seconds(120)
    ) {
        precondition(attempts >= 1, "the first attempt counts")
        self.attempts = attempts
        self.backoff = backoff
        self.longestRetryAfter = longestRetryAfter
    }
}

extension RetryPolicy {
    /// At most three attempts, and no long wait between them.
    var brief: RetryPolicy {
        RetryPolicy(
            attempts: min(3, attempts), backoff: Backoff(first: min(backoff.first, .seconds(1)), longest: .seconds(1)),
            longestRetryAfter: .seconds(5))
    }
}

/// Time since it was made, by a clock passed in.
public struct Stopwatch: Sendable {
    private let measure: @Sendable () -> Duration

    public init(_ clock: any Clock<Duration>) { measure = Stopwatch.start(clock) }

    public var elapsed: Duration { measure() }

    private static func start<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

/// The bounds within which one run asks its systems again: attempts per request, and the run's own deadline.
public struct Patience: Sendable {
    let policy: RetryPolicy
    public let clock: any Clock<Duration>
    let randomness: Randomness
    private let watch: Stopwatch
    private let limit: Duration

    /// - Parameter limit: How long the run may take in all, from now.
    public init(_ policy: RetryPolicy, limit: Duration, clock: any Clock<Duration>, randomness: Randomness) {
        self.policy = policy
        self.limit = limit
        self.clock = clock
        self.randomness = randomness
        watch = Stopwatch(clock)
    }

    /// For asking whether a system can be used at all: whoever waits for the answer wants it in seconds, and a system that
    /// says it is in maintenance has answered.
    var brief: Patience { Patience(self, policy.brief) }

    private init(_ other: Patience, _ policy: RetryPolicy) {
        self.policy = policy
        limit = other.limit
        clock = other.clock
        randomness = other.randomness
        watch = other.watch
    }

    /// What is left of the run's time; zero when it is over.
    public var remaining: Duration { max(limit - watch.elapsed, .zero) }

    /// The wait before asking again, or nil when this fault ends it.
    ///
    /// - Parameter attempt: The attempt that just failed, from 1.
    func pause(after fault: SystemFault, attempt: Int) -> Duration? {
        guard fault.isPassing, attempt < policy.attempts else { return nil }
        var wait = policy.backoff.delay(afterAttempt: attempt, jitter: randomness.jitter(in: 0.8...1.2))
        if let asked = fault.retryAfter {
            guard asked <= policy.longestRetryAfter else { return nil }
            wait = max(wait, asked)
        }
        return wait < remaining ? wait : nil
    }

    /// Calls `body` until it succeeds, its fault is lasting, the attempts are used up or the run's time is over.
    nonisolated(nonsending)
        public func retrying<Value>(_ body: nonisolated(nonsending) () async throws -> Value) async throws -> Value
    {
        var attempt = 1
        while true {
            do {
                guard remaining > .zero else {
                    throw SystemFault(.timeout, "the run took longer than it may")
                }
                return try await body()
            } catch let fault as SystemFault {
                guard let wait = pause(after: fault, attempt: attempt) else { throw fault }
                try await clock.sleep(for: wait)
                attempt += 1
            }
        }
    }
}
