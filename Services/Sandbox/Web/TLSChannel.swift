import HummingbirdCore
import Logging
import NIOCore
import TLS

/// Puts our TLS in front of a Hummingbird channel; without a context the channel stays plain.
struct TLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    let base: Base
    let context: TLSContext?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            if let context {
                try channel.pipeline.syncOperations.addHandlers([
                    TLSHandler(context: context, role: .server), FullClose(),
                ])
            }
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Turns the wish to close one direction, which Hummingbird has after the last answer and when a client is gone, into
/// closing the connection: TLS connections end as a whole, and else they would never end.
private final class FullClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        context.close(mode: .all, promise: promise)
    }
}
