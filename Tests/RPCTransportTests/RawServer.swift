import Foundation
import NIOCore
import NIOPosix
import TLS
import TestCertificates

@testable import RPCTransport

/// A server of another build: TLS, a hello of the test's choosing, and an echo by hand.
final class RawServer: Sendable {
    let port: Int
    private let listener: any Channel

    /// - Parameter greeting: The frames it begins with.
    init(_ certificate: TestCertificate, greeting: [String]) async throws {
        let context = try TLSContext(certificate.mutual)
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context: context, role: .server), Answerer(greeting))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
    }

    func close() async throws { try await listener.close() }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let greeting: [String]
        private var reader = FrameReader(frameBytesMax: 1 << 20)

        init(_ greeting: [String]) { self.greeting = greeting }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is TLSHandshakeCompleted { for text in greeting { send(text, context) } }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            try? reader.read(unwrapInboundIn(data)) { bytes in
                answer(String(decoding: bytes, as: UTF8.self), context)
                return true
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        /// Every request is answered: echoes with words of another version around them, the rest as unknown.
        private func answer(_ text: String, _ context: ChannelHandlerContext) {
            guard let start = text.range(of: #""id":"#)?.upperBound else { return }
            let id = text[start...].prefix { $0.isNumber }
            if text.contains("echo.say") {
                send(#"{"jsonrpc":"2.0","method":"rpc.weather","params":{"wind":"west"}}"#, context)
                send(
                    #"{"jsonrpc":"2.0","id":\#(id),"result":{"text":"from another version","mood":"new"},"trail":[1]}"#,
                    context)
            } else {
                send(
                    #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32601,"message":"Method not found"}}"#, context)
            }
        }

        private func send(_ text: String, _ context: ChannelHandlerContext) {
            var buffer = ByteBuffer()
            buffer.writeFrame(text)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }
}
