public import CoreTypes
import JSON
import Synchronization

/// Calls a router in the same process: through the same bytes, rights and deadlines as over the network.
public struct InProcessCaller: RPCCaller {
    private let router: Router
    private let peer: PeerIdentity
    private let limits: SessionLimits
    private let clock: CallClock

    /// - Parameters:
    ///   - peer: Who the router takes the caller for.
    ///   - clock: What deadlines are measured by.
    public init(
        _ router: Router, as peer: PeerIdentity, limits: SessionLimits = SessionLimits(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.router = router
        self.peer = peer
        self.limits = limits
        self.clock = CallClock(clock)
    }

    public func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        let link = InProcessLink<Request.Response, Never>(clock: clock)
        try start(request, options, link)
        return try await link.answer().get()
    }

    public func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        let link = InProcessLink<Request.Response, Request.Item>(clock: clock)
        try start(request, options, link)
        for await burst in link.items {
            for item in burst.items { await onItem(item) }
            link.grant(burst.bytes)
        }
        return try await link.answer().get()
    }

    private func start<Request: RPCRequest, Item>(
        _ request: Request, _ options: CallOptions, _ link: InProcessLink<Request.Response, Item>
    ) throws(ServiceError) {
        let writer = JSONWriter()
        let deadlineMs = options.timeout.wholeMilliseconds
        try OutgoingFrame.request(
            request, id: InProcessID.only, options: options, deadlineMs: deadlineMs, into: writer)
        let session = ServerSession(
            router: router, peer: peer, outlet: link, executor: nil, limits: limits, now: clock.now)
        link.open(session)
        session.receive(writer.bytes)
    }
}

/// Each call has a link of its own, so one id is enough.
private enum InProcessID {
    static let only: Int64 = 1
}

/// The two ends of one call without a wire between them.
private final class InProcessLink<Response: Decodable & Sendable, Item: Decodable & Sendable>: SessionOutlet {
    let items: AsyncStream<Burst>
    private let incoming: AsyncStream<Burst>.Continuation
    private let clock: CallClock
    private let state = Mutex(State())

    struct Burst: Sendable {
        var items: [Item]
        /// What they counted against the stream's credit.
        var bytes: Int
    }

    private struct State {
        var session: ServerSession?
        var answer: Result<Response, ServiceError>?
        var waiter: CheckedContinuation<Void, Never>?
        var timer: Task<Void, Never>?
    }

    init(clock: CallClock) {
        self.clock = clock
        // Bounded by the stream's credit.
        (items, incoming) = AsyncStream.makeStream(of: Burst.self, bufferingPolicy: .unbounded)
    }

    func open(_ session: ServerSession) { state.withLock { $0.session = session } }

    private var session: ServerSession? { state.withLock { $0.session } }

    /// Waits for the answer; a cancelled caller cancels the call.
    func answer() async -> Result<Response, ServiceError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAnswered = state.withLock { state in
                    if state.answer == nil { state.waiter = continuation }
                    return state.answer != nil
                }
                if isAnswered { continuation.resume() }
            }
        } onCancel: {
            let writer = JSONWriter(capacity: 64)
            OutgoingFrame.cancel(id: InProcessID.only, into: writer)
            self.session?.receive(writer.bytes)
        }
        let (session, answer) = state.withLock { state in
            defer { state.session = nil }
            return (state.session, state.answer)
        }
        session?.close()
        guard let answer else { preconditionFailure("resumed without an answer") }
        return answer
    }

    func grant(_ bytes: Int) {
        let writer = JSONWriter(capacity: 64)
        OutgoingFrame.credit(id: InProcessID.only, bytes: bytes, into: writer)
        session?.receive(writer.bytes)
    }

    func send(_ json: UnsafeRawBufferPointer) {
        do {
            try IncomingFrame.scan(json) { frame in
                switch frame {
                case .result(_, let node): finish(.success(try node.decode(Response.self)))
                case .failure(_, let error): finish(.failure(error))
                case .items(_, let node):
                    incoming.yield(Burst(items: try node.decode([Item].self), bytes: node.streamBytes))
                case .hello, .drain, .ignored: break
                }
            }
        } catch {
            let problem = (error as? JSONError)?.description ?? "\(error)"
            finish(.failure(ServiceError(.internal, reason: "answer_not_understood", arguments: ["problem": problem])))
        }
    }

    private func finish(_ answer: Result<Response, ServiceError>) {
        let (waiter, timer) = state.withLock { state in
            if state.answer == nil { state.answer = answer }
            defer { state.waiter = nil }
            return (state.waiter, state.timer)
        }
        timer?.cancel()
        incoming.finish()
        waiter?.resume()
    }

    func wantsFlush() { session?.writePending() }

    func armTimer(at instant: ContinuousClock.Instant) {
        // Unstructured: it lives until the time or the answer, whichever comes first.
        let timer = Task { [clock, weak self] in
            do { try await clock.sleep(clock.now().duration(to: instant)) } catch { return }
            self?.session?.expireCalls()
        }
        state.withLock { state in
            state.timer?.cancel()
            state.timer = timer
            if state.answer != nil { timer.cancel() }
        }
    }

    func becameIdle() {}
}

/// Any clock as one kind of instant: what its time has moved since it was taken here.
struct CallClock: Sendable {
    let now: @Sendable () -> ContinuousClock.Instant
    let sleep: @Sendable (Duration) async throws -> Void

    init(_ clock: any Clock<Duration>) { self = Self.over(clock) }

    private init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    private static func over<C: Clock>(_ clock: C) -> CallClock where C.Duration == Duration {
        let origin = ContinuousClock.now
        let start = clock.now
        return CallClock(
            now: { origin.advanced(by: start.duration(to: clock.now)) },
            sleep: { try await clock.sleep(for: $0) })
    }
}
