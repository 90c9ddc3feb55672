import CoreTypes
import RPC
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct DeadPeerTests {
    /// Nothing closes the connection: only the missing answer to a ping tells.
    @Test func `a peer that is gone without a word fails the calls in flight at once, and both ends let go`()
        async throws
    {
        var limits = RPCServerLimits()
        // The client learns these in the handshake; its own would take 15 seconds.
        limits.session.keepaliveIntervalMs = 500
        limits.session.keepaliveTimeoutMs = 1000
        limits.idleSecondsMax = 3
        let service = try await TransportFixture(limits: limits)
        let proxy = try await SwallowingProxy(to: service.port)
        let client = try TransportFixture.client(service.authority.service("importer"), port: proxy.port)
        let calls = (0..<10).map { _ in Task { try await client.call(Hang(), within: .seconds(600)) } }
        #expect(await becomesTrue { service.state.hanging.running == 10 })

        proxy.pull()
        let pulled = ContinuousClock.now
        for call in calls {
            let error = await #expect(throws: ServiceError.self) { try await call.value }
            #expect(error?.status == .unavailable)
            #expect(error?.reason == "connection_lost")
        }
        // Not the 15 seconds of the default, nor the three that TLS waits for a farewell.
        #expect(ContinuousClock.now - pulled < .milliseconds(4400))
        #expect(await becomesTrue { service.state.hanging.running == 0 }, "the server works on for nobody")
        // A new connection is another cable.
        #expect(try await client.call(Echo(text: "again"), within: .seconds(60)).text == "again")
        await client.shutDown()
        try await proxy.close()
        try await service.kill()
    }

    @Test func `a peer that is quiet but alive is left alone`() async throws {
        var limits = RPCServerLimits()
        limits.session.keepaliveIntervalMs = 50
        limits.session.keepaliveTimeoutMs = 2000
        let service = try await TransportFixture(limits: limits)
        let client = try service.client()
        _ = try await client.call(Echo(text: "first"))
        let connection = try #require(client.connection)
        // Answered pings: many intervals pass while one call waits.
        _ = await #expect(throws: ServiceError.self) { try await client.call(Hang(), within: .milliseconds(600)) }
        #expect(client.connection == connection)
        await client.shutDown()
        try await service.stop()
    }
}
