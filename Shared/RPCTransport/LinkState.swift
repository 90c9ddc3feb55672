import CoreTypes

/// Which connection a client's next call goes to, and when a new one may be tried.
///
/// Event in, what to do out; the client around it connects, waits and wakes.
struct LinkState<Connection: AnyObject> {
    private enum Phase {
        case idle
        case connecting
        case ready(Connection)
        /// The last attempt failed; the next may be made then.
        case resting(until: ContinuousClock.Instant, ServiceError)
        case shutDown
    }

    enum Acquired {
        case use(Connection)
        /// Wait for the attempt under way; start it first if told so.
        case wait(mustConnect: Bool)
        /// Wait for the next attempt, which nobody makes before then.
        case rest(until: ContinuousClock.Instant)
        case fail(ServiceError)
    }

    private let backoff: Backoff
    private let restart: Duration
    private var phase = Phase.idle
    private var failures = 0
    /// The server said that it would stop: until then it is waited for, and looked for often.
    private var expectedBackUntil: ContinuousClock.Instant?
    /// What the last attempt failed with; nil once one has succeeded.
    private(set) var lastError: ServiceError?

    /// - Parameter restart: How long a server that drained is expected to come back.
    init(backoff: Backoff, restart: Duration = .zero) {
        self.backoff = backoff
        self.restart = restart
    }

    var ready: Connection? {
        if case .ready(let connection) = phase { connection } else { nil }
    }

    /// Whether a call should wait although it did not ask to: its server drained and is about to be back.
    func isExpectedBack(at now: ContinuousClock.Instant) -> Bool { expectedBackUntil.map { now < $0 } ?? false }

    /// - Parameter patiently: Whether the call waits for the service rather than fail.
    mutating func acquire(patiently: Bool, at now: ContinuousClock.Instant) -> Acquired {
        switch phase {
        case .ready(let connection): return .use(connection)
        case .connecting: return .wait(mustConnect: false)
        case .shutDown: return .fail(ServiceError(.cancelled, reason: "client_shut_down"))
        case .resting(let until, let error) where until > now: return patiently ? .rest(until: until) : .fail(error)
        case .idle, .resting:
            phase = .connecting
            return .wait(mustConnect: true)
        }
    }

    /// - Returns: false when the client was shut down meanwhile: the connection is not wanted.
    mutating func connected(_ connection: Connection) -> Bool {
        guard case .connecting = phase else { return false }
        phase = .ready(connection)
        failures = 0
        expectedBackUntil = nil
        lastError = nil
        return true
    }

    /// The attempt failed at every address.
    ///
    /// - Parameter jitter: 0.8 to 1.2.
    mutating func failed(_ error: ServiceError, at now: ContinuousClock.Instant, jitter: Double) {
        guard case .connecting = phase else { return }
        failures += 1
        lastError = error
        let delay = backoff.delay(afterAttempt: isExpectedBack(at: now) ? 1 : failures, jitter: jitter)
        phase = .resting(until: now + delay, error)
    }

    /// The connection takes no new calls: it is lost, or its server drains.
    ///
    /// - Parameter drained: When its server said that it would stop; nil when it did not.
    mutating func retire(_ connection: Connection, drained: ContinuousClock.Instant? = nil) {
        guard case .ready(let current) = phase, current === connection else { return }
        phase = .idle
        expectedBackUntil = drained.map { $0 + restart }
    }

    /// - Returns: The connection to close, if there is one.
    mutating func shutDown() -> Connection? {
        defer { phase = .shutDown }
        return ready
    }
}
