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
                try channel.pipeline.syncOperations.addHandler(TLSHandler(context: context, role: .server))
            }
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
