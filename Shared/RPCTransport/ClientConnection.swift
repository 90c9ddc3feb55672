import CoreTypes
import JSON
import NIOCore
import RPC
import Synchronization

/// One connection to a server that has said hello: calls of any thread in, their answers out.
final class ClientConnection: Sendable {
    let channel: any Channel
    let info: RPCConnectionInfo
    private let service: String
    private let hello: ServerHello
    private let outbox: FrameOutbox
    private let writers = SpareWriter()
    private let lastID = Atomic<Int64>(0)
    private let state = Mutex(State())

    private struct State {
        var calls = CallTable<any WaitingCall>()
        var isRetired = false
        var lossDetail = "closed"
    }

    init(
        channel: any Channel, info: RPCConnectionInfo, service: String, hello: ServerHello, outbox: FrameOutbox
    ) {
        self.channel = channel
        self.info = info
        self.service = service
        self.hello = hello
        self.outbox = outbox
    }

    // MARK: Calls

    /// - Parameters:
    ///   - now: The time of the call; nil: ask the clock.
    ///   - write: Puts the frame's text into the writer, given the call's id and the milliseconds left.
    nonisolated(nonsending) func call<Response: Decodable & Sendable>(
        _ method: MethodName, at now: ContinuousClock.Instant?, until deadline: ContinuousClock.Instant,
        answer: Response.Type = Response.self, _ write: (JSONWriter, Int64, Int64) throws(ServiceError) -> Void
    ) async -> Result<Response, CallFailure> {
        let id = nextID()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                send(UnaryCall<Response>(method, continuation), id: id, at: now, until: deadline, write)
            }
        } onCancel: {
            abandon(id, .callCancelled)
        }
    }

    nonisolated(nonsending) func stream<Request: RPCStreamRequest>(
        _ request: Request, _ options: CallOptions, until deadline: ContinuousClock.Instant,
        onItem: nonisolated(nonsending) @Sendable (Request.Item) async -> Void
    ) async -> StreamCall<Request>.Outcome {
        let id = nextID()
        let call = StreamCall<Request>()
        return await withTaskCancellationHandler {
            send(call, id: id, at: nil, until: deadline) { writer, id, left throws(ServiceError) in
                try OutgoingFrame.request(request, id: id, options: options, deadlineMs: left, into: writer)
            }
            while true {
                switch await call.next() {
                case .items(let items, let bytes):
                    for item in items where !Task.isCancelled { await onItem(item) }
                    grant(id, bytes)
                case .end(let outcome): return outcome
                }
            }
        } onCancel: {
            abandon(id, .callCancelled)
        }
    }

    private func nextID() -> Int64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    private func send(
        _ call: any WaitingCall, id: Int64, at now: ContinuousClock.Instant?, until deadline: ContinuousClock.Instant,
        _ write: (JSONWriter, Int64, Int64) throws(ServiceError) -> Void
    ) {
        let left = (now ?? .now).duration(to: deadline).wholeMilliseconds
        guard left > 0 else { return call.fail(CallFailure(error: .callTimedOut, wasSent: false)) }
        let writer = writers.take()
        defer { writers.giveBack(writer) }
        do throws(ServiceError) {
            try write(writer, id, left)
            try checkSize(of: writer)
        } catch {
            return call.fail(CallFailure(error: error, wasSent: false))
        }
        switch state.withLock({ $0.calls.enter(call, id: id, until: deadline) }) {
        case .closed:
            call.fail(CallFailure(error: .connectionLost(service, "closed before sending"), wasSent: false))
        case .entered(let timer):
            if let timer { armTimer(at: timer) }
            outbox.append(writer.bytes)
            // Cancelled before it was in the table, where the handler for it found nothing.
            if Task.isCancelled { abandon(id, .callCancelled) }
        }
    }

    private func checkSize(of writer: JSONWriter) throws(ServiceError) {
        guard writer.count <= hello.limits.frameBytesMax else {
            throw ServiceError(
                .outOfRange, reason: "request_too_large",
                arguments: ["bytes": "\(writer.count)", "bytesMax": "\(hello.limits.frameBytesMax)"])
        }
    }

    private func grant(_ id: Int64, _ bytes: Int) {
        guard state.withLock({ $0.calls.call(id) != nil }) else { return }
        let writer = JSONWriter()
        OutgoingFrame.credit(id: id, bytes: bytes, into: writer)
        outbox.append(writer.bytes)
    }

    /// Ends a call for its caller and tells the server to stop working on it.
    private func abandon(_ id: Int64, _ error: ServiceError) {
        guard let call = state.withLock({ $0.calls.take(id) }) else { return }
        let writer = JSONWriter()
        OutgoingFrame.cancel(id: id, into: writer)
        outbox.append(writer.bytes)
        call.fail(CallFailure(error: error, wasSent: true))
        closeIfDone()
    }

    // MARK: From the server, on the event loop

    func complete(_ id: Int64, _ node: JSONNode) {
        // Nothing is found for an answer that comes too late, nor for a ping's.
        state.withLock { $0.calls.take(id) }?.complete(node)
    }

    func fail(_ id: Int64, _ error: ServiceError) {
        state.withLock { $0.calls.take(id) }?.fail(CallFailure(error: error, wasSent: true))
    }

    func receive(_ id: Int64, items: JSONNode) { state.withLock { $0.calls.call(id) }?.receive(items: items) }

    func ping() {
        let writer = JSONWriter()
        OutgoingFrame.ping(id: nextID(), into: writer)
        outbox.append(writer.bytes)
    }

    func sendHello() throws(ServiceError) {
        let writer = JSONWriter()
        try OutgoingFrame.hello(ClientHello(), id: nextID(), into: writer)
        outbox.append(writer.bytes)
    }

    /// The channel is gone: fails each waiting call once.
    func lost() {
        let (calls, detail) = state.withLock { ($0.calls.close(), $0.lossDetail) }
        for call in calls { call.fail(CallFailure(error: .connectionLost(service, detail), wasSent: true)) }
    }

    /// Remembers why the connection will be lost, for those who ask.
    func noteLoss(_ detail: String) { state.withLock { $0.lossDetail = detail } }

    // MARK: Time and the end

    private func armTimer(at instant: ContinuousClock.Instant) {
        let wait = ContinuousClock.now.duration(to: instant)
        // Not cancelled when calls end earlier: it looks, finds nothing and is set anew.
        channel.eventLoop.scheduleTask(in: TimeAmount(max(wait, .zero))) { self.expire(instant) }
    }

    private func expire(_ timer: ContinuousClock.Instant) {
        let (expired, next) = state.withLock { $0.calls.takeExpired(at: .now, timer: timer) }
        let writer = JSONWriter()
        for (id, call) in expired {
            OutgoingFrame.cancel(id: id, into: writer)
            outbox.append(writer.bytes)
            call.fail(CallFailure(error: .callTimedOut, wasSent: true))
        }
        if let next { armTimer(at: next) }
        closeIfDone()
    }

    var isRetired: Bool { state.withLock { $0.isRetired } }

    /// New calls go elsewhere; closes once the last one here has its answer.
    func retire() {
        state.withLock { $0.isRetired = true }
        closeIfDone()
    }

    func closeIfDone() {
        let isDone = state.withLock { state in
            guard state.isRetired, state.calls.isEmpty, !state.calls.isClosed else { return false }
            // From here on a call that still chose this connection is told it was not sent.
            _ = state.calls.close()
            return true
        }
        if isDone { channel.close(promise: nil) }
    }
}
