import JSON
import Testing

@Suite struct DecoderTests {
    private struct Run: Codable, Equatable {
        var id: String
        var count: Int
        var label: String?
        var steps: [Step]
    }

    private struct Step: Codable, Equatable {
        var name: String
        var took: Int64?
    }

    @Test func `members are found in any order, and unknown ones are skipped`() throws {
        let text = #"{"new":{"x":[1,{"id":"no"}]},"steps":[{"took":5,"name":"b"}],"count":2,"other":null,"id":"a"}"#
        let run = try JSON.decode(Run.self, from: text)
        #expect(run == Run(id: "a", count: 2, label: nil, steps: [Step(name: "b", took: 5)]))
    }

    @Test func `a member name may be written with escapes`() throws {
        #expect(try JSON.decode(Step.self, from: #"{"n\u0061me":"b"}"#) == Step(name: "b"))
    }

    @Test func `an optional member may be missing or null`() throws {
        #expect(try JSON.decode(Step.self, from: #"{"name":"b","took":null}"#) == Step(name: "b"))
    }

    @Test(arguments: [
        (#"{"id":"a","steps":[]}"#, "count", 0, "is missing"),
        (#"{"id":"a","count":"2","steps":[]}"#, "count", 18, "expected a whole number, found a string"),
        (#"{"id":"a","count":2.0,"steps":[]}"#, "count", 18, "found a number with a fraction or exponent"),
        (#"{"id":null,"count":2,"steps":[]}"#, "id", 6, "expected a string, found null"),
        (#"{"id":"a","count":2,"steps":{}}"#, "steps", 28, "expected an array, found an object"),
        (#"{"id":"a","count":2,"steps":[{"name":"x"},{"name":7}]}"#, "steps[1].name", 50, "expected a string"),
        (#"{"id":"a","count":2,"steps":[{"name":"x"},{}]}"#, "steps[1].name", 42, "is missing"),
        ("[]", "", 0, "expected an object, found an array"),
    ])
    func `an error names the path, the byte and what was expected`(
        text: String, path: String, offset: Int, problem: String
    ) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(Run.self, from: text) }
        #expect(error?.path == path)
        #expect(error?.offset == offset)
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
        #expect(error?.isMalformed == false)
    }

    @Test func `integers are read to their last value and refused beyond it`() throws {
        func check<T: FixedWidthInteger & Codable & Sendable>(_: T.Type, beyond: [String]) throws {
            for value in [T.min, T.max, 0, 1] {
                #expect(try JSON.decode([T].self, from: "[\(value)]") == [value])
                #expect(try JSON.encodeText([value]) == "[\(value)]")
                #expect(try JSON.decode(T.self, from: "\(value)") == value)
            }
            for text in beyond {
                #expect(throws: JSONError.self) { try JSON.decode(T.self, from: text) }
                #expect(throws: JSONError.self) { try JSON.decode([String: T].self, from: "{\"a\":\(text)}") }
            }
        }
        try check(Int8.self, beyond: ["128", "-129", "1.0", "1e1"])
        try check(UInt8.self, beyond: ["256", "-1"])
        try check(Int16.self, beyond: ["32768"])
        try check(UInt16.self, beyond: ["65536"])
        try check(Int32.self, beyond: ["2147483648"])
        try check(UInt32.self, beyond: ["4294967296"])
        try check(Int64.self, beyond: ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"])
        try check(UInt64.self, beyond: ["18446744073709551616", "-1"])
        try check(Int.self, beyond: ["9223372036854775808"])
        try check(UInt.self, beyond: ["18446744073709551616"])
        try check(Int128.self, beyond: ["170141183460469231731687303715884105728"])
        try check(UInt128.self, beyond: ["340282366920938463463374607431768211456"])
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "-12.5", "1e22", "1e23", "9007199254740993", "0.30000000000000004", "5e-324",
        "1.7976931348623157e308", "123456789.12345678", "2.2250738585072011e-308", "1E-7",
    ])
    func `a floating-point number is the nearest one`(text: String) throws {
        let value = try JSON.decode(Double.self, from: text)
        #expect(value == Double(text))
        #expect(try JSON.decode(Double.self, from: JSON.encode(value)) == value)
        #expect(try JSON.decode(Float.self, from: text == "5e-324" || text.contains("308") ? "0" : text).isFinite)
    }

    @Test(arguments: ["1e309", "-1e400"])
    func `a number beyond floating point is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON.decode(Double.self, from: text) }
    }

    @Test func `a type that reads several containers by hand finds them all`() throws {
        struct Manual: Codable, Equatable {
            enum Keys: String, CodingKey { case outer, list, deep, `super` }
            var value: Int
            var items: [String]
            var deep: Bool

            init(value: Int, items: [String], deep: Bool) {
                self.value = value
                self.items = items
                self.deep = deep
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let outer = try container.nestedContainer(keyedBy: Keys.self, forKey: .outer)
                deep = try outer.decode(Bool.self, forKey: .deep)
                var list = try container.nestedUnkeyedContainer(forKey: .list)
                items = []
                while !list.isAtEnd {
                    if try list.decodeNil() { continue }
                    items.append(try list.decode(String.self))
                }
                value = try container.superDecoder().singleValueContainer().decode(Int.self)
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var outer = container.nestedContainer(keyedBy: Keys.self, forKey: .outer)
                try outer.encode(deep, forKey: .deep)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                try list.encodeNil()
                for item in items { try list.encode(item) }
                var parent = container.superEncoder().singleValueContainer()
                try parent.encode(value)
            }
        }
        let value = Manual(value: 7, items: ["a", "b"], deep: true)
        let text = try JSON.encodeText(value)
        #expect(text == #"{"outer":{"deep":true},"list":[null,"a","b"],"super":7}"#)
        #expect(try JSON.decode(Manual.self, from: text) == value)
    }

    @Test func `an array that ends early says which element is missing`() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                _ = try list.decode(Int.self)
                _ = try list.decode(Int.self)
            }
        }
        let error = #expect(throws: JSONError.self) { try JSON.decode([String: Pair].self, from: #"{"p":[1]}"#) }
        #expect(error?.path == "p[1]")
    }

    @Test func `an enum with a payload travels as one member named after its case`() throws {
        enum Shape: Codable, Equatable {
            case circle(radius: Int)
            case dot
        }
        #expect(try JSON.encodeText([Shape.circle(radius: 2), .dot]) == #"[{"circle":{"radius":2}},{"dot":{}}]"#)
        let shapes = try JSON.decode([Shape].self, from: #"[{"dot":{}},{"circle":{"radius":2}}]"#)
        #expect(shapes == [.dot, .circle(radius: 2)])
        #expect(throws: JSONError.self) { try JSON.decode(Shape.self, from: #"{"circle":{"radius":2},"dot":{}}"#) }
    }
}
