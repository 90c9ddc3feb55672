import NIOCore
import Synchronization

/// What waits to be sent on one connection, filled from any thread, sent from its event loop.
///
/// Whoever appends first asks for one flush; what others append until then goes with it: many frames, one TLS record,
/// one write.
final class FrameOutbox: Sendable {
    private struct State {
        var buffer = ByteBuffer()
        /// What was sent last: filled again next time, once nobody reads it any longer.
        var spare = ByteBuffer()
        /// A flush will come without anybody asking for it.
        var isPlanned = false
        var streamsWait = false
        /// nil once the connection is gone.
        var flush: (@Sendable () -> Void)?
    }

    private static let spareBytesMax = 1024

    private let eventLoop: any EventLoop
    private let state: Mutex<State>

    /// - Parameter flush: Called on the event loop; takes what waits and writes it.
    init(eventLoop: any EventLoop, flush: @escaping @Sendable () -> Void) {
        self.eventLoop = eventLoop
        state = Mutex(State(flush: flush))
    }

    /// Adds one frame. After the connection is gone this does nothing.
    func append(_ json: UnsafeRawBufferPointer) {
        plan { state in
            state.buffer.reserveCapacity(minimumWritableBytes: json.count + FrameReader.prefixBytes)
            state.buffer.writeInteger(UInt32(json.count))
            state.buffer.writeBytes(json)
        }
    }

    /// Items of a stream wait to be written by whoever flushes.
    func announceStreams() { plan { $0.streamsWait = true } }

    private func plan(_ change: (inout State) -> Void) {
        let flush: (@Sendable () -> Void)? = state.withLock { state in
            guard state.flush != nil else { return nil }
            change(&state)
            guard !state.isPlanned else { return nil }
            state.isPlanned = true
            return state.flush
        }
        if let flush { eventLoop.execute(flush) }
    }

    /// On the event loop: a flush follows at the end of this read.
    func beginBurst() { state.withLock { $0.isPlanned = true } }

    enum Taken {
        case nothing
        case frames(ByteBuffer)
        /// Write the stream items first, then ask again.
        case streamsFirst
    }

    func take() -> Taken {
        state.withLock { state in
            if state.streamsWait {
                state.streamsWait = false
                return .streamsFirst
            }
            state.isPlanned = false
            guard state.buffer.readableBytes > 0 else { return .nothing }
            let buffer = state.buffer
            swap(&state.buffer, &state.spare)
            // Takes other memory while the spare is still being sent.
            state.buffer.clear()
            // On a long buffer an idle connection would sit.
            if buffer.capacity > Self.spareBytesMax { state.spare = ByteBuffer() }
            return .frames(buffer)
        }
    }

    var isEmpty: Bool { state.withLock { $0.buffer.readableBytes == 0 && !$0.streamsWait } }

    func close() { state.withLock { $0 = State() } }
}
