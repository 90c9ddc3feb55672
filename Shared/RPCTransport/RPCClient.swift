public import CoreTypes
public import JSON
public import Logging
public import NIOCore
public import NIOPosix
public import RPC
import Synchronization
public import TLS

/// Calls one service over mutual TLS, on one connection that is made when the first call needs it and made again when it
/// is lost.
///
/// Where nobody listens a call fails at once with `unavailable`, unless it asks to wait or the server said it would stop:
/// then it is expected back. Calls marked `.read` or `.idempotent`, and `.once` with a key, are sent again within their
/// deadline when the service was `unavailable`.
public final class RPCClient: RPCCaller, Sendable {
    /// Tasks that prefer this executor stay on the connection's event loop: the cheapest way to call.
    public let executor: any TaskExecutor

    private let configuration: RPCClientConfiguration
    private let connector: ClientConnector
    private let policy: RetryPolicy
    private let randomness: Randomness
    private let clock: any Clock<Duration>
    private let budget = RetryBudget()
    private let state: Mutex<State>

    private struct State {
        var link: LinkState<ClientConnection>
        var waiters: [UInt64: Waiter] = [:]
        /// Of waiters and connections alike.
        var lastNumber: UInt64 = 0

        mutating func nextNumber() -> UInt64 {
            lastNumber += 1
            return lastNumber
        }
    }

    private typealias Waited = Result<ClientConnection?, ServiceError>

    /// What a call waits for instead of failing at once.
    enum Patience {
        case none
        /// A server that said it would stop.
        case restart
        case all
    }

    private struct Waiter {
        var patience: Patience
        /// Resumed with nil to look again.
        let continuation: UnsafeContinuation<Waited, Never>
    }

    /// - Parameters:
    ///   - tls: In mutual mode; its files are looked at again before each connection and while one lives.
    ///   - clock: What pauses between attempts are measured by.
    public init(
        configuration: RPCClientConfiguration, tls: TLSContextSource, logger: Logger, randomness: Randomness,
        clock: any Clock<Duration> = ContinuousClock(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let eventLoop = group.next()
        let executor = EventLoopExecutor(eventLoop)
        self.executor = executor
        self.configuration = configuration
        self.randomness = randomness
        self.clock = clock
        connector = ClientConnector(
            configuration: configuration, tls: tls, logger: logger, eventLoop: eventLoop, executor: executor)
        policy = RetryPolicy(attemptsMax: configuration.limits.attemptsMax)
        state = Mutex(
            State(
                link: LinkState(
                    backoff: configuration.limits.reconnect,
                    restart: .seconds(configuration.limits.restartSecondsMax))))
    }

    deinit {
        // Forgotten without being shut down: the connection must not outlive those who could use it.
        state.withLock { $0.link.shutDown() }?.retire()
    }

    /// The connection in use, if there is one.
    public var connection: RPCConnectionInfo? { state.withLock { $0.link.ready?.info } }

    /// Takes no more calls, waits for those in flight and closes.
    public func shutDown() async {
        let (connection, waiters) = state.withLock { state in
            defer { state.waiters = [:] }
            return (state.link.shutDown(), Array(state.waiters.values))
        }
        for waiter in waiters { waiter.continuation.resume(returning: .success(nil)) }
        guard let connection else { return }
        connection.retire()
        try? await connection.channel.closeFuture.get()
    }

    // MARK: Calls

    public nonisolated(nonsending) func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        try await repeating(Request.effect, options) { connection, now, deadline in
            await connection.call(Request.method, at: now, until: deadline) { writer, id, left throws(ServiceError) in
                try OutgoingFrame.request(request, id: id, options: options, deadlineMs: left, into: writer)
            }
        }
    }

    /// Calls any method by its name.
    ///
    /// - Parameter effect: Whether it may be sent again; `.once` when unknown.
    public nonisolated(nonsending) func call(
        method: String, params: JSONValue?, effect: Effect = .once, options: CallOptions
    ) async throws(ServiceError) -> JSONValue {
        try await repeating(effect, options) { connection, now, deadline in
            await connection.call(MethodName(method), at: now, until: deadline) {
                writer, id, left throws(ServiceError) in
                try OutgoingFrame.rawRequest(
                    method: method, params: params, id: id, options: options, deadlineMs: left, into: writer)
            }
        }
    }

