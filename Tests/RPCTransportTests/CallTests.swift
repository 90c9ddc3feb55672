import CoreTypes
import JSON
import RPC
import TestCertificates
import Testing

@testable import RPCTransport

@Suite struct CallTests {
    @Test func `a call is answered, and the next goes over the same connection`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        #expect(client.connection == nil)
        #expect(try await client.call(Echo(text: "æøå €")).text == "æøå €")
        let connection = try #require(client.connection)
        #expect(connection.peer == .service(name: "scheduler", instance: "1"))
        #expect(connection.tls == "TLSv1.3 TLS_AES_128_GCM_SHA256")
        #expect(try await client.call(Echo(text: "again")).text == "again")
        #expect(client.connection == connection)
        #expect(service.server.connections.map(\.peer) == [.service(name: "importer", instance: "1")])
        await client.shutDown()
        try await service.stop()
    }

    @Test func `64 calls in flight come back to whoever made them`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        try await withThrowingTaskGroup { tasks in
            for worker in 0..<64 {
                tasks.addTask {
                    for number in 0..<50 {
                        let text = "\(worker)/\(number)"
                        let answer = try await client.call(Echo(text: text))
                        #expect(answer.text == text)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        #expect(service.server.connections.count == 1)
        await client.shutDown()
        try await service.stop()
    }

    @Test func `callers that live on the connection's loop are answered there too`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let texts = await withTaskExecutorPreference(client.executor) {
            await withTaskGroup(of: String?.self) { tasks in
                for number in 0..<100 { tasks.addTask { try? await client.call(Echo(text: "\(number)")).text } }
                return await tasks.reduce(into: Set<String>()) { if let text = $1 { $0.insert(text) } }
            }
        }
        #expect(texts.count == 100)
        await client.shutDown()
        try await service.stop()
    }

    @Test func `frames as long as the limit pass, one byte more is refused before it is sent`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let most = 1 << 20
        let text = String(repeating: "x", count: most - 500)
        #expect(try await client.call(Echo(text: text)).text == text)
        let error = await #expect(throws: ServiceError.self) {
            try await client.call(Echo(text: String(repeating: "x", count: most)))
        }
        #expect(error?.status == .outOfRange)
        #expect(error?.reason == "request_too_large")
        #expect(try await client.call(Echo(text: "still connected")).text == "still connected")
        await client.shutDown()
        try await service.stop()
    }

    @Test func `identity decides which methods may be called`() async throws {
        let service = try await TransportFixture()
        let importer = try service.client()
        let anna = try service.client(service.authority.person("anna"))
        let billing = try service.client(service.authority.service("billing"))

        #expect(try await anna.call(Restart()) == Restart.Response())
        #expect(try await anna.call(Echo(text: "hi")).text == "hi")
        for client in [importer, billing] {
            let error = await #expect(throws: ServiceError.self) { try await client.call(Restart()) }
            #expect(error?.status == .permissionDenied)
            await client.shutDown()
        }
        await anna.shutDown()
        try await service.stop()
    }

    @Test func `any method can be called by its name`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let answer = try await client.call(
            method: "echo.say", params: .object([("text", .string("by name"))]), options: CallOptions())
        #expect(answer["text"]?.stringValue == "by name")
        let health = try await client.call(method: "rpc.health", params: nil, effect: .read, options: CallOptions())
        #expect(health["isAlive"] == .bool(true))
        let error = await #expect(throws: ServiceError.self) {
            try await client.call(method: "echo.none", params: nil, options: CallOptions())
        }
        #expect(error?.status == .unimplemented)
        await client.shutDown()
        try await service.stop()
    }

    @Test func `a client that passes its deadline is told, and the server stops working`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        _ = try await client.call(Echo(text: "connected"))
        let call = Task { try await client.call(Wait(gate: "late"), within: .milliseconds(700)) }
        await service.state.gates.arrival("late")
        let error = await #expect(throws: ServiceError.self) { try await call.value }
        #expect(error?.status == .deadlineExceeded)
        await service.state.gates.cancellation("late")
        #expect(try await client.call(Echo(text: "still connected")).text == "still connected")
        await client.shutDown()
        try await service.stop()
    }

    @Test func `a cancelled caller is free at once, and the server stops working`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        let call = Task { try await client.call(Wait(gate: "left"), within: .seconds(60)) }
        await service.state.gates.arrival("left")
        call.cancel()
        let error = await #expect(throws: ServiceError.self) { try await call.value }
        #expect(error?.status == .cancelled)
        await service.state.gates.cancellation("left")
        await client.shutDown()
        try await service.stop()
    }

    @Test func `what was cancelled before it was called is not sent`() async throws {
        let service = try await TransportFixture()
        let client = try service.client()
        _ = try await client.call(Echo(text: "connected"))
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.call(Wait(gate: "never"))
        }
        let error = await #expect(throws: ServiceError.self) { try await call.value }
        #expect(error?.status == .cancelled)
        await client.shutDown()
        try await service.stop()
    }
}
