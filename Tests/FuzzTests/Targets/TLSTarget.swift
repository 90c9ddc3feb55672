import NIOCore
import NIOEmbedded
import TestCertificates

@testable import TLS

/// A TLS server in memory and what the network brings it.
enum TLSTarget {
    /// First byte: how the rest is cut. Nobody who does not finish a handshake with a certificate gets a byte through,
    /// and he is told of once.
    static func beforeHandshake(_ input: [UInt8]) throws {
        guard let seed = input.first else { return }
        let server = try End(Contexts.shared.get().server, .server)
        try server.connect()
        var cuts = Cuts(seed)
        for piece in cuts.pieces(of: input.dropFirst()) { server.receive(ByteBuffer(bytes: piece)) }
        server.hangUp()
        try hold(server.top.isUntouched, "bytes or a peer came through without a handshake")
        try hold(server.top.errors.count == 1, "told of \(server.top.errors)")
        try hold(server.top.isInactive && !server.channel.isActive, "the connection stays open")
    }

    /// First byte: what is done to the records of a peer that finished its handshake, and how they are cut. What comes
    /// through is what was sent, up to where it was touched.
    static func afterHandshake(_ input: [UInt8]) throws {
        guard let seed = input.first else { return }
        let contexts = try Contexts.shared.get()
        let client = try End(contexts.client, .client(service: nil))
        let server = try End(contexts.server, .server)
        // An open channel keeps itself.
        defer { client.hangUp() }
        try client.connect()
        try server.connect()
        while try client.carry(to: server) || server.carry(to: client) {}
        try hold(server.top.hasPeer && client.top.hasPeer, "no handshake: \(server.top.errors) \(client.top.errors)")

        let plaintext = Array(repeating: UInt8(ascii: "p"), count: 40)
        for _ in 0..<4 { client.channel.writeAndFlush(ByteBuffer(bytes: plaintext), promise: nil) }
        var records = try client.sent()
        let changes = input.dropFirst()
        if seed & 1 == 0 { records = Array(changes) } else { change(&records, by: changes) }
        var cuts = Cuts(seed >> 1)
        for piece in cuts.pieces(of: records[...]) { server.receive(ByteBuffer(bytes: piece)) }
        server.hangUp()
        let received = server.top.received
        try hold(received.allSatisfy { $0 == plaintext[0] } && received.count <= 160, "came through: \(received)")
        try hold(received.count % 40 == 0, "a part of a record came through")
        // Nobody said goodbye, so the end is told as a fault, once.
        try hold(server.top.errors.count == 1, "told of \(server.top.errors)")
        try hold(!server.channel.isActive, "the connection stays open")
    }

    /// Three bytes a change: where, and what is done there.
    private static func change(_ records: inout [UInt8], by changes: ArraySlice<UInt8>) {
        var rest = changes
        while rest.count >= 3, !records.isEmpty {
            let step = Array(rest.prefix(3))
            rest = rest.dropFirst(3)
            let position = Int(step[0]) * records.count / 256
            switch step[1] % 4 {
            case 0: records[position] ^= step[2]
            case 1: records.remove(at: position)
            case 2: records.insert(step[2], at: position)
            default: records.removeSubrange(position..<min(records.count, position + Int(step[2])))
            }
        }
    }
}

/// Contexts of one authority, made once.
private struct Contexts {
    let client: TLSContext
    let server: TLSContext
    /// Keeps the files.
    private let authority: TestAuthority

    static let shared = Result { try Contexts() }

    private init() throws {
        authority = try TestAuthority()
        client = try Self.context("importer", authority)
        server = try Self.context("scheduler", authority)
    }

    private static func context(_ service: String, _ authority: TestAuthority) throws -> TLSContext {
        let own = try authority.service(service)
        return try TLSContext(
            .mutual(
                trustDomain: authority.trustDomain, certificateChainPath: own.certificatePath,
                privateKeyPath: own.keyPath, certificateAuthorityPath: own.authorityPath))
    }
}

/// One end of a connection.
private struct End {
    let channel = EmbeddedChannel()
    let top = Top()

    init(_ context: TLSContext, _ role: TLSRole) throws {
        try channel.pipeline.syncOperations.addHandlers(TLSHandler(context: context, role: role), top)
    }

    func connect() throws { try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait() }

    func receive(_ bytes: ByteBuffer) {
        guard channel.isActive else { return }
        channel.pipeline.fireChannelRead(bytes)
        channel.pipeline.fireChannelReadComplete()
        channel.embeddedEventLoop.run()
    }

    /// The socket ends without a goodbye.
    func hangUp() {
        if channel.isActive { channel.pipeline.fireChannelInactive() }
        channel.embeddedEventLoop.run()
    }

    func sent() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// - Returns: Whether anything was there to carry.
    func carry(to other: End) throws -> Bool {
        let bytes = try sent()
        guard !bytes.isEmpty else { return false }
        other.receive(ByteBuffer(bytes: bytes))
        return true
    }
}

/// Keeps what reaches the top of a pipeline.
private final class Top: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var received: [UInt8] = []
    var hasPeer = false
    var errors: [any Error] = []
    var isInactive = false

    var isUntouched: Bool { received.isEmpty && !hasPeer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
    }
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { hasPeer = true }
    }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
    func channelInactive(context: ChannelHandlerContext) { isInactive = true }
}
