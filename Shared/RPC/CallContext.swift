public import CoreTypes

/// What a handler knows about the call in hand.
public struct CallContext: Sendable {
    public var peer: PeerIdentity
    /// nil when the caller sent no deadline; then the connection's longest time holds.
    public var deadline: ContinuousClock.Instant?
    public var idempotencyKey: String?
    public var traceparent: Traceparent?
    public var language: Language
    /// The person on whose behalf a service calls: a signed text that the callee verifies itself; nil for none.
    public var endUser: String?
    private var identity: Identity
    var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }

    /// An id's text is made only when somebody asks: most calls never do.
    private enum Identity {
        case made(RequestID)
        case drawn(UInt64, UInt64)
    }

    public init(
        peer: PeerIdentity, requestID: RequestID, deadline: ContinuousClock.Instant? = nil,
        idempotencyKey: String? = nil, traceparent: Traceparent? = nil, language: Language = .english,
        endUser: String? = nil
    ) {
        self.peer = peer
        self.deadline = deadline
        self.idempotencyKey = idempotencyKey
        self.traceparent = traceparent
        self.language = language
        self.endUser = endUser
        identity = .made(requestID)
    }

    init(peer: PeerIdentity, drawing randomness: Randomness, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.peer = peer
        self.now = now
        language = .english
        identity = .drawn(randomness.next(), randomness.next())
    }

    /// The call's name in log and answer.
    public var requestID: RequestID {
        switch identity {
        case .made(let id): id
        case .drawn(let high, let low): RequestID(bytes: (high, low))
        }
    }

    /// Options for a call made while serving this one: never longer than what is left of this call's deadline, the same
    /// trace, the same language.
    public func onward(within timeout: Duration, idempotencyKey: String? = nil) -> CallOptions {
        let left = deadline.map { now().duration(to: $0) } ?? timeout
        return CallOptions(
            timeout: max(.zero, min(left, timeout)), idempotencyKey: idempotencyKey, traceparent: traceparent,
            language: language)
    }
}
