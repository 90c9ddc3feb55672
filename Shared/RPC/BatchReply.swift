import CoreTypes
import JSON
import Synchronization

/// Gathers the answers of one batch into one frame, in the order they come.
final class BatchReply: Sendable {
    private let state: Mutex<State>
    private let bytesMax: Int

    private struct State {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        var waiting: Int
    }

    /// - Parameter waiting: How many messages the batch has, notifications included.
    init(waiting: Int, bytesMax: Int) {
        state = Mutex(State(waiting: waiting))
        self.bytesMax = bytesMax
    }

    /// Adds an answer.
    ///
    /// - Returns: false when the frame would grow too large; then nothing was added.
    func add(_ reply: JSONWriter) -> Bool {
        state.withLock { state in
            guard state.bytes.count + reply.count + 1 <= bytesMax else { return false }
            if state.bytes.count > 1 { state.bytes.append(UInt8(ascii: ",")) }
            state.bytes.append(contentsOf: reply.bytes)
            return true
        }
    }

    /// Counts one message as done.
    ///
    /// - Returns: The whole frame after the last; nil before, and when there is nothing to answer.
    func endOne() -> [UInt8]? {
        state.withLock { state in
            state.waiting -= 1
            guard state.waiting == 0, state.bytes.count > 1 else { return nil }
            return state.bytes + [UInt8(ascii: "]")]
        }
    }
}
