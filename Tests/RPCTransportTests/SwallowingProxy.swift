import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and a server, and can stop passing bytes without closing anything: as a cable that is pulled.
final class SwallowingProxy: Sendable {
    let port: Int
    private let listener: any Channel
    private let hole: Hole

    /// Shared by all connections made until the cable is pulled; those made later are another cable.
    private final class Hole: Sendable {
        let pulled = Mutex<Set<ObjectIdentifier>>([])
        let channels = Mutex<[any Channel]>([])
    }

    init(to target: Int) async throws {
        let hole = Hole()
        self.hole = hole
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { near in
                hole.channels.withLock { $0.append(near) }
                return ClientBootstrap(group: near.eventLoop)
                    .channelInitializer { far in
                        far.eventLoop.makeCompletedFuture {
                            try far.pipeline.syncOperations.addHandler(Passage(to: near, hole: hole))
                        }
                    }
                    .connect(host: "127.0.0.1", port: target)
                    .flatMapThrowing { far in
                        try near.pipeline.syncOperations.addHandler(Passage(to: far, hole: hole))
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
    }

    /// From now on nothing passes on the connections there are, either way.
    func pull() {
        let all = hole.channels.withLock { $0.map { ObjectIdentifier($0 as AnyObject) } }
        hole.pulled.withLock { $0.formUnion(all) }
    }

    func close() async throws {
        try await listener.close()
        for channel in hole.channels.withLock({ $0 }) { try? await channel.close() }
    }

    private final class Passage: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let hole: Hole

        init(to other: any Channel, hole: Hole) {
            self.other = other
            self.hole = hole
        }

        private func isPulled(_ channel: any Channel) -> Bool {
            hole.pulled.withLock { pulled in
                pulled.contains(ObjectIdentifier(channel as AnyObject))
                    || pulled.contains(ObjectIdentifier(other as AnyObject))
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isPulled(context.channel) else { return }
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if !isPulled(context.channel) { other.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
