public import CoreTypes

/// What a handler knows about the call in hand.
///
/// A value that is passed along as one reference: it goes through many hands and is hardly ever changed.
public struct CallContext: Sendable {
    private var facts: Facts

    public init(
        peer: PeerIdentity, requestID: RequestID, deadline: ContinuousClock.Instant? = nil,
        idempotencyKey: String? = nil, traceparent: Traceparent? = nil, language: Language = .english,
        endUser: String? = nil
    ) {
        facts = Facts(peer: peer, identity: .made(requestID), now: { ContinuousClock.now })
        facts.deadline = deadline
        facts.idempotencyKey = idempotencyKey
        facts.traceparent = traceparent
        facts.language = language
        facts.endUser = endUser
    }

    /// - Parameter name: The bytes of the request's id.
    init(
        peer: PeerIdentity, name: (UInt64, UInt64), meta: CallMeta, deadline: ContinuousClock.Instant?,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        facts = Facts(peer: peer, identity: .drawn(name.0, name.1), now: now)
        facts.deadline = deadline
        facts.idempotencyKey = meta.idempotencyKey
        facts.traceparent = meta.traceparent
        facts.language = meta.language ?? .english
        facts.endUser = meta.endUser
    }

    /// The call's name in log and answer.
    public var requestID: RequestID {
        switch facts.identity {
        case .made(let id): id
        case .drawn(let high, let low): RequestID(bytes: (high, low))
        }
    }

    /// Options for a call made while serving this one: never longer than what is left of this call's deadline, the same
    /// trace, the same language.
    public func onward(within timeout: Duration, idempotencyKey: String? = nil) -> CallOptions {
        let left = deadline.map { facts.now().duration(to: $0) } ?? timeout
        return CallOptions(
            timeout: max(.zero, min(left, timeout)), idempotencyKey: idempotencyKey, traceparent: traceparent,
            language: language)
    }
}

extension CallContext {
    public var peer: PeerIdentity {
        get { facts.peer }
        set { change { $0.peer = newValue } }
    }

    /// nil when the caller sent no deadline; then the connection's longest time holds.
    public var deadline: ContinuousClock.Instant? {
        get { facts.deadline }
        set { change { $0.deadline = newValue } }
    }

    public var idempotencyKey: String? {
        get { facts.idempotencyKey }
        set { change { $0.idempotencyKey = newValue } }
    }

    public var traceparent: Traceparent? {
        get { facts.traceparent }
        set { change { $0.traceparent = newValue } }
    }

    public var language: Language {
        get { facts.language }
        set { change { $0.language = newValue } }
    }

    /// The person on whose behalf a service calls: a signed text that the callee verifies itself; nil for none.
    public var endUser: String? {
        get { facts.endUser }
        set { change { $0.endUser = newValue } }
    }

    private mutating func change(_ body: (Facts) -> Void) {
        if !isKnownUniquelyReferenced(&facts) { facts = Facts(facts) }
        body(facts)
    }

    /// An id's text is made only when somebody asks: most calls never do.
    private enum Identity {
        case made(RequestID)
        case drawn(UInt64, UInt64)
    }

    /// Changed only by a context that holds it alone, which is what makes it safe to share.
    private final class Facts: @unchecked Sendable {
        var peer: PeerIdentity
        var deadline: ContinuousClock.Instant?
        var idempotencyKey: String?
        var traceparent: Traceparent?
        var language = Language.english
        var endUser: String?
        let identity: Identity
        let now: @Sendable () -> ContinuousClock.Instant

        init(peer: PeerIdentity, identity: Identity, now: @escaping @Sendable () -> ContinuousClock.Instant) {
            self.peer = peer
            self.identity = identity
            self.now = now
        }

        convenience init(_ other: Facts) {
            self.init(peer: other.peer, identity: other.identity, now: other.now)
            deadline = other.deadline
            idempotencyKey = other.idempotencyKey
            traceparent = other.traceparent
            language = other.language
            endUser = other.endUser
        }
    }
}
