import CoreTypes
import JSON
import RPC
import Testing

// The examples of https://www.jsonrpc.org/specification, section 7. Only `data` is ours: the specification leaves it
// to the server.

private struct Subtract: RPCRequest {
    static let method: MethodName = "subtract"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Subtracts."
    static let callers = Callers.everybody
    var minuend: Int
    var subtrahend: Int
    typealias Response = Int
    static var example: (request: Self, response: Int) { (Self(minuend: 42, subtrahend: 23), 19) }

    enum CodingKeys: CodingKey { case minuend, subtrahend }

    init(minuend: Int, subtrahend: Int) {
        self.minuend = minuend
        self.subtrahend = subtrahend
    }

    /// The examples pass parameters by position as well.
    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            minuend = try list.decode(Int.self)
            subtrahend = try list.decode(Int.self)
        } else {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            minuend = try members.decode(Int.self, forKey: .minuend)
            subtrahend = try members.decode(Int.self, forKey: .subtrahend)
        }
    }
}

/// `sum`, `update`, `notify_hello`, `notify_sum`: any parameters at all.
private protocol Anything: RPCRequest where Response == JSONValue { init() }

extension Anything {
    static var effect: Effect { .read }
    static var failures: [StatusCode] { [] }
    static var summary: String { "Takes anything." }
    static var callers: Callers { .everybody }
    static var example: (request: Self, response: JSONValue) { (Self(), .null) }
    init(from decoder: any Decoder) throws { self.init() }
    func encode(to encoder: any Encoder) throws {}
}

private struct Sum: RPCRequest {
    static let method: MethodName = "sum"
    static let effect = Effect.read
    static let failures: [StatusCode] = []
    static let summary = "Adds up."
    static let callers = Callers.everybody
    var numbers: [Int]
    typealias Response = Int
    static var example: (request: Self, response: Int) { (Self(numbers: []), 0) }
    init(numbers: [Int]) { self.numbers = numbers }
    init(from decoder: any Decoder) throws { numbers = try decoder.singleValueContainer().decode([Int].self) }
}

private struct Update: Anything { static let method: MethodName = "update" }
private struct NotifyHello: Anything { static let method: MethodName = "notify_hello" }
private struct NotifySum: Anything { static let method: MethodName = "notify_sum" }
private struct FetchData: Anything { static let method: MethodName = "get_data" }

@Suite struct SpecificationTests {
    private func fixture() -> Fixture {
        var router = Router.test()
        router.register(Subtract.self) { request, _ in request.minuend - request.subtrahend }
        router.register(Sum.self) { request, _ in request.numbers.reduce(0, +) }
        router.register(Update.self) { _, _ in .null }
        router.register(NotifyHello.self) { _, _ in .null }
        router.register(NotifySum.self) { _, _ in .null }
        router.register(FetchData.self) { _, _ in ["hello", 5] }
        return Fixture(router)
    }

    /// What was answered, without `data`.
    private func answers(to text: String) throws -> [JSONValue] {
        try fixture().send(text).map(withoutData)
    }

    private func withoutData(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(withoutData))
        case .object(let members):
            return .object(members.filter { $0.key != "data" }.map { ($0.key, withoutData($0.value)) })
        default: return value
        }
    }

    @Test(arguments: [
        (
            #"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#,
            #"{"jsonrpc":"2.0","id":1,"result":19}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}"#,
            #"{"jsonrpc":"2.0","id":2,"result":-19}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}"#,
            #"{"jsonrpc":"2.0","id":3,"result":19}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}"#,
            #"{"jsonrpc":"2.0","id":4,"result":19}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": "foobar", "id": "1"}"#,
            #"{"jsonrpc":"2.0","id":"1","error":{"code":-32601,"message":"Method not found"}}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#
        ),
        (
            #"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}"#
        ),
        (
            #"[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method" ]"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#
        ),
        ("[]", #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}"#),
        ("[1]", #"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}]"#),
        (
            "[1,2,3]",
            """
            [{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}},
            {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}},
            {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}]
            """
        ),
        (
            """
            [
                    {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                    {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
                    {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
                    {"foo": "boo"},
                    {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
                    {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
            ]
            """,
            """
            [{"jsonrpc":"2.0","id":"1","result":7},{"jsonrpc":"2.0","id":"2","result":19},
            {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}},
            {"jsonrpc":"2.0","id":"5","error":{"code":-32601,"message":"Method not found"}},
            {"jsonrpc":"2.0","id":"9","result":["hello",5]}]
            """
        ),
    ])
    func `the specification's example is answered as it says`(request: String, answer: String) throws {
        #expect(try answers(to: request) == [JSON.decode(JSONValue.self, from: answer)])
    }

    @Test(arguments: [
        #"{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}"#, #"{"jsonrpc": "2.0", "method": "foobar"}"#,
        """
        [{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
         {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]
        """,
    ])
    func `a notification is never answered`(request: String) throws {
        #expect(try answers(to: request).isEmpty)
    }

    @Test(arguments: [
        "1", "-7", "0", "9223372036854775807", "1.5", "1e3", "12345678901234567890", #""a\u0062""#, #""""#, "null",
    ])
    func `an id comes back exactly as it was written`(id: String) throws {
        let fixture = fixture()
        try fixture.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"sum","params":[1]}"#)
        #expect(fixture.outlet.frames == [#"{"jsonrpc":"2.0","id":\#(id),"result":1}"#])
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":[],"method":"sum","params":[]}"#, JSONValue.null),
        (#"{"jsonrpc":"1.0","id":7,"method":"sum","params":[]}"#, 7), (#"{"id":7,"method":"sum","params":[]}"#, 7),
        (#"{"jsonrpc":"2.0","id":7}"#, 7), (#"{"jsonrpc":"2.0","id":7,"method":"sum","params":1}"#, 7),
        (#"{"jsonrpc":"2.0","id":7,"method":"sum","params":[],"meta":[]}"#, 7),
        (#"{"jsonrpc":"2.0","id":7,"method":"sum","params":[],"meta":{"deadlineMs":"5"}}"#, 7),
        (#"{"jsonrpc":"2.0","id":7,"method":"sum","params":[],"meta":{"traceparent":"x"}}"#, 7), ("3", .null),
        ("\"a\"", .null),
    ])
    func `what is no request is refused, with its id where that can be read`(text: String, id: JSONValue) throws {
        let answer = try #require(try fixture().send(text).first)
        #expect(answer["id"] == id)
        #expect(answer["error"]?["code"] == .number("-32600"))
    }

    @Test func `params and meta that are null count as absent`() throws {
        let request = #"{"jsonrpc":"2.0","id":1,"method":"get_data","params":null,"meta":null}"#
        let answer = #"{"jsonrpc":"2.0","id":1,"result":["hello",5]}"#
        #expect(try answers(to: request) == [JSON.decode(JSONValue.self, from: answer)])
    }

    @Test func `parameters of the wrong shape name their path`() throws {
        let answer = try #require(
            try fixture().send(#"{"jsonrpc":"2.0","id":1,"method":"subtract","params":{"minuend":"x"}}"#).first)
        #expect(answer["error"]?["code"] == .number("-32602"))
        #expect(answer["error"]?["message"] == "Invalid params")
        #expect(answer["error"]?["data"]?["arguments"]?["path"] == "minuend")
        #expect(answer["error"]?["data"]?["status"] == "invalidArgument")
    }
}
