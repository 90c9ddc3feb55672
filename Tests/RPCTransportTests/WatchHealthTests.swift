import CoreTypes
import RPC
import RPCTransport
import Testing

@Suite struct WatchHealthTests {
    @Test func `a watch over the network is told that the server drains, and does not hold it up`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let (told, incoming) = AsyncStream.makeStream(of: HealthReport.self)
        let watch = Task {
            try await client.stream(WatchHealth(), options: CallOptions(timeout: .seconds(60))) { incoming.yield($0) }
        }
        var reports = told.makeAsyncIterator()
        #expect(await reports.next()?.isReady == true)
        service.server.shutDown()
        #expect(await reports.next()?.isReady == false)
        #expect(try await watch.value == WatchHealth.Response())
        await client.shutDown()
        try await service.stop()
    }
}