    /// Not sent again once the server has it: items may have been consumed.
    public nonisolated(nonsending) func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        try await repeating(.once, options, .none) { connection, _, deadline in
            await connection.stream(request, options, until: deadline, onItem: onItem)
        }
    }

    /// - Parameter send: Gets the time, if it was asked a moment ago, and the deadline.
    private nonisolated(nonsending) func repeating<Response: Sendable>(
        _ effect: Effect, _ options: CallOptions, _ patience: Patience = .restart,
        _ send:
            nonisolated(nonsending) (
                ClientConnection, ContinuousClock.Instant?, ContinuousClock.Instant
            ) async -> Result<Response, CallFailure>
    ) async throws(ServiceError) -> Response {
        let start = ContinuousClock.now
        let deadline = start + options.timeout
        var attempt = 1
        while true {
            let outcome: Result<Response, CallFailure>
            if let ready = state.withLock({ $0.link.ready }) {
                outcome = await send(ready, attempt == 1 ? start : nil, deadline)
            } else {
                switch await connection(options.waitForReady ? .all : patience, until: deadline) {
                case .success(let connection): outcome = await send(connection, nil, deadline)
                case .failure(let error): outcome = .failure(CallFailure(error: error, wasSent: false))
                }
            }
            switch outcome {
            case .success(let response):
                if attempt == 1 { budget.callSucceeded() }
                return response
            case .failure(let failure):
                let delay = policy.delay(
                    after: failure.error, effect: effect, hasKey: options.idempotencyKey != nil,
                    wasSent: failure.wasSent, attempt: attempt, jitter: randomness.jitter(in: 0.8...1.2))
                guard let delay, ContinuousClock.now + delay < deadline, !failure.wasSent || budget.spend() else {
                    throw failure.error
                }
                do { try await clock.sleep(for: delay) } catch { throw .callCancelled }
                attempt += 1
            }
        }
    }

    // MARK: The connection

    private nonisolated(nonsending) func connection(
        _ patience: Patience, until deadline: ContinuousClock.Instant
    ) async -> Result<ClientConnection, ServiceError> {
        do throws(ServiceError) {
            while true {
                if let connection = try await waitForConnection(patience, until: deadline) {
                    return .success(connection)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// - Returns: nil to look again.
    private nonisolated(nonsending) func waitForConnection(
        _ patience: Patience, until deadline: ContinuousClock.Instant
    ) async throws(ServiceError) -> ClientConnection? {
        let number = state.withLock { $0.nextNumber() }
        let timer = connector.eventLoop.scheduleTask(
            in: TimeAmount(max(.zero, ContinuousClock.now.duration(to: deadline)))
        ) {
            self.wake(number, .failure(self.state.withLock { .waitedInVain($0.link.lastError) }))
        }
        defer { timer.cancel() }
        let waited: Waited = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                wait(Waiter(patience: patience, continuation: continuation), number)
            }
        } onCancel: {
            wake(number, .failure(.callCancelled))
        }
        return try waited.get()
    }

    private func wait(_ waiter: Waiter, _ number: UInt64) {
        let now = ContinuousClock.now
        let acquired = state.withLock { state in
            var waiter = waiter
            if waiter.patience == .restart { waiter.patience = state.link.isExpectedBack(at: now) ? .all : .none }
            let acquired = state.link.acquire(patiently: waiter.patience == .all, at: now)
            switch acquired {
            case .wait, .rest: state.waiters[number] = waiter
            case .use, .fail: break
            }
            return acquired
        }
        switch acquired {
        case .use(let connection): waiter.continuation.resume(returning: .success(connection))
        case .fail(let error): waiter.continuation.resume(returning: .failure(error))
        case .wait(let mustConnect): if mustConnect { connect() }
        case .rest(let until): rest(until: until, number)
        }
        // Cancelled before it waited, where the handler for it found nothing.
        if Task.isCancelled { wake(number, .failure(.callCancelled)) }
    }

    /// Unstructured: the pause may be cut short by the waiter's deadline, and nobody waits for it then.
    private func rest(until instant: ContinuousClock.Instant, _ number: UInt64) {
        Task { [clock] in
            try? await clock.sleep(for: max(.zero, ContinuousClock.now.duration(to: instant)))
            wake(number, .success(nil))
        }
    }

    private func wake(_ number: UInt64, _ result: Waited) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: result)
    }

    /// Unstructured: the attempt serves every call that waits for it, and outlives the one that began it. On the event
    /// loop, where all it waits for happens.
    private func connect() {
        Task(executorPreference: executor) {
            let number = self.state.withLock { $0.nextNumber() }
            do throws(ServiceError) {
                self.connected(
                    try await self.connector.connect(number: number) { [weak self] in self?.retire($0, drained: $1) })
            } catch {
                self.failed(error)
            }
        }
    }

    private func connected(_ connection: ClientConnection) {
        let (isWanted, waiters) = state.withLock { state in
            defer { state.waiters = [:] }
            return (state.link.connected(connection), Array(state.waiters.values))
        }
        // Lost or drained between its hello and now.
        if connection.isRetired || !connection.channel.isActive {
            retire(connection, drained: connection.isRetired ? .now : nil)
        }
        if !isWanted { connection.retire() }
        for waiter in waiters { waiter.continuation.resume(returning: .success(isWanted ? connection : nil)) }
    }

    private func failed(_ error: ServiceError) {
        let jitter = randomness.jitter(in: 0.8...1.2)
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.link.failed(error, at: .now, jitter: jitter)
            return Array(state.waiters.values)
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: waiter.patience == .all ? .success(nil) : .failure(error))
        }
    }

    private func retire(_ connection: ClientConnection, drained: ContinuousClock.Instant?) {
        state.withLock { $0.link.retire(connection, drained: drained) }
    }
}
