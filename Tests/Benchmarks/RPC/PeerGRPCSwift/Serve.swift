import Candidate
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix

func serve(_ arguments: Arguments) async throws {
    let security = HTTP2ServerTransport.Posix.TransportSecurity.mTLS(
        certificateChain: [.file(path: arguments.certificate("server.pem"), format: .pem)],
        privateKey: .file(path: arguments.certificate("server.key"), format: .pem)
    ) {
        $0.trustRoots = .certificates([.file(path: arguments.certificate("authority.pem"), format: .pem)])
    }
    let transport = HTTP2ServerTransport.Posix(
        address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: security,
        config: .defaults {
            if arguments.text("coalescing") == "off" { $0.connection.flushCoalescing = nil }
        },
        eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let batch = arguments.number("batch", default: 1)
    let server = GRPCServer(transport: transport, services: [StockService(batch: batch)])
    async let running: Void = server.serve()
    guard let port = try await server.listeningAddress?.ipv4?.port else { fail("no port") }
    announce(port: port)
    try await running
}

struct StockService: RegistrableRPCService {
    /// Items handed over in one write of the stream.
    let batch: Int

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(forMethod: Stock.find, deserializer: RawBytes(), serializer: RawBytes()) { request, _ in
            let message = try await ServerRequest(stream: request).message
            return StreamingServerResponse(
                single: ServerResponse(
                    message: Message.make(Message.number(of: message), bytes: Message.responseBytes)))
        }
        router.registerHandler(forMethod: Stock.list, deserializer: RawBytes(), serializer: RawBytes()) { request, _ in
            let count = Message.number(of: try await ServerRequest(stream: request).message)
            return StreamingServerResponse { writer in
                for first in stride(from: 0, to: count, by: batch) {
                    let items = (first..<min(first + batch, count)).map { Message.make($0, bytes: Message.itemBytes) }
                    try await writer.write(contentsOf: items)
                }
                return [:]
            }
        }
    }
}
