import Foundation
import NIOCore
import NIOPosix
import Synchronization

@testable import TLS

/// Sends back what it gets, over real sockets, and remembers whom it met.
final class EchoServer: Sendable {
    let port: Int
    private let listener: any Channel
    private let met: Meetings

    init(_ configuration: TLSConfiguration, answersHTTP: Bool = false) async throws {
        let context = try TLSContext(configuration)
        let met = Meetings()
        self.met = met
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context: context, role: .server), EchoHandler(met, answersHTTP: answersHTTP))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress!.port!
    }

    var peers: [String] { met.peers }

    /// The faults so far, once there are that many.
    func faults(_ count: Int) async throws -> [TLSError.Reason] {
        while met.faults.count < count { try await Task.sleep(for: .milliseconds(1)) }
        return met.faults
    }

    func stop() async throws { try await listener.close() }
}

final class Meetings: Sendable {
    private let state = Mutex((peers: [String](), faults: [TLSError.Reason]()))

    var peers: [String] { state.withLock { $0.peers } }
    var faults: [TLSError.Reason] { state.withLock { $0.faults } }
    func met(_ peer: String) { state.withLock { $0.peers.append(peer) } }
    func refused(_ reason: TLSError.Reason) { state.withLock { $0.faults.append(reason) } }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let met: Meetings
    private let answersHTTP: Bool

    init(_ met: Meetings, answersHTTP: Bool) {
        self.met = met
        self.answersHTTP = answersHTTP
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSHandshakeCompleted { met.met(event.peer?.uri ?? "anonymous") }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if answersHTTP {
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nserved"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            context.close(promise: nil)
        } else {
            context.writeAndFlush(data, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { met.refused(error.reason) }
        context.close(promise: nil)
    }
}

/// Sends one text and takes the answer up to the end of its line.
enum EchoClient {
    static func exchange(_ text: String, with port: Int, _ configuration: TLSConfiguration) async throws -> String {
        let context = try TLSContext(configuration)
        let group = MultiThreadedEventLoopGroup.singleton
        let answer = group.any().makePromise(of: String.self)
        let connecting = ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context: context, role: .client(service: "scheduler")), LineCollector(answer))
                }
            }
            .connect(host: "127.0.0.1", port: port)
        // Nobody else answers for a server that is not there yet.
        connecting.whenFailure { answer.fail($0) }
        let channel = try await connecting.get()
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        let line = try await answer.futureResult.get()
        try? await channel.close()
        return line
    }
}

private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<String>
    private var text = ""

    init(_ answer: EventLoopPromise<String>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        if text.hasSuffix("\n") { answer.succeed(text) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }
    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }
}
