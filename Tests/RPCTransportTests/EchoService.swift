import CoreTypes
import RPC
import Synchronization

struct Echo: RPCRequest {
    static let method: MethodName = "echo.say"
    static let effect = Effect.read
    static let failures: [StatusCode] = [.notFound]
    static let summary = "Says the text again."
    static let callers = Callers.operatorsAndServices("importer")
    static let example = (request: Echo(text: "hello"), response: Response(text: "hello"))

    var text: String

    struct Response: Codable, Sendable, Equatable { var text: String }
}

/// Is answered when the test opens the gate of that name; remembers whether it was cancelled.
struct Wait: RPCRequest {
    static let method: MethodName = "echo.wait"
    static let effect = Effect.once
    static let failures: [StatusCode] = []
    static let summary = "Answers when told."
    static let callers = Callers.services("importer")
    static let example = (request: Wait(gate: "a"), response: Response(gate: "a"))

    var gate: String

    struct Response: Codable, Sendable, Equatable { var gate: String }
}

/// Fails as `unavailable` until it was called this often.
struct Flaky: RPCRequest {
    static let method: MethodName = "echo.flaky"
    static let effect = Effect.idempotent
    static let failures: [StatusCode] = [.unavailable]
    static let summary = "Works in the end."
    static let callers = Callers.services("importer")
    static let example = (request: Flaky(failures: 1), response: Response(calls: 2))

    var failures: Int

    struct Response: Codable, Sendable, Equatable { var calls: Int }
}

struct OnlyOnce: RPCRequest {
    static let method: MethodName = "echo.onlyOnce"
    static let effect = Effect.once
    static let failures: [StatusCode] = [.unavailable]
    static let summary = "Never works, and may not be repeated."
    static let callers = Callers.services("importer")
    static let example = (request: OnlyOnce(), response: Response())

    struct Response: Codable, Sendable, Equatable {}
}

struct Restart: RPCRequest {
    static let method: MethodName = "echo.restart"
    static let effect = Effect.once
    static let failures: [StatusCode] = []
    static let summary = "For operators only."
    static let callers = Callers.operators
    static let example = (request: Restart(), response: Response())

    struct Response: Codable, Sendable, Equatable {}
}

struct Count: RPCStreamRequest {
    static let method: MethodName = "echo.count"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Counts up to a number."
    static let callers = Callers.services("importer")
    static let example = (request: Count(to: 2, padding: 0), response: Response(counted: 2))
    static let exampleItem = Item(number: 1, padding: "")

    var to: Int
    /// Bytes that make each item longer.
    var padding: Int

    struct Item: Codable, Sendable, Equatable {
        var number: Int
        var padding: String
    }

    struct Response: Codable, Sendable, Equatable { var counted: Int }
}

/// What the handlers share with the test.
final class EchoState: Sendable {
    let gates = Gates()
    let hanging = HangCount()
    let flakyCalls = Mutex(0)
    let onceCalls = Mutex(0)
    /// Items that the stream's handler has handed over.
    let itemsSent = Mutex(0)

    func makeRouter() -> Router {
        var router = Router(service: "scheduler", randomness: .counting)
        router.register(Echo.self) { request, _ in Echo.Response(text: request.text) }
        router.register(Wait.self) { [self] request, _ in
            try await gates.wait(request.gate)
            return Wait.Response(gate: request.gate)
        }
        router.register(Hang.self) { [self] _, _ in try await hanging.hang() }
        router.register(Flaky.self) { [self] request, _ in
            let calls = flakyCalls.withLock { calls in
                calls += 1
                return calls
            }
            guard calls > request.failures else { throw ServiceError(.unavailable, reason: "not_yet") }
            return Flaky.Response(calls: calls)
        }
        router.register(OnlyOnce.self) { [self] _, _ in
            onceCalls.withLock { $0 += 1 }
            throw ServiceError(.unavailable, reason: "never")
        }
        router.register(Restart.self) { _, _ in Restart.Response() }
        router.register(Count.self) { [self] request, _, writer in
            let padding = String(repeating: "x", count: request.padding)
            for number in 1...max(1, request.to) {
                try await writer.send(Count.Item(number: number, padding: padding))
                itemsSent.withLock { $0 = number }
            }
            return Count.Response(counted: request.to)
        }
        return router
    }
}

/// Named places where handlers wait and tests look.
actor Gates {
    private enum Gate {
        case waiting(CheckedContinuation<Void, Never>)
        case open
        case cancelled
    }

    private var gates: [String: Gate] = [:]
    private var arrivals: [String: [CheckedContinuation<Void, Never>]] = [:]

    func wait(_ name: String) async throws {
        if case .open = gates[name] { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                gates[name] = .waiting(continuation)
                for arrival in arrivals.removeValue(forKey: name) ?? [] { arrival.resume() }
            }
        } onCancel: {
            Task { await self.cancel(name) }
        }
        try Task.checkCancellation()
    }

    func open(_ name: String) {
        let gate = gates[name]
        gates[name] = .open
        if case .waiting(let continuation) = gate { continuation.resume() }
    }

    private func cancel(_ name: String) {
        let gate = gates[name]
        gates[name] = .cancelled
        if case .waiting(let continuation) = gate { continuation.resume() }
        for arrival in arrivals.removeValue(forKey: name + " cancelled") ?? [] { arrival.resume() }
    }

    /// Returns once a handler waits there.
    func arrival(_ name: String) async {
        guard gates[name] == nil else { return }
        await withCheckedContinuation { arrivals[name, default: []].append($0) }
    }

    /// Returns once the handler that waited there was cancelled.
    func cancellation(_ name: String) async {
        if case .cancelled = gates[name] { return }
        await withCheckedContinuation { arrivals[name + " cancelled", default: []].append($0) }
    }
}

extension Randomness {
    /// Counts up: ids differ, nothing else depends on it.
    static var counting: Randomness {
        let counter = Atomic<UInt64>(0)
        let box = CounterBox(counter)
        return Randomness { box.next() }
    }
}

private final class CounterBox: Sendable {
    private let counter: Atomic<UInt64>

    init(_ counter: consuming Atomic<UInt64>) { self.counter = counter }

    func next() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }
}
