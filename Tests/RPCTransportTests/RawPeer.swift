import NIOCore
import NIOPosix
import TLS
import TestCertificates

@testable import RPCTransport

/// TLS and frames by hand.
struct RawPeer {
    private let channel: any Channel
    private let frames: FrameIterator

    /// - Parameter link: Stands between the socket and TLS.
    init(
        _ service: TransportFixture, _ certificate: TestCertificate? = nil, link: (any ChannelHandler & Sendable)? = nil
    ) async throws {
        let context = try TLSContext((certificate ?? service.authority.service("importer")).mutual)
        let (stream, continuation) = AsyncThrowingStream<String, any Error>.makeStream()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let link { try channel.pipeline.syncOperations.addHandler(link) }
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context: context, role: .client(service: "scheduler")), FrameCollector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: service.port).get()
        frames = FrameIterator(stream.makeAsyncIterator())
    }

    /// nil when the server closed the connection in good order.
    func nextFrame() async throws -> String? { try await frames.next() }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(text: String) async throws {
        var buffer = ByteBuffer()
        buffer.writeFrame(text)
        try await channel.writeAndFlush(buffer)
    }

    func close() async throws { try await channel.close() }
}

/// Used by one test at a time.
private final class FrameIterator: @unchecked Sendable {
    private var iterator: AsyncThrowingStream<String, any Error>.AsyncIterator

    init(_ iterator: AsyncThrowingStream<String, any Error>.AsyncIterator) { self.iterator = iterator }

    func next() async throws -> String? { try await iterator.next() }
}

private final class FrameCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var reader = FrameReader(frameBytesMax: 1 << 20)
    private let continuation: AsyncThrowingStream<String, any Error>.Continuation

    init(_ continuation: AsyncThrowingStream<String, any Error>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(FrameFault) {
            try reader.read(unwrapInboundIn(data)) { bytes in
                continuation.yield(String(decoding: bytes, as: UTF8.self))
                return true
            }
        } catch {
            continuation.finish(throwing: error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { continuation.finish(throwing: error) }
    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
}
