import CoreTypes
import RPC
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct LeftoverTests {
    /// Cancelled, timed out and cut off, all at once and on several connections.
    @Test func `however their callers leave, no call is left running`() async throws {
        var limits = RPCServerLimits()
        limits.session.callsMax = 4096
        let service = try await TransportFixture(limits: limits)
        let clients = try (0..<4).map { _ in try service.client() }
        let calls = (0..<600).map { number in
            Task {
                let patience: Duration = number % 3 == 0 ? .milliseconds(200 + number) : .seconds(600)
                return try await clients[number % 4].call(Hang(), within: patience)
            }
        }
        #expect(await becomesTrue { service.state.hanging.started >= 400 })
        for (number, call) in calls.enumerated() where number % 3 == 1 { call.cancel() }
        for (number, call) in calls.enumerated() where number % 3 != 2 {
            let error = await #expect(throws: ServiceError.self) { try await call.value }
            #expect(error?.status == (number % 3 == 1 ? .cancelled : .deadlineExceeded))
        }
        #expect(await becomesTrue { service.state.hanging.running <= 200 })
        // The connections serve on, and their end ends what is left.
        for client in clients { #expect(try await client.call(Echo(text: "fine")).text == "fine") }
        let ended = Task { try await service.kill() }
        for (number, call) in calls.enumerated() where number % 3 == 2 {
            let error = await #expect(throws: ServiceError.self) { try await call.value }
            #expect(error?.reason == "connection_lost")
        }
        try await ended.value
        #expect(await becomesTrue { service.state.hanging.running == 0 })
    }

    /// The server never answers the deadline: the client does not need it to.
    @Test func `a caller never waits past its deadline, also when its server stands still`() async throws {
        let service = try await TransportFixture()
        let proxy = try await SwallowingProxy(to: service.port)
        let client = try TransportFixture.client(service.authority.service("importer"), port: proxy.port)
        _ = try await client.call(Echo(text: "connected"))
        proxy.pull()
        let start = ContinuousClock.now
        let error = await #expect(throws: ServiceError.self) {
            try await client.call(Echo(text: "anybody?"), within: .milliseconds(300))
        }
        #expect(error?.status == .deadlineExceeded)
        #expect(ContinuousClock.now - start < .seconds(4))
        try await proxy.close()
        try await service.kill()
    }
}
