import JSON
import Testing

@Suite struct EncoderTests {
    private struct Empty: Codable, Equatable {}

    @Test func `members are written in the order the type encodes them, nil ones not at all`() throws {
        struct Value: Codable {
            var zebra = 1
            var apple: String?
            var mango: [Bool] = [true, false]
            var empty = Empty()
        }
        #expect(try JSON.encodeText(Value()) == #"{"zebra":1,"mango":[true,false],"empty":{}}"#)
    }

    @Test func `dictionaries are written sorted by key, so equal values are equal bytes`() throws {
        let keys = (0..<50).map { "k\($0)" } + ["", "a b", "æ", "\"", "z!"]
        let forwards = Dictionary(uniqueKeysWithValues: keys.map { ($0, [$0: 1]) })
        let backwards = Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, [$0: 1]) })
        let text = try JSON.encodeText(forwards)
        #expect(try JSON.encodeText(backwards) == text)
        #expect(try JSON.decode([String: [String: Int]].self, from: text) == forwards)
        #expect(try JSON.encodeText(["b": 1, "a": 2]) == #"{"a":2,"b":1}"#)
        #expect(try JSON.encodeText([String: Int]()) == "{}")
    }

    @Test func `text is escaped only where JSON asks for it`() throws {
        let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}æ🧾"
        #expect(
            try JSON.encodeText(text) == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7f}æ🧾\"")
        #expect(try JSON.decode(String.self, from: JSON.encode(text)) == text)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func `a number that is not finite is refused, and nothing is written`(value: Double) {
        let writer = JSONWriter()
        writer.append(raw: "before")
        #expect(throws: EncodingError.self) { try writer.append(value: ["a": [1, value]]) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "before")
    }

    @Test func `more than 64 nested containers are refused`() throws {
        var value = JSONValue.array([])
        for _ in 0..<63 { value = .array([value]) }
        #expect(try JSON.encode(value).count == 128)
        #expect(throws: EncodingError.self) { try JSON.encode(JSONValue.array([value])) }
    }

    @Test func `a subclass and its parent write one object`() throws {
        class Parent: Encodable {
            var parent = 1
            enum Keys: String, CodingKey { case parent }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode(parent, forKey: .parent)
            }
        }
        final class Child: Parent {
            enum ChildKeys: String, CodingKey { case child, more }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: ChildKeys.self)
                try container.encode([2], forKey: .child)
                try super.encode(to: encoder)
                try container.encode(3, forKey: .more)
            }
        }
        #expect(try JSON.encodeText(Child()) == #"{"child":[2],"parent":1,"more":3}"#)
    }

    @Test func `containers written out of order are an error, never a wrong text`() {
        struct Crossed: Encodable {
            enum Keys: String, CodingKey { case a, b }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var first = container.nestedUnkeyedContainer(forKey: .a)
                var second = container.nestedUnkeyedContainer(forKey: .b)
                try second.encode(2)
                try first.encode(1)
            }
        }
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(1)
                try container.encode(2)
            }
        }
        struct Mixed: Encodable {
            enum Keys: String, CodingKey { case a }
            func encode(to encoder: any Encoder) throws {
                _ = encoder.container(keyedBy: Keys.self)
                _ = encoder.unkeyedContainer()
            }
        }
        #expect(throws: EncodingError.self) { try JSON.encode(Crossed()) }
        #expect(throws: EncodingError.self) { try JSON.encode(Twice()) }
        #expect(throws: EncodingError.self) { try JSON.encode(Mixed()) }
    }

    @Test func `a parent encoder left unused writes an empty object`() throws {
        struct Careless: Encodable {
            enum Keys: String, CodingKey { case a }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                _ = container.superEncoder()
                try container.encode(1, forKey: .a)
                _ = container.superEncoder(forKey: .a)
            }
        }
        #expect(try JSON.encodeText(Careless()) == #"{"super":{},"a":1,"a":{}}"#)
    }

    @Test func `a writer is used again after it was emptied`() throws {
        let writer = JSONWriter(capacity: 1)
        for round in 0..<100 {
            writer.removeAll()
            try writer.append(value: ["round": round, "long": Int.max])
            #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"long":9223372036854775807,"round":\#(round)}"#)
        }
    }
}
