import NIOCore
import NIOEmbedded
import TestCertificates

@testable import TLS

/// A client and a server joined back to back in memory, each with a recorder above its TLS handler.
final class Pair {
    let loop = EmbeddedEventLoop()
    let client: EmbeddedChannel
    let server: EmbeddedChannel
    let atClient = Recorder()
    let atServer = Recorder()
    /// Cuts what travels; by default it arrives as it was sent.
    var split: (inout ByteBuffer) -> ByteBuffer = { buffer in
        defer { buffer.clear() }
        return buffer
    }

    init(client clientContext: TLSContext, server serverContext: TLSContext, expecting service: String? = nil) throws {
        client = EmbeddedChannel(loop: loop)
        server = EmbeddedChannel(loop: loop)
        try add(TLSHandler(context: clientContext, role: .client(service: service)), atClient, to: client)
        try add(TLSHandler(context: serverContext, role: .server), atServer, to: server)
    }

    private func add(_ handler: TLSHandler, _ recorder: Recorder, to channel: EmbeddedChannel) throws {
        try channel.pipeline.syncOperations.addHandlers(handler, recorder)
    }

    /// Connects and exchanges bytes until both are quiet.
    func connect() throws {
        for channel in [client, server] {
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        }
        try exchange()
    }

    func exchange() throws {
        while try carry(from: client, to: server) || carry(from: server, to: client) {}
    }

    /// - Returns: Whether anything was there to carry.
    @discardableResult
    func carry(from sender: EmbeddedChannel, to receiver: EmbeddedChannel) throws -> Bool {
        loop.run()
        guard var bytes = try sender.readOutbound(as: ByteBuffer.self) else {
            if !sender.isActive, receiver.isActive {
                receiver.pipeline.fireChannelInactive()
                receiver.close(mode: .all, promise: nil)
                loop.run()
                return true
            }
            return false
        }
        while let more = try sender.readOutbound(as: ByteBuffer.self) {
            var more = more
            bytes.writeBuffer(&more)
        }
        while bytes.readableBytes > 0 {
            let piece = split(&bytes)
            // Errors are recorded by the recorder; writing to a closed channel is what a real peer may do too.
            if receiver.isActive {
                receiver.pipeline.fireChannelRead(piece)
                receiver.pipeline.fireChannelReadComplete()
            }
        }
        loop.run()
        return true
    }
}

/// Keeps what reaches the top of a pipeline.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var received = ByteBuffer()
    var handshake: TLSHandshakeCompleted?
    var errors: [TLSError] = []
    var isInactive = false
    var onRead: ((ChannelHandlerContext, ByteBuffer) -> Void)?
    var onHandshake: ((ChannelHandlerContext) -> Void)?
    var onActive: ((ChannelHandlerContext) -> Void)?
    var onError: ((ChannelHandlerContext) -> Void)?

    func channelActive(context: ChannelHandlerContext) {
        onActive?(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        onRead?(context, bytes)
        received.writeBuffer(&bytes)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSHandshakeCompleted {
            handshake = event
            onHandshake?(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { errors.append(error) }
        onError?(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isInactive = true
        context.fireChannelInactive()
    }
}

/// One authority with a certificate for each end, made once for all tests that change nothing in them.
struct TestParties {
    let authority: TestAuthority
    let client: TestCertificate
    let server: TestCertificate

    static let shared = Result { try TestParties() }

    init() throws {
        authority = try TestAuthority()
        client = try authority.service("importer")
        server = try authority.service("scheduler")
    }

    func pair(expecting service: String? = "scheduler") throws -> Pair {
        try Pair(client: TLSContext(client.mutual), server: TLSContext(server.mutual), expecting: service)
    }
}

extension TestCertificate {
    var mutual: TLSConfiguration { mutual() }

    func mutual(
        trusting authority: String? = nil, trustDomain: String = "test.sluice", revocationList: String? = nil
    ) -> TLSConfiguration {
        .mutual(
            trustDomain: trustDomain, certificateChainPath: certificatePath, privateKeyPath: keyPath,
            certificateAuthorityPath: authority ?? authorityPath, revocationListPath: revocationList)
    }
}

/// Numbers from a seed, the same on every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
