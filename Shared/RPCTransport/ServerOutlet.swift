import NIOCore
import RPC

/// A session's way to its connection, from any thread.
final class ServerOutlet: SessionOutlet {
    let outbox: FrameOutbox
    private let eventLoop: any EventLoop
    private let connection: NIOLoopBound<ServerConnection>

    init(eventLoop: any EventLoop, connection: NIOLoopBound<ServerConnection>) {
        self.eventLoop = eventLoop
        self.connection = connection
        outbox = FrameOutbox(eventLoop: eventLoop) { connection.value.flush() }
    }

    func send(_ json: UnsafeRawBufferPointer) { outbox.append(json) }
    func wantsFlush() { outbox.announceStreams() }

    func armTimer(at instant: ContinuousClock.Instant) {
        let connection = connection
        if eventLoop.inEventLoop {
            connection.value.armCallTimer(at: instant)
        } else {
            eventLoop.execute { connection.value.armCallTimer(at: instant) }
        }
    }

    /// Draining looks by itself whether calls are left.
    func becameIdle() {}
}
