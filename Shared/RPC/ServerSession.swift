import CoreTypes
import JSON
import Synchronization

/// What a session needs of the connection it serves.
///
/// Handlers may end on any thread, so all of this may be called from any thread. Nothing may block, and after the
/// connection is gone nothing happens.
public protocol SessionOutlet: AnyObject, Sendable {
    /// Sends one frame with this text, which is copied before returning.
    func send(_ json: UnsafeRawBufferPointer)
    /// Stream items wait: ``ServerSession/writePending()`` is wanted soon, and a flush after it.
    func wantsFlush()
    /// ``ServerSession/expireCalls()`` is wanted then; an earlier time replaces a later one.
    func armTimer(at: ContinuousClock.Instant)
    /// The last call that was running has ended.
    func becameIdle()
}

/// The calls of one authorised connection: frames in, frames out.
public final class ServerSession: Sendable {
    public let limits: SessionLimits
    public let peer: PeerIdentity
    let router: Router
    let outlet: any SessionOutlet
    let executor: (any TaskExecutor)?
    let now: @Sendable () -> ContinuousClock.Instant
    private let drain = DrainSignal()
    private let state = Mutex(State())
    /// What the requests' ids begin with, drawn once: a draw may cost as much as a small call.
    private let names: (UInt64, UInt64)
    private let lastName = Atomic<UInt64>(0)
    let writers = SpareWriter()

    private struct State {
        var calls: [CallKey: Call] = [:]
        var lastUnnamed: UInt64 = 0
        var timer: ContinuousClock.Instant?
        var streams: [CallStream] = []
        var isClosed = false
    }

    /// - Parameters:
    ///   - executor: Where handlers start; nil: on the thread that calls ``receive(_:)``.
    ///   - now: What deadlines and figures are measured by.
    public init(
        router: Router, peer: PeerIdentity, outlet: any SessionOutlet, executor: (any TaskExecutor)?,
        limits: SessionLimits = SessionLimits(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.router = router
        self.peer = peer
        self.outlet = outlet
        self.executor = executor
        self.limits = limits
        self.now = now
        names = (router.randomness.next(), router.randomness.next())
    }

    /// Calls whose handler is still running.
    public var callsInFlight: Int { state.withLock { $0.calls.count } }

    /// Takes one frame's text. Answers before it returns whenever the handler does not have to wait.
    ///
    /// - Parameter time: When it came, by the session's clock; nil: now.
    public func receive(_ json: UnsafeRawBufferPointer, at time: ContinuousClock.Instant? = nil) {
        let time = time ?? now()
        do {
            try JSON.scan(json) { node in
                if node.kind == .array { receiveBatch(node, time) } else { receive(node, time, for: .frame) }
            }
        } catch {
            let problem = (error as? JSONError)?.problem ?? "\(error)"
            let offset = (error as? JSONError)?.offset ?? 0
            refuse(
                .null, Refusal(.parseError, reason: "not_json", arguments: ["problem": problem, "byte": "\(offset)"]),
                .frame)
        }
    }

    private func receiveBatch(_ node: JSONNode, _ time: ContinuousClock.Instant) {
        guard node.elementCount > 0 else {
            return refuse(.null, Refusal(.invalidRequest, reason: "empty_batch"), .frame)
        }
        guard node.elementCount <= limits.batchMax else {
            let arguments = ["messages": "\(node.elementCount)", "messagesMax": "\(limits.batchMax)"]
            return refuse(.null, Refusal(.invalidRequest, reason: "batch_too_long", arguments: arguments), .frame)
        }
        let batch = BatchReply(waiting: node.elementCount, bytesMax: limits.frameBytesMax)
        node.forEachElement { receive($0, time, for: .batch(batch)) }
    }

    private func receive(_ node: JSONNode, _ time: ContinuousClock.Instant, for target: ReplyTarget) {
        do {
            try Envelope.read(node) { receive($0, time, for: target) }
        } catch let fault as EnvelopeFault {
            refuse(
                fault.id, Refusal(.invalidRequest, reason: "invalid_request", arguments: ["member": fault.argument]),
                target)
        } catch {
            // Envelope.read throws nothing else.
            refuse(.null, Refusal(.internalError, reason: "internal"), target)
        }
    }

    private func receive(_ envelope: Envelope, _ time: ContinuousClock.Instant, for target: ReplyTarget) {
        var target = target
        if envelope.id == nil {
            // Nobody waits for a notification, a batch least of all.
            end(target)
            target = .frame
            if receiveControl(envelope) { return }
        }
        guard let route = router.route(envelope.method, drain) else {
            let method = String(decoding: envelope.method.prefix(100), as: UTF8.self)
            return refuse(
                envelope.id, Refusal(.methodNotFound, reason: "method_not_found", arguments: ["method": method]),
                target, envelope.meta)
        }
        start(route, envelope, time, target)
    }

    private func start(
        _ route: any Route, _ envelope: Envelope, _ started: ContinuousClock.Instant, _ target: ReplyTarget
    ) {
        let left = min(envelope.meta.deadlineMs ?? limits.deadlineMsMax, limits.deadlineMsMax)
        let expires = started.advanced(by: .milliseconds(left))
        let context = context(envelope.meta, deadline: envelope.meta.deadlineMs == nil ? nil : expires)
        do throws(Refusal) {
            let unnamed = try admit(envelope.id)
            let call = Call(
                id: envelope.id, context: context, route: route, session: self, target: target, started: started,
                expires: expires, unnamed: unnamed)
            do throws(Refusal) {
                try authorize(route, left)
                try route.start(envelope.params, call)
            } catch {
                record(call, error.error)
                deliver(error, context, to: target, for: envelope.id)
            }
        } catch {
            deliver(error, context, to: target, for: envelope.id)
        }
    }

    func context(_ meta: CallMeta = CallMeta(), deadline: ContinuousClock.Instant? = nil) -> CallContext {
        let number = lastName.wrappingAdd(1, ordering: .relaxed).oldValue
        return CallContext(
            peer: peer, name: (names.0, names.1 &+ number), meta: meta, deadline: deadline, now: now)
    }

    private func authorize(_ route: any Route, _ deadlineMs: Int64) throws(Refusal) {
        guard route.callers.permits(peer) else {
            throw Refusal(
                ServiceError(
                    .permissionDenied, reason: "method_not_permitted",
                    arguments: ["method": route.method.rawValue, "caller": peer.label]))
        }
        guard deadlineMs > 0 else { throw .deadlineExceeded }
    }

    /// Whether one more call may run.
    ///
    /// - Returns: What it is kept by if it has no id.
    private func admit(_ id: CallID?) throws(Refusal) -> UInt64 {
        let result: Result<UInt64, Refusal> = state.withLock { state in
            guard state.calls.count < limits.callsMax else {
                let arguments = ["callsMax": "\(limits.callsMax)"]
                return .failure(
                    Refusal(ServiceError(.resourceExhausted, reason: "too_many_calls", arguments: arguments)))
            }
            guard let id, id != .null else {
                state.lastUnnamed += 1
                return .success(state.lastUnnamed)
            }
            guard state.calls.isEmpty || state.calls[.id(id)] == nil else {
                return .failure(Refusal(.invalidRequest, reason: "id_in_use"))
            }
            return .success(0)
        }
        return try result.get()
    }
}

// What calls tell their session.
extension ServerSession {
    func track(_ call: Call) {
        let timer: ContinuousClock.Instant? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.calls[call.key] = call
            if let armed = state.timer, armed <= call.expires { return nil }
            state.timer = call.expires
            return call.expires
        }
        if let timer { outlet.armTimer(at: timer) }
        if state.withLock({ $0.isClosed }) { call.stop(nil) }
        if call.route.isWatch, drain.hasBegun { call.stop(.connectionDrains) }
        // It may have ended on another thread before it was in the table.
        if call.isFinished { untrack(call) }
    }

