import JSON
import MonitorAPI
import Testing

/// RFC 8785, as far as receipts need it.
@Suite struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        let bytes = try CanonicalJSON.bytes(of: JSON.decode(JSONValue.self, from: text))
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `members are sorted by UTF-16 code units, as section 3.2.3 shows`() throws {
        let text = """
            {"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control",
            "\\u00f6": "Latin Small Letter O With Diaeresis"}
            """
        let wanted =
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
            + "\"\u{F6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20AC}\":\"Euro Sign\","
            + "\"\u{1F600}\":\"Emoji: Grinning Face\",\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        #expect(Array(try canonical(text).utf8) == Array(wanted.utf8))
    }

    @Test func `texts are escaped where they must be and nowhere else, as section 3.2.2 shows`() throws {
        let text = #"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#
        let wanted = #"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(text) == wanted)
    }

    @Test func `every control character has its one escape`() throws {
        let text = String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init)))
        let written = String(decoding: try CanonicalJSON.bytes(of: .string(text)), as: UTF8.self)
        #expect(
            written
                == #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
                + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#)
        #expect(try JSON.decode(String.self, from: written) == text)
        #expect(try CanonicalJSON.bytes(of: .string("\u{7F}\u{2028}")) == Array("\"\u{7F}\u{2028}\"".utf8))
    }

    @Test func `names that look alike but are other characters are other members`() throws {
        let value = JSONValue.object([("e\u{301}", .bool(true)), ("\u{E9}", .bool(false))])
        let written = try CanonicalJSON.bytes(of: value)
        #expect(written == Array("{\"e\u{301}\":true,\"\u{E9}\":false}".utf8))
    }

    @Test func `empty things stay, nested things are sorted inside, spaces go`() throws {
        #expect(try canonical(#" { "b" : [ ] , "a" : { "d" : { } , "c" : "" } } "#) == #"{"a":{"c":"","d":{}},"b":[]}"#)
    }

    @Test(arguments: ["0", "-1", "9007199254740991", "-9007199254740991"])
    func `a whole number is its digits`(number: String) throws {
        #expect(try canonical("[\(number)]") == "[\(number)]")
    }

    @Test(arguments: ["1.0", "1e2", "-0", "9007199254740992", "-9007199254740992", "99999999999999999999", "0.1"])
    func `a number that others would write or read otherwise is refused`(number: String) throws {
        #expect(throws: CanonicalJSON.Fault.number(number)) { try canonical("[\(number)]") }
    }

    @Test func `a member that comes twice is refused`() {
        let value = JSONValue.object([("a", .null), ("b", .null), ("a", .null)])
        #expect(throws: CanonicalJSON.Fault.memberTwice("a")) { try CanonicalJSON.bytes(of: value) }
    }
}
