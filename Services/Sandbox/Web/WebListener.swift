import CoreTypes
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import ServiceRuntime
import TLS

/// Answers HTTP(S) requests with what the sandbox says, and cuts connections where it says so.
struct WebListener: Sendable {
    /// An answer that must not be finished; throwing it makes the server close the connection.
    private struct Cut: Error {}

    let sandbox: Sandbox

    func makeServer(
        host: String, port: Int, tls: TLSContext?, group: any EventLoopGroup,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> Server<TLSChannel<HTTP1Channel>> {
        let channel = HTTP1Channel { request, writer, channel in
            try await respond(to: request, writer, channel)
        }
        var logger = sandbox.environment.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return Server(
            childChannelSetup: TLSChannel(base: channel, context: tls),
            configuration: ServerConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? port) }, eventLoopGroup: group, logger: logger)
    }

    private func respond(
        to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        guard let received = try await read(request) else {
            try await writer.writeResponse(HTTPResponse(status: .contentTooLarge, headerFields: [.contentLength: "0"]))
            return
        }
        let response = await sandbox.respond(to: received)
        switch response.delivery {
        case .complete:
            let isBodyless = response.status == 204 || received.method == "HEAD"
            try await writer.write(
                response: head(response),
                body: isBodyless ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
        case .cutAfter(let count):
            var body = try await writer.writeHead(head(response))
            try await body.write(ByteBuffer(bytes: response.body.prefix(count)))
            try await hangUp(channel)
            throw Cut()
        case .cutAtOnce:
            // A reset, as when a host goes away.
            try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try await hangUp(channel)
            throw Cut()
        case .repeating(let unit, let times):
            var body = try await writer.writeHead(head(response))
            try await body.write(ByteBuffer(bytes: response.body))
            let batch = max(1, min(times, 65_536 / max(1, unit.count)))
            let bytes = ByteBuffer(bytes: Array(repeating: unit, count: batch).joined())
            for _ in 0..<(times / batch) { try await body.write(bytes) }
            try await body.finish(nil)
        case .dripping(let milliseconds):
            var body = try await writer.writeHead(head(response))
            let clock = sandbox.environment.clock
            for byte in response.body {
                try await body.write(ByteBuffer(bytes: [byte]))
                try await cancelWhenGracefulShutdown { try await clock.sleep(for: .milliseconds(milliseconds)) }
            }
            try await body.finish(nil)
        case .never:
            let clock = sandbox.environment.clock
            try await cancelWhenGracefulShutdown { try await clock.sleep(for: .seconds(600)) }
            throw Cut()
        }
    }

    /// Closes below TLS: no farewell tells the client that this was meant.
    private func hangUp(_ channel: any Channel) async throws {
        try await channel.eventLoop.submit {
            if let context = try? channel.pipeline.syncOperations.context(handlerType: TLSHandler.self) {
                context.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }.get()
    }

    /// - Returns: nil when the body is too long to be taken.
    private func read(_ request: Request) async throws -> SimRequest? {
        var headers = SimHeaders()
        if let authority = request.head.authority { headers.append("Host", authority) }
        for field in request.headers { headers.append(field.name.rawName, field.value) }
        var body: [UInt8] = []
        for try await buffer in request.body {
            guard body.count + buffer.readableBytes <= ShopFront.bodyBytesMax + 1024 else { return nil }
            body.append(contentsOf: buffer.readableBytesView)
        }
        return SimRequest(
            method: request.method.rawValue, target: request.head.path ?? "/", headers: headers, body: body)
    }

    private func head(_ response: SimResponse) -> HTTPResponse {
        var fields = HTTPFields()
        for field in response.headers.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        let isRepeating = if case .repeating = response.delivery { true } else { false }
        if response.status != 204, !isRepeating { fields[.contentLength] = String(response.body.count) }
        return HTTPResponse(status: .init(code: response.status), headerFields: fields)
    }
}
