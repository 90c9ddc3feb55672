import CoreTypes
import JSON
import RPC
import Testing

@Suite struct FrameTests {
    private func text(_ write: (JSONWriter) throws -> Void) rethrows -> String {
        let writer = JSONWriter()
        writer.append(raw: "left over from the frame before")
        try write(writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func scan<T>(_ text: String, _ body: (IncomingFrame) throws -> T) throws -> T {
        var text = text
        return try text.withUTF8 { try IncomingFrame.scan(UnsafeRawBufferPointer($0), body) }
    }

    @Test func `a request says what its caller wants, and no more`() throws {
        let plain = try text {
            try OutgoingFrame.request(
                Add(numbers: [1]), id: 7, options: CallOptions(), deadlineMs: 250, into: $0)
        }
        #expect(
            plain == #"{"jsonrpc":"2.0","id":7,"method":"test.add","params":{"numbers":[1]},"meta":{"deadlineMs":250}}"#
        )
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let options = CallOptions(
            idempotencyKey: "k\"1", traceparent: Traceparent(trace), language: .danish, endUser: "signed")
        let full = try text {
            try OutgoingFrame.rawRequest(
                method: "test.add", params: nil, id: 8, options: options, deadlineMs: 1, into: $0)
        }
        let expected =
            #"{"jsonrpc":"2.0","id":8,"method":"test.add","params":{},"meta":{"deadlineMs":1,"idempotencyKey":"k\"1","#
            + #""traceparent":"\#(trace)","language":"da","endUser":"signed"}}"#
        #expect(full == expected)
    }

    @Test func `notifications of a client are valid for a server`() throws {
        #expect(
            text { OutgoingFrame.cancel(id: 7, into: $0) }
                == #"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":7}}"#)
        #expect(
            text { OutgoingFrame.credit(id: 7, bytes: 100, into: $0) }
                == #"{"jsonrpc":"2.0","method":"rpc.credit","params":{"id":7,"bytes":100}}"#)
        let ping = text { OutgoingFrame.ping(id: 3, into: $0) }
        #expect(try Fixture(.test()).send(ping) == [["jsonrpc": "2.0", "id": 3, "result": [:]]])
    }

    @Test func `answers, items and notices are told apart`() throws {
        try scan(#"{"jsonrpc":"2.0","id":4,"result":{"sum":3}}"#) { frame in
            guard case .result(4, let node) = frame else { return #expect(Bool(false)) }
            let response = try node.decode(Add.Response.self)
            #expect(response.sum == 3)
        }
        try scan(#"{"jsonrpc":"2.0","method":"rpc.stream","params":{"id":4,"items":[{"number":1},{"number":2}]}}"#) {
            guard case .items(4, let node) = $0 else { return #expect(Bool(false)) }
            let items = try node.decode([CountUp.Item].self)
            #expect(items.map(\.number) == [1, 2])
            // Two items of 12 bytes, and one byte each.
            #expect(node.streamBytes == 26)
        }
        try scan(#"{"jsonrpc":"2.0","method":"rpc.drain","params":{}}"#) {
            guard case .drain = $0 else { return #expect(Bool(false)) }
        }
        try scan(#"{"jsonrpc":"2.0","method":"rpc.confetti","params":{}}"#) {
            guard case .ignored("rpc.confetti") = $0 else { return #expect(Bool(false)) }
        }
        let fixture = Fixture(.test())
        fixture.session.sendHello()
        try scan(try #require(fixture.outlet.frames.first)) {
            guard case .hello(let hello) = $0 else { return #expect(Bool(false)) }
            #expect(hello.limits == SessionLimits())
        }
    }

    @Test func `an error becomes the ServiceError it was`() throws {
        var router = Router.test()
        let sent = ServiceError(
            .resourceExhausted, reason: "too_much", arguments: ["a": "1"], references: ["run": "r"], retryAfterMs: 9)
        router.register(Add.self) { _, _ in throw sent }
        let answer = try #require(
            try Fixture(router).send(#"{"jsonrpc":"2.0","id":1,"method":"test.add","params":{"numbers":[]}}"#).first)
        try scan(try JSON.encodeText(answer)) {
            guard case .failure(1, var error) = $0 else { return #expect(Bool(false)) }
            #expect(error.references.removeValue(forKey: "request")?.hasPrefix("req_") == true)
            #expect(error == sent)
        }
    }

    @Test(arguments: [
        (-32700, StatusCode.invalidArgument), (-32601, .unimplemented), (-32602, .invalidArgument),
        (-32603, .internal), (5, .notFound), (16, .unauthenticated), (0, .unknown), (99, .unknown),
    ])
    func `an error without details is read by its code`(code: Int, status: StatusCode) throws {
        try scan(#"{"jsonrpc":"2.0","id":null,"error":{"code":\#(code),"message":"m"}}"#) {
            guard case .failure(nil, let error) = $0 else { return #expect(Bool(false)) }
            #expect(error == ServiceError(status, reason: "remote_error", arguments: ["message": "m"]))
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"2.0","result":1}"#,
        #"{"jsonrpc":"2.0","id":"x","result":1}"#,
        #"{"jsonrpc":"2.0","method":"rpc.stream","params":{"id":1}}"#, #"{"jsonrpc":"2.0","id":1,"error":{}}"#,
        #"{"jsonrpc":"1.0","id":1,"result":1}"#, #"{"jsonrpc":"2.0","method":"rpc.hello","params":{}}"#,
    ])
    func `what is no answer is refused`(text: String) {
        #expect(throws: JSONError.self) { try scan(text) { _ in } }
    }
}
