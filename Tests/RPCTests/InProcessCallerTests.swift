import CoreTypes
import RPC
import Testing

@Suite struct InProcessCallerTests {
    private func router(_ gate: Gate? = nil) -> Router {
        var router = Router.test()
        router.register(Add.self) { request, context in
            await gate?.pass()
            return try await Add.handle(request, context)
        }
        return router
    }

    @Test func `a call goes there and back`() async throws {
        let caller = InProcessCaller(router(), as: .importer)
        #expect(try await caller.call(Add(numbers: [1, 2, 3])).sum == 6)
        #expect(try await caller.call(Ping()) == Ping.Response())
    }

    @Test func `rights and unknown methods are refused as on the network`() async throws {
        let denied = await #expect(throws: ServiceError.self) {
            try await InProcessCaller(router(), as: .billing).call(Add(numbers: []))
        }
        #expect(denied?.status == .permissionDenied)
        #expect(denied?.references["request"]?.hasPrefix("req_") == true)
        let unknown = await #expect(throws: ServiceError.self) {
            try await InProcessCaller(router(), as: .importer).call(Create(name: "x"))
        }
        #expect(unknown?.status == .unimplemented)
        #expect(unknown?.reason == "method_not_found")
    }

    @Test func `a call ends at its deadline by the clock it was given`() async throws {
        let gate = Gate()
        let caller = InProcessCaller(router(gate), as: .importer)
        let error = await #expect(throws: ServiceError.self) {
            try await caller.call(Add(numbers: []), options: CallOptions(timeout: .milliseconds(5)))
        }
        #expect(error?.status == .deadlineExceeded)
        #expect(gate.sawCancellation)
    }

    @Test func `a cancelled caller cancels the call`() async throws {
        let gate = Gate()
        let caller = InProcessCaller(router(gate), as: .importer)
        let call = Task { try await caller.call(Add(numbers: [])) }
        await gate.waitForEntered(1)
        call.cancel()
        let result = await call.result
        let error = #expect(throws: ServiceError.self) { try result.get() }
        #expect(error?.status == .cancelled)
        #expect(gate.sawCancellation)
    }

    @Test func `many calls at once each get their own answer`() async throws {
        let caller = InProcessCaller(router(), as: .importer)
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<200 {
                group.addTask { (number, try await caller.call(Add(numbers: [number, 1])).sum) }
            }
            for try await (number, sum) in group { #expect(sum == number + 1) }
        }
    }
}
