import CoreTypes
import RPC
import Synchronization
import TestSupport
import Testing

@testable import RPCTransport

@Suite struct StreamCallTests {
    @Test func `items arrive in order, then the answer`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let numbers = Mutex<[Int]>([])
        let response = try await client.stream(Count(to: 20_000, padding: 10), options: CallOptions()) { item in
            numbers.withLock { $0.append(item.number) }
        }
        #expect(response.counted == 20_000)
        #expect(numbers.withLock { $0 } == Array(1...20_000))
        await client.shutDown()
        try await service.stop()
    }

    @Test func `a consumer that stops holds the producer back, other calls go on`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let gates = Gates()
        let total = 5_000
        let stream = Task {
            try await client.stream(Count(to: total, padding: 1_000), options: CallOptions(timeout: .seconds(30))) {
                if $0.number == 10 { try? await gates.wait("consumer") }
            }
        }
        await gates.arrival("consumer")
        // Both sides answer, so whatever credit allowed has been produced.
        for _ in 0..<20 { _ = try await client.call(Echo(text: "between")) }
        let produced = service.state.itemsSent.withLock { $0 }
        #expect(produced >= 10)
        // 256 KiB of credit and what was consumed; not 5 MB.
        #expect(produced < 1_000)
        await gates.open("consumer")
        #expect(try await stream.value.counted == total)
        await client.shutDown()
        try await service.stop()
    }

    @Test func `cancelling a stream stops its producer`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let gates = Gates()
        let stream = Task {
            try await client.stream(
                Count(to: 1_000_000, padding: 1_000), options: CallOptions(timeout: .seconds(60))
            ) { item in
                if item.number == 3 { await gates.open("third") }
            }
        }
        try? await gates.wait("third")
        stream.cancel()
        let error = await #expect(throws: ServiceError.self) { try await stream.value }
        #expect(error?.status == .cancelled)
        #expect(try await client.call(Echo(text: "still connected")).text == "still connected")
        #expect(service.state.itemsSent.withLock { $0 } < 1_000_000)
        await client.shutDown()
        try await service.stop()
    }
}
