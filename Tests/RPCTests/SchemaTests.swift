import CoreTypes
import JSON
import RPC
import Testing

@Suite struct SchemaTests {
    private enum Color: String, Codable, CaseIterable { case red, green }
    private enum Level: Int, Codable, CaseIterable { case low = 1, high = 9 }

    private struct Inner: Codable {
        var id: RunID
        var at: Instant?
    }

    private struct Outer: Codable {
        var text: String
        var whole: Int
        var positive: UInt8?
        var ratio: Double
        var flag: Bool?
        var inner: Inner
        var list: [Inner]
        var table: [String: [Int?]]
        var color: Color
        var level: Level?
        var price: ExactDecimal
        var day: CalendarDay
        var trace: Traceparent?
        var anything: JSONValue
        var names: Set<String>
    }

    @Test func `a type's schema is found by decoding it from nothing`() throws {
        let expected = #"""
            {"type":"object","properties":{"text":{"type":"string"},"whole":{"type":"integer"},
            "positive":{"type":"integer","minimum":0},"ratio":{"type":"number"},"flag":{"type":"boolean"},
            "inner":{"type":"object","properties":{"id":{"type":"string","pattern":"^run_[0-9a-hjkmnp-tv-z]{26}$"},
            "at":{"type":"string","format":"date-time"}},"required":["id"]},
            "list":{"type":"array","items":{"type":"object","properties":{
            "id":{"type":"string","pattern":"^run_[0-9a-hjkmnp-tv-z]{26}$"},
            "at":{"type":"string","format":"date-time"}},"required":["id"]}},
            "table":{"type":"object","additionalProperties":{"type":"array",
            "items":{"anyOf":[{"type":"integer"},{"type":"null"}]}}},
            "color":{"type":"string","enum":["red","green"]},"level":{"type":"integer","enum":[1,9]},
            "price":{"type":"string","format":"decimal"},"day":{"type":"string","format":"date"},
            "trace":{"type":"string","pattern":"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},"anything":{},
            "names":{"type":"array","items":{"type":"string"}}},
            "required":["text","whole","ratio","inner","list","table","color","price","day","anything","names"]}
            """#
        #expect(try Schema.of(Outer.self).json == JSON.decode(JSONValue.self, from: expected))
    }

    @Test func `a request without parameters has an empty object`() throws {
        #expect(try Schema.of(Ping.self) == .object([]))
    }

    private struct Tree: Codable {
        var children: [Tree]
    }

    private struct Picky: Codable {
        var text: String
        init(from decoder: any Decoder) throws {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "never"))
        }
    }

    @Test func `a type without a schema is an error that says what to do`() {
        for make in [{ try Schema.of(Tree.self) }, { try Schema.of(Picky.self) }] {
            let error = #expect(throws: SchemaError.self) { try make() }
            #expect(error?.description.contains("SchemaDescribed") == true)
        }
    }

    @Test(arguments: [
        (#"{"n":1,"s":"a","l":[1]}"#, ""), (#"{"n":1.0,"s":"a"}"#, "n: expected integer"),
        (#"{"n":1}"#, "s: is missing"), (#"{"n":1,"s":"a","l":[1,"x"]}"#, "l[1]: expected integer"),
        (#"{"n":1,"s":"a","x":1}"#, "x: is not in the schema"), (#"{"n":1,"s":null}"#, "s: expected string"),
        ("[]", ": expected object"), (#"{"n":1,"s":"a","e":"z"}"#, "e: is none of the values allowed"),
        (#"{"n":1,"s":"a","d":{"k":-1}}"#, "d.k: expected at least 0"), (#"{"n":1,"s":"a","o":null}"#, ""),
        (#"{"n":1,"s":"a","o":true}"#, "o: fits none of 2 shapes"),
    ])
    func `a value that does not fit its schema is told where and why`(text: String, fault: String) throws {
        let schema = try JSON.decode(
            JSONValue.self,
            from: #"""
                {"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"},
                "l":{"type":"array","items":{"type":"integer"}},"e":{"type":"string","enum":["a"]},
                "d":{"type":"object","additionalProperties":{"type":"integer","minimum":0}},
                "o":{"anyOf":[{"type":"integer"},{"type":"null"}]}},"required":["n","s"]}
                """#)
        let faults = try JSON.decode(JSONValue.self, from: text).faults(against: schema)
        #expect(faults == (fault.isEmpty ? [] : [fault]))
    }

    @Test func `the document tells all there is to know about a method`() async throws {
        var router = Router.test()
        router.register(CountUp.self, streaming: CountUp.handle)
        let document = try await InProcessCaller(router, as: .billing).call(DiscoverMethods())
        #expect(document["openrpc"] == "1.3.2")
        #expect(document["components"]?["schemas"]?["MethodReport"]?["required"] == ["method", "calls", "errors"])
        let methods = try #require(document["methods"]?.arrayValue)
        #expect(
            methods.compactMap { $0["name"]?.stringValue }.sorted()
                == [
                    "rpc.discover", "rpc.health", "rpc.hello", "rpc.ping", "rpc.stats", "rpc.watchHealth",
                    "test.countUp",
                ])
        let expected = #"""
            {"name":"test.countUp","summary":"Sends the numbers from 1.","paramStructure":"by-name",
            "params":[{"name":"upTo","required":true,"schema":{"type":"integer"}}],
            "result":{"name":"result","schema":{"type":"object","properties":{"sent":{"type":"integer"}},
            "required":["sent"]}},"errors":[],
            "examples":[{"name":"test.countUp","params":[{"name":"upTo","value":2}],
            "result":{"name":"result","value":{"sent":2}}}],"x-effect":"read",
            "x-callers":{"operators":false,"services":["importer"]},
            "x-stream":{"item":{"type":"object","properties":{"number":{"type":"integer"}},"required":["number"]},
            "example":{"number":1}}}
            """#
        #expect(try methods.first == JSON.decode(JSONValue.self, from: expected))
    }
}
