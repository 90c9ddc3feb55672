import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func `members keep their order and numbers their text`() throws {
        let text = #"{"z":12.50,"a":[1e5,-0,true,null],"m":{"y":"x","b":{}}}"#
        let value = try JSON.decode(JSONValue.self, from: text)
        #expect(try JSON.encodeText(value) == text)
        #expect(value["z"] == .number("12.50"))
        #expect(value["m"]?["y"]?.stringValue == "x")
        #expect(value["q"] == nil)
    }

    @Test func `a value sits inside other types`() throws {
        struct Event: Codable, Equatable {
            var name: String
            var payload: JSONValue
            var more: [JSONValue]?
        }
        let text = #"{"name":"n","payload":{"a":[1.10]},"more":[null,"x"]}"#
        let event = try JSON.decode(Event.self, from: text)
        #expect(event.payload == ["a": [.number("1.10")]])
        #expect(try JSON.encodeText(event) == text)
    }

    @Test(arguments: ["", "1.", "nan", "1 ", "\"1\"", "[1]", "01"])
    func `what is no number is not written as one`(text: String) {
        #expect(throws: EncodingError.self) { try JSON.encode(JSONValue.number(text)) }
    }

    @Test func `the pretty text reads as the same value`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let value = randomValue(depth: 4, &generator)
            #expect(try JSON.decode(JSONValue.self, from: value.prettyText) == value)
        }
        let value: JSONValue = ["a": [1, [:]], "b": []]
        #expect(value.prettyText == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}")
    }

    @Test func `a scanned node gives its members, elements and raw text`() throws {
        let text = #"{"id": 17 , "s":"\u0061b","list":[1,"x",{}]}"#
        var copy = text
        try copy.withUTF8 { bytes in
            try JSON.scan(UnsafeRawBufferPointer(bytes)) { node in
                #expect(node.elementCount == 3)
                #expect(node["id"]?.int64 == 17)
                #expect(node["s"]?.string == "ab")
                #expect(node["s"]?.plainStringBytes == nil)
                #expect(node["missing"] == nil)
                let raw = node["s"].map { String(decoding: $0.rawBytes, as: UTF8.self) }
                #expect(raw == #""\u0061b""#)
                var kinds: [JSONKind] = []
                node["list"]?.forEachElement { kinds.append($0.kind) }
                #expect(kinds == [.number, .string, .object])
                var names: [String] = []
                node.forEachMember { name, _ in names.append(String(decoding: name, as: UTF8.self)) }
                #expect(names == ["id", "s", "list"])
                let list = try node["list"]?.decode(JSONValue.self)
                #expect(list == [1, "x", [:]])
            }
        }
    }
}
