import CoreTypes
import JSON
import Synchronization

/// Where the handler of a streaming request puts its items.
public struct StreamWriter<Item: Encodable & Sendable>: Sendable {
    private let stream: CallStream

    init(_ stream: CallStream) { self.stream = stream }

    /// Sends one item, after waiting for the caller to have room.
    ///
    /// - Throws: `CancellationError` when the call is over: cancelled, past its deadline, or its connection gone.
    ///   `ServiceError` `outOfRange` for an item that is larger than a frame.
    public nonisolated(nonsending) func send(_ item: Item) async throws {
        switch try stream.append({ try $0.append(value: item) }) {
        case .gathered: break
        // A handler may run on the connection's own thread: what it wrote leaves while it writes on.
        case .sent: await Task.yield()
        case .exhausted: try await stream.waitForCredit()
        }
    }

    /// Sends items in order; waits between them as ``send(_:)`` does.
    public nonisolated(nonsending) func send(contentsOf items: some Sequence<Item>) async throws {
        for item in items { try await send(item) }
    }
}

/// The items of one call that have not been sent, and how much the caller has room for.
///
/// Items gather until the connection is flushed or ``flushBytes`` wait, so that many small ones share a frame.
final class CallStream: Sendable {
    static let flushBytes = 16 * 1024
    /// What surrounds the items in a frame, the id included.
    static let frameOverhead = 512

    private let id: CallID
    private let session: ServerSession
    private let writers = SpareWriter()
    private let state: Mutex<State>

    private struct State {
        var items: [UInt8] = []
        /// Bytes the caller still has room for. An item may overdraw it; the next waits.
        var credit: Int
        var waiters: [UInt64: UnsafeContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        var hasEnded = false
    }

    init(id: CallID, session: ServerSession) {
        self.id = id
        self.session = session
        state = Mutex(State(credit: session.limits.streamCreditBytes))
    }

    /// What became of an item.
    enum Appended {
        case gathered
        /// A frame with it was handed to the connection.
        case sent
        /// Taken, but the caller has no room for another.
        case exhausted
    }

    @inline(__always)
    func append(_ write: (JSONWriter) throws -> Void) throws -> Appended {
        let writer = writers.take()
        defer { writers.giveBack(writer) }
        try write(writer)
        return try append(writer)
    }

    private func append(_ writer: JSONWriter) throws -> Appended {
        let bytesMax = session.limits.frameBytesMax - Self.frameOverhead
        guard writer.count <= bytesMax else {
            throw ServiceError(
                .outOfRange, reason: "item_too_large",
                arguments: ["bytes": "\(writer.count)", "bytesMax": "\(bytesMax)"])
        }
        let (isFirst, appended): (Bool, Appended) = try state.withLock { state in
            guard !state.hasEnded else { throw CancellationError() }
            if state.items.count + writer.count + 1 > bytesMax { send(&state) }
            let isFirst = state.items.isEmpty
            if !isFirst { state.items.append(UInt8(ascii: ",")) }
            state.items.append(contentsOf: writer.bytes)
            // PROTOCOL.md: each item counts its text and one byte.
            state.credit -= writer.count + 1
            if state.items.count >= Self.flushBytes { send(&state) }
            let isWaiting = !state.items.isEmpty
            return (isFirst && isWaiting, state.credit <= 0 ? .exhausted : isWaiting ? .gathered : .sent)
        }
        if isFirst { session.addPending(self) }
        return appended
    }

    /// Returns when the caller has room again.
    nonisolated(nonsending) func waitForCredit() async throws {
        let waiter: UInt64? = try state.withLock { state in
            guard !state.hasEnded else { throw CancellationError() }
            guard state.credit <= 0 else { return nil }
            state.lastWaiter += 1
            return state.lastWaiter
        }
        guard let waiter else { return }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let resumesNow = state.withLock { state in
                    guard state.credit <= 0, !state.hasEnded, !Task.isCancelled else { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
        if Task.isCancelled || state.withLock({ $0.hasEnded }) { throw CancellationError() }
    }

    /// The caller has room for this many more bytes.
    func grant(_ bytes: Int) {
        guard bytes > 0 else { return }
        let waiters = state.withLock { state in
            // More than a client could mean: then the sum must only not overflow.
            state.credit = min(state.credit + min(bytes, 1 << 40), 1 << 40)
            return state.credit > 0 ? Self.takeWaiters(&state) : []
        }
        for waiter in waiters { waiter.resume() }
    }

    func flush() { state.withLock { send(&$0) } }

    /// Sends what waits; nothing is sent after it.
    func end() {
        let waiters = state.withLock { state in
            if !state.hasEnded { send(&state) }
            state.hasEnded = true
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func takeWaiters(_ state: inout State) -> [UnsafeContinuation<Void, Never>] {
        defer { state.waiters.removeAll() }
        return Array(state.waiters.values)
    }

    /// Under the lock, so that frames leave in order: an outlet never blocks.
    private func send(_ state: inout State) {
        guard !state.items.isEmpty, !state.hasEnded else { return }
        let frame = JSONWriter(capacity: state.items.count + Self.frameOverhead)
        frame.append(raw: #"{"jsonrpc":"2.0","method":"rpc.stream","params":{"id":"#)
        id.write(to: frame)
        frame.append(raw: #","items":["#)
        state.items.withUnsafeBytes { frame.append(raw: $0) }
        frame.append(raw: "]}}")
        state.items.removeAll(keepingCapacity: true)
        session.outlet.send(frame.bytes)
    }
}
