import Foundation
import NIOCore
import NIOPosix
import TLS

@testable import RPCTransport

/// One client that means to hold a server up, each in its own way.
enum Offence: String, CaseIterable, Sendable {
    /// A socket and nothing else.
    case halfOpen
    /// The first bytes of a handshake, one at a time.
    case slowHandshake
    /// A handshake, then silence.
    case mute
    /// The first frame, one byte at a time.
    case slowFirstFrame
    /// A good frame, and then one that never ends, one byte at a time.
    case slowLaterFrame
    /// Asks for much and takes nothing of it.
    case slowReader
}

struct Offender: Sendable {
    let offence: Offence
    private let channel: any Channel
    private let end: EventLoopFuture<Duration>

    /// - Parameter number: Chooses an address of its own on the loopback network.
    init(_ offence: Offence, number: Int, port: Int, tls: TLSContext, on group: MultiThreadedEventLoopGroup)
        async throws
    {
        self.offence = offence
        let address = try SocketAddress(ipAddress: "127.9.\(number / 250).\(number % 250 + 1)", port: 0)
        channel = try await ClientBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 8 * 1024)
            .bind(to: address)
            .connectTimeout(.seconds(30))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if offence.shakesHands {
                        try pipeline.addHandler(TLSHandler(context: tls, role: .client(service: "scheduler")))
                    }
                    try pipeline.addHandler(OffenderHandler(offence))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let began = ContinuousClock.now
        end = channel.closeFuture.map { began.duration(to: .now) }
    }

    /// How long the server bore with it; it gives up by itself half a minute after being asked.
    func cutAfter() async -> Duration {
        let giveUp = channel.eventLoop.scheduleTask(in: .seconds(30)) { [channel] in channel.close(promise: nil) }
        defer { giveUp.cancel() }
        return (try? await end.get()) ?? .seconds(999)
    }
}

extension Offence {
    var shakesHands: Bool { self != .halfOpen && self != .slowHandshake }

    /// Said at once after connecting.
    fileprivate var opening: [UInt8] {
        switch self {
        case .halfOpen, .mute, .slowFirstFrame: []
        // The head of a record that announces a hello.
        case .slowHandshake: [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]
        case .slowLaterFrame: frame(#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#)
        case .slowReader:
            (0..<200).flatMap { id in
                frame(
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"echo.say","params":{"text":""#
                        + String(repeating: "x", count: 4_000) + #""}}"#)
            }
        }
    }

    /// Said without end, a byte at a time.
    fileprivate var dribble: UInt8? {
        switch self {
        case .halfOpen, .mute: nil
        case .slowHandshake: 0x55
        // As a length: half a mebibyte, never all of it. Who does not read learns by this that it was cut off.
        case .slowFirstFrame, .slowLaterFrame, .slowReader: 0
        }
    }

    private func frame(_ text: String) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeFrame(text)
        return Array(buffer.readableBytesView)
    }
}

private final class OffenderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let offence: Offence
    private var dribbled = 0
    private var dribbling: RepeatedTask?

    init(_ offence: Offence) { self.offence = offence }

    func channelActive(context: ChannelHandlerContext) { if !offence.shakesHands { begin(context) } }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { begin(context) }
    }

    private func begin(_ context: ChannelHandlerContext) {
        if offence == .slowReader { context.channel.setOption(.autoRead, value: false).whenFailure { _ in } }
        if !offence.opening.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: offence.opening)), promise: nil)
        }
        guard offence.dribble != nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        dribbling = context.eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(Int64.random(in: 0...250)), delay: .milliseconds(250)
        ) { _ in
            let (handler, context) = bound.value
            handler.dribbleOne(context)
        }
    }

    private func dribbleOne(_ context: ChannelHandlerContext) {
        guard let byte = offence.dribble else { return }
        dribbled += 1
        // A frame's length: a zero, an eight, two more zeros, and then what it announces.
        let isLength = offence != .slowHandshake && dribbled == 2
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [isLength ? 8 : byte])), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        dribbling?.cancel()
        context.fireChannelInactive()
    }
}
