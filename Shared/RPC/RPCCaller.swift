public import CoreTypes

/// Sends requests to one service: over TLS, or in the same process for tests.
public protocol RPCCaller: Sendable {
    func call<Request: RPCRequest>(_ request: Request, options: CallOptions) async throws(ServiceError)
        -> Request.Response

    /// Calls `onItem` for each item in order, then returns the final response. Back-pressure: the next items are asked
    /// for only as `onItem` returns.
    func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response
}

/// What a caller says about a call, beside its parameters.
public struct CallOptions: Sendable, Equatable {
    /// The longest the caller waits; the callee stops working then too.
    public var timeout: Duration
    /// Makes a `.once` request repeatable: same key, same answer.
    public var idempotencyKey: String?
    /// W3C trace context of the work this call is part of.
    public var traceparent: Traceparent?
    /// In which language messages and remedies of errors are wanted.
    public var language: Language
    /// Whether to wait for the service to become reachable (within the timeout) or fail at once with `unavailable`. One
    /// that said it would stop is waited for in any case, as long as a restart takes.
    public var waitForReady: Bool
    /// The person on whose behalf the caller acts, signed; nil for none.
    public var endUser: String?

    public init(
        timeout: Duration = .seconds(10), idempotencyKey: String? = nil, traceparent: Traceparent? = nil,
        language: Language = .english, waitForReady: Bool = false, endUser: String? = nil
    ) {
        self.timeout = timeout
        self.idempotencyKey = idempotencyKey
        self.traceparent = traceparent
        self.language = language
        self.waitForReady = waitForReady
        self.endUser = endUser
    }
}

extension RPCCaller {
    public func call<Request: RPCRequest>(
        _ request: Request, within timeout: Duration = .seconds(10), traceparent: Traceparent? = nil
    ) async throws(ServiceError) -> Request.Response {
        try await call(request, options: CallOptions(timeout: timeout, traceparent: traceparent))
    }
}
