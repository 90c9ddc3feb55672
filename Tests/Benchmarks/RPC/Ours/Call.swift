import Candidate
import CoreTypes
import Logging
import NIOPosix
import RPC
import RPCTransport
import Synchronization
import TLS

/// The client's side of every measure, through the typed API that services use, on one event loop.
struct Caller {
    let arguments: Arguments
    private let tlsSource: TLSContextSource
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        tlsSource = try TLSContextSource(tls(arguments, "client"))
    }

    func run() async throws -> Outcome {
        switch arguments.measure {
        case "calls": try await calls()
        case "stream": try await stream()
        case "set-up": try await setUp()
        case "idle": try await idle()
        default: fail("no measure \(arguments.measure)")
        }
    }

    private func connect() -> RPCClient {
        let address = RPCAddress(host: "127.0.0.1", port: arguments.port)
        return RPCClient(
            configuration: RPCClientConfiguration(service: "stock", addresses: [address]), tls: tlsSource,
            logger: silent, randomness: randomness, group: group)
    }

    private static func call(_ client: RPCClient, _ number: Int) async throws {
        let answer = try await client.call(FindStock(call: number))
        guard answer.call == number else { fail("asked for \(number) and was answered about \(answer.call)") }
    }

    private func calls() async throws -> Outcome {
        let clients = (0..<arguments.connections).map { _ in connect() }
        try await Crowd.each(clients.count) { try await Self.call(clients[$0], $0) }
        let window = Window(server: arguments.server)
        let isAlone = clients.count * arguments.inFlight == 1
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, client) in clients.enumerated() {
                for lane in 0..<arguments.inFlight {
                    let first = (number * arguments.inFlight + lane) * 1_000_000
                    group.addTask(executorPreference: client.executor) {
                        try await Self.call(client, from: first, window, timed: isAlone)
                    }
                }
            }
            async let outcome = window.measure(
                warmUp: arguments.seconds("warm-up"), for: arguments.seconds("seconds"))
            try await group.waitForAll()
            return try await outcome
        }
    }

    private static func call(_ client: RPCClient, from first: Int, _ window: Window, timed: Bool) async throws {
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
        let client = connect()
        let count = arguments.number("items")
        _ = try await Self.list(client, count / 10)
        return try await Window.measure(count: count, server: arguments.server) {
            let listed = try await Self.list(client, count)
            guard listed == count else { fail("\(listed) of \(count) items came") }
        }
    }

    /// - Returns: How many items came, each in its turn.
    private static func list(_ client: RPCClient, _ count: Int) async throws -> Int {
        let next = Atomic<Int>(0)
        return try await withTaskExecutorPreference(client.executor) {
            let response = try await client.stream(
                ListStock(count: count), options: CallOptions(timeout: .seconds(60))
            ) { item in
                let expected = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if item.number != expected { fail("item \(item.number) came instead of \(expected)") }
            }
            guard response.listed == count else { fail("the server says that it sent \(response.listed)") }
            return next.load(ordering: .relaxed)
        }
    }

    private func setUp() async throws -> Outcome {
        try await Crowd.each(Crowd.atOnce) { try await connectCallClose($0) }
        return try await Window.measure(count: arguments.connections, server: arguments.server) {
            try await Crowd.each(arguments.connections) { try await connectCallClose($0) }
        }
    }

    private func connectCallClose(_ number: Int) async throws {
        let client = connect()
        try await withTaskExecutorPreference(client.executor) {
            try await Self.call(client, number)
            await client.shutDown()
        }
    }

    private func idle() async throws -> Outcome {
        let clients = (0..<arguments.connections).map { _ in connect() }
        return try await Memory.measure(connections: clients.count, server: arguments.server) {
            try await Self.call(clients[$0], $0)
        }
    }
}
