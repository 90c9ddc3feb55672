import CoreTypes
import RPC
import Synchronization
import Testing

@Suite struct IdempotencyTests {
    private final class Things: Sendable {
        let created = Mutex(0)
        func create() -> Int {
            created.withLock {
                $0 += 1; return $0
            }
        }
    }

    private func router(_ things: Things, _ gate: Gate? = nil, failing error: ServiceError? = nil) -> Router {
        var router = Router.test()
        router.idempotencyStore = InMemoryIdempotencyStore(entriesMax: 2)
        router.register(Create.self) { _, _ in
            await gate?.pass()
            let number = things.create()
            if let error { throw error }
            return Create.Response(number: number)
        }
        return router
    }

    private func options(_ key: String?) -> CallOptions { CallOptions(idempotencyKey: key) }

    @Test func `the same key gets the same answer and the work is done once`() async throws {
        let things = Things()
        let caller = InProcessCaller(router(things), as: .importer)
        let first = try await caller.call(Create(name: "a"), options: options("k1"))
        #expect(try await caller.call(Create(name: "a"), options: options("k1")) == first)
        #expect(try await caller.call(Create(name: "a"), options: options("k2")).number == 2)
        #expect(try await caller.call(Create(name: "a"), options: options(nil)).number == 3)
    }

    @Test func `a key used for another request is refused`() async throws {
        let things = Things()
        let caller = InProcessCaller(router(things), as: .importer)
        _ = try await caller.call(Create(name: "a"), options: options("k"))
        let error = await #expect(throws: ServiceError.self) {
            try await caller.call(Create(name: "b"), options: options("k"))
        }
        #expect(error?.status == .failedPrecondition)
        #expect(error?.reason == "idempotency_key_reused")
        #expect(things.created.withLock { $0 } == 1)
    }

    @Test func `another caller's key is another key, another instance's is not`() async throws {
        let router = router(Things())
        let create = Create(name: "a")
        let second = PeerIdentity.service(name: "importer", instance: "2")
        #expect(try await InProcessCaller(router, as: .importer).call(create, options: options("k")).number == 1)
        #expect(try await InProcessCaller(router, as: .billing).call(create, options: options("k")).number == 2)
        #expect(try await InProcessCaller(router, as: second).call(create, options: options("k")).number == 1)
    }

    @Test func `a repeat while the first still works is told to come again`() async throws {
        let gate = Gate()
        let caller = InProcessCaller(router(Things(), gate), as: .importer)
        let first = Task { try await caller.call(Create(name: "a"), options: options("k")) }
        await gate.waitForEntered(1)
        let error = await #expect(throws: ServiceError.self) {
            try await caller.call(Create(name: "a"), options: options("k"))
        }
        #expect(error?.status == .aborted)
        #expect(error?.retryAfterMs != nil)
        gate.open()
        #expect(try await first.value.number == 1)
        #expect(try await caller.call(Create(name: "a"), options: options("k")).number == 1)
    }

    @Test(arguments: [
        (ServiceError(.failedPrecondition, reason: "no"), 1), (ServiceError(.unavailable, reason: "later"), 2),
        (ServiceError(.internal, reason: "bug"), 2),
        (ServiceError(.failedPrecondition, reason: "x", retryAfterMs: 5), 2),
    ])
    func `a final error is kept, any other lets the work be tried again`(error: ServiceError, times: Int) async throws {
        let things = Things()
        let caller = InProcessCaller(router(things, failing: error), as: .importer)
        for _ in 0..<2 {
            let thrown = await #expect(throws: ServiceError.self) {
                try await caller.call(Create(name: "a"), options: options("k"))
            }
            #expect(thrown?.reason == error.reason)
        }
        #expect(things.created.withLock { $0 } == times)
    }

    @Test func `without a store the handler gets the key itself`() async throws {
        let keys = Collected<String?>()
        var router = Router.test()
        router.register(Create.self) { _, context in
            keys.add(context.idempotencyKey)
            return Create.Response(number: 1)
        }
        _ = try await InProcessCaller(router, as: .importer).call(Create(name: "a"), options: options("k"))
        #expect(keys.values == ["k"])
    }
}