    func untrack(_ call: Call) {
        let isIdle = state.withLock { state in
            guard let kept = state.calls[call.key], kept === call else { return false }
            state.calls[call.key] = nil
            return state.calls.isEmpty
        }
        if isIdle { outlet.becameIdle() }
    }

    /// Answers the calls whose deadline has passed and cancels their work.
    public func expireCalls() {
        let now = now()
        let (expired, next) = state.withLock { state in
            let expired = state.calls.values.filter { $0.expires <= now }
            let next = state.calls.values.lazy.map(\.expires).filter { $0 > now }.min()
            state.timer = next
            return (expired, next)
        }
        if let next { outlet.armTimer(at: next) }
        for call in expired { call.stop(.deadlineExceeded) }
    }

    /// The connection is gone: cancels the work of every call.
    public func close() {
        let calls = state.withLock { state in
            state.isClosed = true
            state.streams = []
            return Array(state.calls.values)
        }
        for call in calls { call.stop(nil) }
    }

    /// Tells the caller to open another connection for new calls and to close this one once its calls have ended.
    public func beginDrain() {
        send(notification: #"{"jsonrpc":"2.0","method":"rpc.drain","params":{}}"#)
        drain.begin()
        for call in state.withLock({ Array($0.calls.values) }) where call.route.isWatch { call.stop(.connectionDrains) }
    }

    func call(_ id: CallID) -> Call? { state.withLock { $0.calls[.id(id)] } }

    func addPending(_ stream: CallStream) {
        state.withLock { if !$0.isClosed { $0.streams.append(stream) } }
        outlet.wantsFlush()
    }

    /// Sends the stream items that wait.
    public func writePending() {
        let streams = state.withLock { state in
            let streams = state.streams
            state.streams.removeAll(keepingCapacity: true)
            return streams
        }
        for stream in streams { stream.flush() }
    }
}
