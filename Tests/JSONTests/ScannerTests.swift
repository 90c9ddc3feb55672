import JSON
import TestSupport
import Testing

@Suite struct ScannerTests {
    @Test(arguments: [
        "0", "-0", "0.5", "1e5", "1E+5", "1e-5", "123456789012345678901234567890", "true", "false", "null", "\"\"",
        "[]", "{}", " [ ] ", "\t\n\r {\"a\" : [ 1 , 2 ] }\n", #""\"\\\/\b\f\n\r\t\u00e6""#, #""\ud83e\uddfe""#,
        "\"\u{7f}\"", "[[[]]]", #"{"":0}"#, #"{"a":{"a":1},"b":{"a":1}}"#, "\"\u{10FFFF}\"",
    ])
    func `a text of the grammar is read`(text: String) throws {
        _ = try JSON.decode(JSONValue.self, from: text)
    }

    @Test(arguments: [
        ("", "found nothing"), (" ", "a value"), ("01", "end of the text"), ("-", "digit"), ("+1", "a value"),
        ("1.", "digit"), (".5", "a value"), ("1e", "digit"), ("1e+", "digit"), ("0x10", "end of the text"),
        ("NaN", "a value"), ("Infinity", "a value"), ("tru", "a value"), ("True", "a value"),
        ("nulll", "end of the text"),
        ("'a'", "a value"), ("\"a", "does not end"), ("\"a\nb\"", "control"), ("\"\u{0}\"", "control"),
        (#""\x""#, "escape"), (#""\u12"#, "escape"), (#""\u12g4""#, "escape"), (#""\ud800""#, "surrogate"),
        (#""\ud800\u0041""#, "surrogate"), (#""\udc00""#, "surrogate"), (#""\"#, "escape"), ("[1", "comma"),
        ("[1,]", "a value"), ("[,1]", "a value"), ("[1 2]", "comma"), ("[1}", "comma"), ("{\"a\":1]", "comma"),
        ("{1:2}", "name"), ("{\"a\"}", "colon"), ("{\"a\":}", "a value"), ("{\"a\":1,}", "name"), ("{,}", "name"),
        ("{a:1}", "name"), ("{} {}", "end of the text"), ("[]]", "end of the text"), ("]", "a value"),
        ("\u{FEFF}{}", "a value"), ("/* */ 1", "a value"), ("1 // one", "end of the text"), ("\"a\" \"b\"", "end of"),
    ])
    func `a text outside the grammar is refused with what was expected`(text: String, problem: String) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: text) }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.isMalformed == true)
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
        [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80],
        [0xF0, 0x9F, 0xA7], [0xFE], [0xFF], [0xC3, 0x28],
    ])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        // In every place of the eight bytes that are looked at together.
        for padding in 0..<9 {
            let text = [UInt8(ascii: "\"")] + [UInt8](repeating: UInt8(ascii: "x"), count: padding) + bytes
            let error = #expect(throws: JSONError.self) {
                try JSON.decode(String.self, from: text + [UInt8(ascii: "\"")])
            }
            #expect(error?.problem == "not UTF-8")
            #expect(error?.offset == 1 + padding)
        }
    }

    @Test func `64 nested containers are read and 65 are not`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON.decode(JSONValue.self, from: nested(64))
        let error = #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: nested(65)) }
        #expect(error?.offset == 64)
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"":1,"":2}"#, #"{"æ":1,"\u00e6":2}"#,
        "{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + #","k7":1}"#,
        "{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + #","\u006b7":1}"#,
    ])
    func `a repeated member name is refused, however it is written`(text: String) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: text) }
        #expect(error?.problem == "the member name is repeated")
    }

    @Test func `a hundred thousand different names are told apart in linear time`() throws {
        let text = "{" + (0..<100_000).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
        let members = try JSON.decode([String: Int].self, from: text)
        #expect(members.count == 100_000)
    }

    @Test(arguments: [
        (#"{"runs":[{"id":1},{"id":tru}]}"#, "runs[1].id", 24), (#"{"a":1,"b":[1,2,"#, "b[2]", 16),
        (#"{"a":{"b":1,"b":2}}"#, "a.b", 12), ("[[],[0,x]]", "[1][1]", 7),
        (#"{"a":{"b":1,"b":2},"c":0}"#, "a.b", 12), (#"{"x":0,"a":[{"b":{},"b":2}]}"#, "a[0].b", 20),
    ])
    func `a fault names its path and its byte`(text: String, path: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(JSONValue.self, from: text) }
        #expect(error?.path == path)
        #expect(error?.offset == offset)
    }

    /// Whatever the bytes are, the answer is a value or an error. Under a bounds checker this also shows that nothing
    /// outside the text is read: each text lies at the end of its own allocation.
    @Test func `mutated texts, a hundred thousand or more, never crash the scanner`() throws {
        var generator = SeededGenerator(seed: 0xfeed)
        let seeds = (0..<200).map { _ in Array(looseText(of: randomValue(depth: 4, &generator), &generator).utf8) }
        let attempts = LongProof.count(100_000, long: 5_000_000)
        var accepted = 0
        for _ in 0..<attempts {
            var bytes = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, &generator) }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            defer { buffer.deallocate() }
            buffer.copyBytes(from: bytes)
            let value: JSONValue
            do throws(JSONError) {
                value = try JSON.decode(JSONValue.self, from: UnsafeRawBufferPointer(buffer))
            } catch {
                #expect(error.isMalformed)
                continue
            }
            #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == value)
            accepted += 1
        }
        // Both ways out were taken, else this shows nothing.
        #expect(accepted > attempts / 100 && accepted < attempts / 100 * 99)
    }
}

/// Changes, removes, repeats or inserts something.
func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let special: [UInt8] = [
        0, 0x1f, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x65, 0x75, 0x7b, 0x7d, 0x80, 0xc3, 0xed,
        0xf4, 0xff,
    ]
    guard !bytes.isEmpty else { return bytes.append(special.randomElement(using: &generator) ?? 0) }
    let position = Int.random(in: 0..<bytes.count, using: &generator)
    switch Int.random(in: 0...5, using: &generator) {
    case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
    case 1: bytes[position] = special.randomElement(using: &generator) ?? 0
    case 2: bytes.remove(at: position)
    case 3: bytes.insert(special.randomElement(using: &generator) ?? 0, at: position)
    case 4: bytes.removeSubrange(position...)
    default: bytes.insert(contentsOf: bytes[position..<min(position + 8, bytes.count)], at: position)
    }
}
