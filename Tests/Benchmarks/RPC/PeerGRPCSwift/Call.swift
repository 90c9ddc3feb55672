import Candidate
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix
import Synchronization

/// The same measures as `RPC/Ours/Call.swift`, through grpc-swift-2.
struct Caller {
    let arguments: Arguments
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

    func run() async throws -> Outcome {
        switch arguments.measure {
        case "calls": try await calls()
        case "stream": try await stream()
        case "set-up": try await setUp()
        case "idle": try await idle()
        default: fail("no measure \(arguments.measure)")
        }
    }

    private func connect() throws -> Client {
        let security = HTTP2ClientTransport.Posix.TransportSecurity.mTLS(
            certificateChain: [.file(path: arguments.certificate("client.pem"), format: .pem)],
            privateKey: .file(path: arguments.certificate("client.key"), format: .pem)
        ) {
            $0.trustRoots = .certificates([.file(path: arguments.certificate("authority.pem"), format: .pem)])
            // Ours does not look at names in DNS either.
            $0.serverCertificateVerification = .noHostnameVerification
        }
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: arguments.port), transportSecurity: security,
            config: .defaults {
                if arguments.text("coalescing") == "off" { $0.connection.flushCoalescing = nil }
            },
            eventLoopGroup: group)
        return GRPCClient(transport: transport)
    }

    private static func call(_ client: Client, _ number: Int) async throws {
        let answer = try await client.unary(
            request: ClientRequest(message: Message.make(number, bytes: Message.requestBytes)), descriptor: Stock.find,
            serializer: RawBytes(), deserializer: RawBytes(), options: .defaults
        ) { try $0.message }
        let answered = Message.number(of: answer)
        guard answered == number, answer.count == Message.responseBytes else {
            fail("asked for \(number) and was answered about \(answered)")
        }
    }

    /// Runs connections for as long as the work takes; what they end with is of no interest then.
    private func withClients<Answer: Sendable>(
        _ count: Int, _ work: @escaping @Sendable ([Client]) async throws -> Answer
    ) async throws -> Answer {
        let clients = try (0..<count).map { _ in try connect() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { try await client.runConnections() } }
            let answer = try await work(clients)
            for client in clients { client.beginGracefulShutdown() }
            return answer
        }
    }

    private func calls() async throws -> Outcome {
        try await withClients(arguments.connections) { clients in
            try await Crowd.each(clients.count) { try await Self.call(clients[$0], $0) }
            let window = Window(server: arguments.server)
            let isAlone = clients.count * arguments.inFlight == 1
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, client) in clients.enumerated() {
                    for lane in 0..<arguments.inFlight {
                        let first = (number * arguments.inFlight + lane) * 1_000_000
                        group.addTask { try await Self.call(client, from: first, window, timed: isAlone) }
                    }
                }
                async let outcome = window.measure(
                    warmUp: arguments.seconds("warm-up"), for: arguments.seconds("seconds"))
                try await group.waitForAll()
                return try await outcome
            }
        }
    }

    private static func call(_ client: Client, from first: Int, _ window: Window, timed: Bool) async throws {
        var number = first
        while !window.isOver {
            number += 1
            if timed {
                let start = ContinuousClock.now
                try await call(client, number)
                window.finished(after: ContinuousClock.now - start)
            } else {
                try await call(client, number)
                window.finished()
            }
        }
    }

    private func stream() async throws -> Outcome {
        let count = arguments.number("items")
        return try await withClients(1) { clients in
            _ = try await Self.list(clients[0], count / 10)
            return try await Window.measure(count: count, server: arguments.server) {
                let listed = try await Self.list(clients[0], count)
                guard listed == count else { fail("\(listed) of \(count) items came") }
            }
        }
    }

    /// - Returns: How many items came, each in its turn.
    private static func list(_ client: Client, _ count: Int) async throws -> Int {
        try await client.serverStreaming(
            request: ClientRequest(message: Message.make(count, bytes: Message.requestBytes)), descriptor: Stock.list,
            serializer: RawBytes(), deserializer: RawBytes(), options: .defaults
        ) { response in
            var next = 0
            for try await item in response.messages {
                let number = Message.number(of: item)
                if number != next { fail("item \(number) came instead of \(next)") }
                next += 1
            }
            return next
        }
    }

    private func setUp() async throws -> Outcome {
        try await Crowd.each(Crowd.atOnce) { try await connectCallClose($0) }
        return try await Window.measure(count: arguments.connections, server: arguments.server) {
            try await Crowd.each(arguments.connections) { try await connectCallClose($0) }
        }
    }

    private func connectCallClose(_ number: Int) async throws {
        try await withClients(1) { try await Self.call($0[0], number) }
    }

    private func idle() async throws -> Outcome {
        try await withClients(arguments.connections) { clients in
            try await Memory.measure(connections: clients.count, server: arguments.server) {
                try await Self.call(clients[$0], $0)
            }
        }
    }
}
