import CoreTypes
import JSON
import RPC
import Testing

@Suite struct StreamTests {
    private var router: Router {
        var router = Router.test()
        router.register(CountUp.self, streaming: CountUp.handle)
        router.register(Follow.self, streaming: Follow.handle)
        return router
    }

    private func count(_ upTo: Int, id: Int = 1) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"test.countUp","params":{"upTo":\#(upTo)}}"#
    }

    private func credit(_ bytes: Int) -> String {
        #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":1,"bytes":\#(bytes)}}"#
    }

    @Test func `items share a frame and come before the answer`() throws {
        let fixture = Fixture(router)
        let frames = try fixture.send(count(3))
        #expect(frames.count == 2)
        #expect(frames.first?["method"] == "rpc.stream")
        #expect(frames.first?["params"] == ["id": 1, "items": [["number": 1], ["number": 2], ["number": 3]]])
        #expect(frames.last?["result"] == ["sent": 3])
    }

    @Test func `a stream stops when the caller has no more room, and goes on when it has`() async throws {
        var limits = SessionLimits()
        limits.streamCreditBytes = 40
        let fixture = Fixture(router, limits: limits)
        // {"number":1} and one byte are 13: the fourth item overdraws 40.
        #expect(try fixture.send(count(10)).isEmpty)
        #expect(fixture.outlet.flushesAsked == 1)
        fixture.session.writePending()
        #expect(try items(fixture) == [1, 2, 3, 4])
        #expect(try fixture.send(credit(12)).isEmpty)
        fixture.session.writePending()
        #expect(try items(fixture) == [1, 2, 3, 4], "12 bytes only pay the debt")
        try fixture.send(credit(14))
        while fixture.outlet.flushesAsked < 2 { await Task.yield() }
        fixture.session.writePending()
        #expect(try items(fixture).starts(with: [1, 2, 3, 4, 5]))
        try fixture.send(credit(1000))
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try items(fixture) == Array(1...10))
        #expect(try fixture.outlet.values().last?["result"] == ["sent": 10])
    }

    private func items(_ fixture: Fixture) throws -> [Int] {
        try fixture.outlet.values().flatMap { $0["params"]?["items"]?.arrayValue ?? [] }.compactMap {
            guard case .number(let text)? = $0["number"] else { return nil }
            return Int(text)
        }
    }

    @Test func `a stream that is cancelled while it waits for room ends`() async throws {
        var limits = SessionLimits()
        limits.streamCreditBytes = 1
        let fixture = Fixture(router, limits: limits)
        try fixture.send(count(10))
        let answers = try fixture.send(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}}"#)
        #expect(answers.last?["error"]?["data"]?["status"] == "cancelled")
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try items(fixture) == [1])
    }

    @Test func `a watch ends when its connection drains, a stream with an end does not`() async throws {
        var limits = SessionLimits()
        limits.streamCreditBytes = 40
        let fixture = Fixture(router, limits: limits)
        let watch = #"{"jsonrpc":"2.0","id":2,"method":"test.follow","params":{}}"#
        try fixture.send(watch)
        try fixture.send(count(10))
        fixture.session.beginDrain()
        while fixture.session.callsInFlight > 1 { await Task.yield() }
        let answers = try fixture.outlet.values().filter { $0["id"] != nil }
        #expect(answers.count == 1)
        #expect(answers.first?["id"] == 2)
        #expect(answers.first?["error"]?["data"]?["reason"] == "connection_drains")
        // One that was on its way meanwhile is answered alike.
        try fixture.send(watch)
        while fixture.session.callsInFlight > 1 { await Task.yield() }
        #expect(try fixture.outlet.values().filter { $0["id"] == 2 }.count == 2)
        try fixture.send(credit(1000))
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try items(fixture).contains(10))
    }

    @Test func `many items leave in frames that are not held back to the end`() async throws {
        let fixture = Fixture(router)
        try fixture.send(count(3000))
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try items(fixture) == Array(1...3000))
        #expect(fixture.outlet.frames.count > 2)
        #expect(fixture.outlet.frames.allSatisfy { $0.utf8.count < 20_000 })
    }

    @Test func `a stream needs an id and a frame of its own`() throws {
        let fixture = Fixture(router)
        let batch = try fixture.send("[\(count(1))]").first?.arrayValue
        #expect(batch?.first?["error"]?["data"]?["reason"] == "stream_in_batch")
        #expect(try fixture.send(#"{"jsonrpc":"2.0","method":"test.countUp","params":{"upTo":1}}"#).isEmpty)
    }

    @Test(.timeLimit(.minutes(2)))
    func `the in-process caller hands over every item in order, then the answer`() async throws {
        let seen = Collected<Int>()
        var limits = SessionLimits()
        limits.streamCreditBytes = 100
        // A clock that stands still: no deadline comes, however busy the machine is, so only a lost wake-up can stop it.
        let caller = InProcessCaller(router, as: .importer, limits: limits, clock: SteppedClock())
        let response = try await caller.stream(CountUp(upTo: 500), options: CallOptions()) { seen.add($0.number) }
        #expect(seen.values == Array(1...500))
        #expect(response.sent == 500)
    }

    @Test func `a caller that stops listening stops the stream`() async throws {
        let seen = Collected<Int>()
        let caller = InProcessCaller(router, as: .importer)
        let listening = Task {
            try await caller.stream(CountUp(upTo: .max), options: CallOptions(timeout: .seconds(600))) {
                seen.add($0.number)
                if $0.number == 20 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        let result = await listening.result
        let error = #expect(throws: ServiceError.self) { try result.get() }
        #expect(error?.status == .cancelled)
        #expect(seen.values.count >= 20)
    }
}
