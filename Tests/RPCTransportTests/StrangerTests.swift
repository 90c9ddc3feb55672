import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct StrangerTests {
    @Test func `sockets that never say who they are take no room from those who do`() async throws {
        var limits = RPCServerLimits()
        limits.strangersPerAddressMax = 2
        let service = try await TransportFixture(limits: limits)
        let known = try service.client()
        _ = try await known.call(Echo(text: "in"))
        let strangers = try await connect(3, to: service)
        // One is refused at once, the others are heard until their time is up.
        #expect(await becomesTrue { strangers.filter(\.isActive).count == 2 })
        #expect(try await known.call(Echo(text: "undisturbed")).text == "undisturbed")

        for stranger in strangers { try? await stranger.close() }
        let other = try service.client()
        let options = CallOptions(timeout: .seconds(20), waitForReady: true)
        #expect(try await other.call(Echo(text: "room again"), options: options).text == "room again")
        for client in [known, other] { await client.shutDown() }
        try await service.stop()
    }

    @Test func `a scan of the port is one line in the log, and a count`() async throws {
        let log = LogLines()
        var limits = RPCServerLimits()
        limits.refusalReportSeconds = 1
        let service = try await TransportFixture(limits: limits, logger: log.logger)
        let start = ContinuousClock.now
        for _ in 0..<20 {
            let scanner = try await connect(1, to: service)[0]
            try await scanner.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
            try await scanner.closeFuture.get()
        }
        #expect(await becomesTrue { log.refusals.reduce(0, +) == 20 })
        // However slow the machine: one at once, and one a second.
        let seconds = Int((ContinuousClock.now - start).components.seconds)
        #expect(log.refusals.count <= min(seconds + 2, 19))
        #expect(log.loud.allSatisfy { !$0.hasPrefix("TLS failed") })
        try await service.stop()
    }

    private func connect(_ count: Int, to service: TransportFixture) async throws -> [any Channel] {
        var channels: [any Channel] = []
        for _ in 0..<count {
            channels.append(
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: service.port).get())
        }
        return channels
    }
}

/// What a server logs above debug.
private final class LogLines: Sendable {
    private let lines = Mutex<[(message: String, count: Int?)]>([])

    var loud: [String] { lines.withLock { $0.map(\.message) } }
    /// The counts in the lines about refused strangers.
    var refusals: [Int] { lines.withLock { $0.filter { $0.message == "strangers refused" }.compactMap(\.count) } }

    var logger: Logger {
        Logger(label: "test") { _ in
            Handler { [self] message, metadata in
                lines.withLock { $0.append((message, metadata["count"].flatMap { Int("\($0)") })) }
            }
        }
    }

    private struct Handler: LogHandler {
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        let note: @Sendable (String, Logger.Metadata) -> Void

        init(_ note: @escaping @Sendable (String, Logger.Metadata) -> Void) { self.note = note }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { note("\(event.message)", event.metadata ?? [:]) }
    }
}
