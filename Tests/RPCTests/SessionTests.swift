import CoreTypes
import JSON
import RPC
import Testing

@Suite struct SessionTests {
    private func request(_ id: Int, _ method: String, _ params: String, meta: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params),"meta":\#(meta)}"#
    }

    private func adding(_ gate: Gate? = nil) -> Router {
        var router = Router.test()
        router.register(Add.self) { request, context in
            await gate?.pass()
            return try await Add.handle(request, context)
        }
        return router
    }

    // MARK: Rights

    @Test func `who is not named is refused before the parameters are looked at`() throws {
        let fixture = Fixture(adding(), as: .billing)
        let answer = try #require(try fixture.send(request(1, "test.add", #"{"numbers":"not even numbers"}"#)).first)
        let error = try #require(answer["error"])
        #expect(error["code"] == .number("7"))
        #expect(error["data"]?["status"] == "permissionDenied")
        #expect(error["data"]?["reason"] == "method_not_permitted")
        #expect(error["data"]?["arguments"]?["caller"] == "billing/1")
    }

    @Test func `operators and named services are let in`() throws {
        for peer in [PeerIdentity.anna, .importer] {
            let answer = try Fixture(adding(), as: peer).send(request(1, "test.add", #"{"numbers":[2,3]}"#))
            #expect(answer.first?["result"]?["sum"] == 5)
        }
    }

    // MARK: Errors

    private struct Unforeseen: Error {}

    @Test func `an error nobody converted becomes internal, is logged once and never shown`() throws {
        let log = Collected<CallFault>()
        var router = Router.test(log: log.add)
        router.register(Add.self) { _, _ in throw Unforeseen() }
        let error = try #require(try Fixture(router).send(request(1, "test.add", #"{"numbers":[]}"#)).first?["error"])
        #expect(error["code"] == .number("13"))
        #expect(error["data"]?["reason"] == "internal")
        #expect(log.values.count == 1)
        #expect(log.values.first?.error is Unforeseen)
        #expect(log.values.first?.method == "test.add")
        #expect(error["data"]?["requestId"]?.stringValue == log.values.first?.requestID.rawValue)
    }

    @Test func `an error carries reason, words in the caller's language, references and when to come again`() throws {
        let texts = ErrorTexts { error, language in ("\(language.rawValue):\(error.reason)", "wait") }
        var router = Router.test(texts: texts)
        router.register(Add.self) { _, _ in
            throw ServiceError(
                .unavailable, reason: "erp_busy", arguments: ["erp": "SAP"], references: ["run": "run_1"],
                retryAfterMs: 500)
        }
        let answer = try Fixture(router).send(
            request(1, "test.add", #"{"numbers":[]}"#, meta: #"{"language":"da"}"#)
        ).first
        let expected = #"""
            {"code":14,"message":"da:erp_busy","data":{"status":"unavailable","reason":"erp_busy",
            "arguments":{"erp":"SAP"},"message":"da:erp_busy","remedy":"wait","retryable":true,"retryAfterMs":500,
            "requestId":"\#(RequestID(bytes: (1, 2)))","references":{"run":"run_1"}}}
            """#
        let error = try #require(answer?["error"])
        #expect(try error.prettyText == JSON.decode(JSONValue.self, from: expected).prettyText)
    }

    @Test(arguments: [#"{"language":"fr"}"#, #"{"new":[1],"deadlineMs":null}"#, #"{"deadlineMs":9000000000}"#])
    func `a call is not refused for what its caller says beside it in words to come`(meta: String) throws {
        let answer = try Fixture(adding()).send(request(1, "test.add", #"{"numbers":[2]}"#, meta: meta))
        #expect(answer.first?["result"]?["sum"] == 2)
    }

    @Test func `an answer larger than a frame is an error, not a broken connection`() throws {
        struct Big: RPCRequest {
            static let method: MethodName = "test.big"
            static let effect = Effect.read
            static let failures: [StatusCode] = []
            static let summary = "Is big."
            static let callers = Callers.everybody
            typealias Response = String
            static var example: (request: Self, response: String) { (Self(), "") }
        }
        var router = Router.test()
        router.register(Big.self) { _, _ in String(repeating: "x", count: 2000) }
        var limits = SessionLimits()
        limits.frameBytesMax = 1000
        let fixture = Fixture(router, limits: limits)
        #expect(
            try fixture.send(request(1, "test.big", "{}")).first?["error"]?["data"]?["reason"] == "answer_too_large")
        let batch = "[" + (1...20).map { request($0, "test.big", "{}") }.joined(separator: ",") + "]"
        #expect(try fixture.send(batch).count == 1)
        #expect(fixture.outlet.frames.allSatisfy { $0.utf8.count <= 1000 })
    }

    // MARK: Deadlines

    @Test func `at its deadline a call is answered and its work cancelled`() async throws {
        let gate = Gate()
        let fixture = Fixture(adding(gate))
        #expect(try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#, meta: #"{"deadlineMs":500}"#)).isEmpty)
        #expect(fixture.outlet.timer == fixture.time.now.advanced(by: .milliseconds(500)))
        fixture.time.advance(by: .milliseconds(499))
        fixture.session.expireCalls()
        #expect(fixture.outlet.frames.isEmpty)
        fixture.time.advance(by: .milliseconds(1))
        fixture.session.expireCalls()
        let answer = try #require(try fixture.outlet.values().first)
        #expect(answer["error"]?["code"] == .number("4"))
        #expect(gate.sawCancellation)
        await gate.waitForEntered(1)
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(fixture.outlet.frames.count == 1, "the late result is dropped")
        #expect(fixture.outlet.timesIdle == 1)
    }

    @Test(arguments: [0, -5])
    func `a call whose deadline has passed is not started`(deadline: Int) throws {
        let gate = Gate()
        let meta = #"{"deadlineMs":\#(deadline)}"#
        let answer = try Fixture(adding(gate)).send(request(1, "test.add", #"{"numbers":[1]}"#, meta: meta))
        #expect(answer.first?["error"]?["data"]?["reason"] == "deadline_exceeded")
        #expect(gate.entered == 0)
    }

    @Test func `a call without a deadline ends at the connection's longest time`() throws {
        var limits = SessionLimits()
        limits.deadlineMsMax = 1000
        let fixture = Fixture(adding(Gate()), limits: limits)
        try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#))
        try fixture.send(request(2, "test.add", #"{"numbers":[1]}"#, meta: #"{"deadlineMs":9000}"#))
        fixture.time.advance(by: .seconds(1))
        fixture.session.expireCalls()
        #expect(try Set(fixture.outlet.values().map { $0["id"]?.description }).count == 2)
    }

    @Test func `what a handler calls next has no longer than is left`() throws {
        let options = Collected<CallOptions>()
        let time = ManualTime()
        var router = Router.test()
        router.register(Add.self) { request, context in
            time.advance(by: .milliseconds(300))
            options.add(context.onward(within: .seconds(5)))
            return try await Add.handle(request, context)
        }
        let session = ServerSession(
            router: router, peer: .importer, outlet: RecordingOutlet(), executor: nil, now: { time.now })
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for meta in [#"{"deadlineMs":1000,"traceparent":"\#(trace)","language":"da"}"#, "{}"] {
            var text = request(1, "test.add", #"{"numbers":[1]}"#, meta: meta)
            text.withUTF8 { session.receive(UnsafeRawBufferPointer($0)) }
        }
        #expect(options.values.map(\.timeout) == [.milliseconds(700), .seconds(5)])
        #expect(options.values.first?.traceparent == Traceparent(trace))
        #expect(options.values.first?.language == .danish)
    }

    // MARK: Cancelling

    @Test func `a cancelled call is answered at once and its work stops`() async throws {
        let gate = Gate()
        let fixture = Fixture(adding(gate))
        try fixture.send(request(7, "test.add", #"{"numbers":[1]}"#))
        await gate.waitForEntered(1)
        let cancel = #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":7}}"#
        let answer = try fixture.send(cancel)
        #expect(answer.first?["error"]?["code"] == .number("1"))
        #expect(gate.sawCancellation)
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try fixture.send(cancel).isEmpty, "a call that is over cannot be cancelled")
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","method":"rpc.cancel"}"#, #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":[]}}"#,
        #"{"jsonrpc":"2.0","method":"rpc.cancel","params":[7]}"#,
        #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":1,"bytes":-5}}"#,
        #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":1,"bytes":99999999999999999999}}"#,
    ])
    func `a notification about no call changes nothing`(text: String) throws {
        #expect(try Fixture(adding()).send(text).isEmpty)
    }

    @Test func `a closed connection cancels every call and sends nothing more`() async throws {
        let gate = Gate()
        let fixture = Fixture(adding(gate))
        for id in 1...3 { try fixture.send(request(id, "test.add", #"{"numbers":[1]}"#)) }
        await gate.waitForEntered(3)
        #expect(fixture.session.callsInFlight == 3)
        fixture.session.close()
        #expect(gate.sawCancellation)
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(fixture.outlet.frames.isEmpty)
    }

    // MARK: Limits

    @Test func `one call too many is answered, not queued`() async throws {
        var limits = SessionLimits()
        limits.callsMax = 2
        let gate = Gate()
        let fixture = Fixture(adding(gate), limits: limits)
        for id in 1...2 { #expect(try fixture.send(request(id, "test.add", #"{"numbers":[1]}"#)).isEmpty) }
        let answer = try fixture.send(request(3, "test.add", #"{"numbers":[1]}"#))
        #expect(answer.first?["error"]?["data"]?["reason"] == "too_many_calls")
        #expect(answer.first?["error"]?["data"]?["retryable"] == true)
        gate.open()
        await fixture.outlet.waitForFrames(3)
        while fixture.session.callsInFlight > 0 { await Task.yield() }
        #expect(try fixture.send(request(3, "test.add", #"{"numbers":[1]}"#)).isEmpty == false)
    }

    @Test func `an id that is still in use is refused`() throws {
        let gate = Gate()
        let fixture = Fixture(adding(gate))
        try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#))
        let answer = try fixture.send(request(1, "test.add", #"{"numbers":[1]}"#))
        #expect(answer.first?["error"]?["code"] == .number("-32600"))
        gate.open()
    }

    @Test func `a batch beyond the limit is refused as one`() throws {
        var limits = SessionLimits()
        limits.batchMax = 2
        let one = request(1, "test.add", #"{"numbers":[1]}"#)
        let answer = try Fixture(adding(), limits: limits).send("[\(one),\(one),\(one)]")
        #expect(answer.first?["error"]?["data"]?["reason"] == "batch_too_long")
    }

    @Test func `a batch is answered once its last call has ended`() async throws {
        let gate = Gate()
        let fixture = Fixture(adding(gate))
        let ping = request(1, "rpc.ping", "{}")
        #expect(try fixture.send("[\(ping),\(request(2, "test.add", #"{"numbers":[1,1]}"#))]").isEmpty)
        gate.open()
        await fixture.outlet.waitForFrames(1)
        let answers = try #require(try fixture.outlet.values().first?.arrayValue)
        #expect(answers.map { $0["id"] } == [1, 2])
    }
}

extension JSONValue {
    fileprivate var description: String { prettyText }
}
