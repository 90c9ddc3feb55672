import CoreTypes
import RPC
import Synchronization
import TestCertificates
import TestSupport
import Testing

@testable import RPCTransport

@Suite struct RestartTests {
    /// One port, one instance at a time: between two of them nobody listens.
    @Test func `a server that is restarted again and again under load fails no call`() async throws {
        let restarts = LongProof.count(3, long: 60)
        var service = try await TransportFixture()
        let port = service.port
        let authority = service.authority
        let clients = try (0..<4).map { _ in try TransportFixture.client(authority.service("importer"), port: port) }
        let load = Load()
        var longest = Duration.zero
        await withThrowingTaskGroup { tasks in
            for worker in 0..<32 { tasks.addTask { await load.run(clients[worker % 4], worker) } }
            do {
                for _ in 0..<restarts {
                    try await load.answers(200)
                    try await service.stop()
                    service = try await TransportFixture(port: port, authority: authority)
                    let listening = ContinuousClock.now
                    try await load.answers(1)
                    // Looked for every tenth of a second, whatever the number of attempts.
                    longest = max(longest, ContinuousClock.now - listening)
                }
                try await load.answers(200)
            } catch {
                Issue.record(error)
            }
            load.stop()
        }
        #expect(load.failures == [])
        #expect(longest < .seconds(5))
        for client in clients { await client.shutDown() }
        try await service.stop()
    }

    @Test func `where the server stopped for good a call waits no longer than its deadline, and a stream not at all`()
        async throws
    {
        let service = try await TransportFixture()
        let client = try service.client { $0.restartSecondsMax = 1 }
        _ = try await client.call(Echo(text: "connected"))
        try await service.stop()
        let start = ContinuousClock.now
        let error = await #expect(throws: ServiceError.self) {
            try await client.stream(Count(to: 1, padding: 0), options: CallOptions(timeout: .seconds(60))) { _ in }
        }
        #expect(error?.reason == "service_unreachable")
        // At first it is expected back, after that nobody waits for it.
        let second = await #expect(throws: ServiceError.self) {
            try await client.call(Echo(text: "back?"), within: .seconds(60))
        }
        #expect(second?.reason == "service_unreachable")
        #expect(ContinuousClock.now - start < .seconds(8))
        await client.shutDown()
    }
}

/// Calls without a pause, and what became of them.
private final class Load: Sendable {
    private struct State {
        var answered = 0
        var failures: [String] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    var answered: Int { state.withLock { $0.answered } }
    var failures: [String] { state.withLock { $0.failures } }

    /// Waits until so many more calls were answered.
    func answers(_ more: Int) async throws {
        let before = answered
        guard await becomesTrue(within: .seconds(60), { answered >= before + more }) else {
            throw ServiceError(.deadlineExceeded, reason: "not_\(more)_answers")
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    func run(_ client: RPCClient, _ worker: Int) async {
        var number = 0
        while !state.withLock({ $0.isStopped }) {
            number += 1
            let text = "\(worker).\(number)"
            do {
                let answer = try await client.call(Echo(text: text), within: .seconds(30))
                let isRight = answer.text == text
                state.withLock { state in
                    state.answered += 1
                    if !isRight { state.failures.append("another call's answer") }
                }
            } catch {
                state.withLock { $0.failures.append(error.reason) }
            }
        }
    }
}
