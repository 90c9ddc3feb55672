import Candidate
import CoreTypes
import Logging
import NIOPosix
import RPC
import RPCTransport
import TLS

/// Serves both requests as a service of the product does, on one event loop.
func serve(_ arguments: Arguments) async throws {
    var router = Router(service: "stock", randomness: randomness)
    router.register(FindStock.self) { request, _ in FindStock.answer(to: request.call) }
    router.register(ListStock.self) { request, _, items in
        for number in 0..<request.count { try await items.send(ListStock.Item(number: number)) }
        return ListStock.Response(listed: request.count)
    }
    var limits = RPCServerLimits()
    // All connections here have one identity.
    limits.connectionsPerPeerMax = limits.connectionsMax
    let server = RPCServer(
        router: router, configuration: RPCServerConfiguration(host: "127.0.0.1", port: 0, limits: limits),
        tls: try TLSContextSource(tls(arguments, "server")), logger: silent,
        group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    async let running: Void = server.run()
    announce(port: try await server.boundPort())
    try await running
}

func tls(_ arguments: Arguments, _ name: String) -> TLSConfiguration {
    .mutual(
        trustDomain: "benchmark", certificateChainPath: arguments.certificate("\(name).pem"),
        privateKeyPath: arguments.certificate("\(name).key"),
        certificateAuthorityPath: arguments.certificate("authority.pem"))
}

let randomness = Randomness { UInt64.random(in: .min ... .max) }

let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
