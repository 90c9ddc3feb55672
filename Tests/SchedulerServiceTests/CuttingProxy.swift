import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and its server and cuts the connection when it is told to: what was on the way is gone, and
/// neither end knows how far the other has come.
final class CuttingProxy: Sendable {
    enum Cut: Sendable {
        /// The server has done the work and answers; the answer is lost.
        case answer
        /// The request never arrives.
        case request
    }

    private let order = Mutex<Cut?>(nil)
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }

    init(to server: Int) async throws {
        let relay = RelayFactory()
        listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in relay.connect(channel, to: server) }
            .bind(host: "127.0.0.1", port: 0).get()
        relay.proxy.withLock { $0 = self }
    }

    /// The next bytes of this kind are not passed on; both connections are closed instead.
    func cutNext(_ cut: Cut) { order.withLock { $0 = cut } }

    func stop() async throws { try await listener.close() }

    fileprivate func takes(_ cut: Cut) -> Bool {
        order.withLock { order in
            guard order == cut else { return false }
            order = nil
            return true
        }
    }
}

private final class RelayFactory: Sendable {
    let proxy = Mutex<CuttingProxy?>(nil)

    func connect(_ client: any Channel, to port: Int) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port).flatMapThrowing { server in
            try client.pipeline.syncOperations.addHandler(Relay(to: server, carrying: .request, of: self))
            try server.pipeline.syncOperations.addHandler(Relay(to: client, carrying: .answer, of: self))
        }
    }

    func takes(_ cut: CuttingProxy.Cut) -> Bool { proxy.withLock { $0 }?.takes(cut) ?? false }
}

/// Passes bytes on to the other connection, and its end.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let kind: CuttingProxy.Cut
    private let factory: RelayFactory

    init(to other: any Channel, carrying kind: CuttingProxy.Cut, of factory: RelayFactory) {
        self.other = other
        self.kind = kind
        self.factory = factory
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if factory.takes(kind) {
            context.close(promise: nil)
            other.close(promise: nil)
        } else {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
