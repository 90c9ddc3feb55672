import JSON

/// Chance that repeats: every failure names the seed that brings it back.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

/// Any JSON value, as deep as asked.
func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .number(randomNumber(&generator))
    case 3, 4: return .string(randomText(&generator))
    case 5, 6:
        var members: [(key: String, value: JSONValue)] = []
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            let key = randomText(&generator)
            guard !members.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) else { continue }
            members.append((key, randomValue(depth: depth - 1, &generator)))
        }
        return .object(members)
    default:
        return .array(
            (0..<Int.random(in: 0...5, using: &generator)).map { _ in randomValue(depth: depth - 1, &generator) })
    }
}

func randomNumber(_ generator: inout SeededGenerator) -> String {
    switch Int.random(in: 0...4, using: &generator) {
    case 0: String(Int.random(in: -10...10, using: &generator))
    case 1: String(Int64.random(in: .min ... .max, using: &generator))
    case 2: "\(Int.random(in: -999...999, using: &generator)).\(Int.random(in: 0...999_999, using: &generator))"
    case 3: "\(Int.random(in: 1...9, using: &generator))E+\(Int.random(in: 0...300, using: &generator))"
    default: "-\(Int.random(in: 1...9, using: &generator)).5e-\(Int.random(in: 0...300, using: &generator))"
    }
}

func randomText(_ generator: inout SeededGenerator) -> String {
    let pieces = [
        "a", "Ærø", "skruetrækker", "\"", "\\", "/", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é", "e\u{301}", "日本", "🧾",
        "👩‍👩‍👧", "\u{FFFF}", "\u{10FFFF}", "0", " ", "longer than eight bytes",
    ]
    return (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        pieces.randomElement(using: &generator) ?? ""
    }.joined()
}

/// The text of a value with all kinds of white space and escapes, which must read as the same value.
func looseText(of value: JSONValue, _ generator: inout SeededGenerator) -> String {
    func space() -> String { ["", "", "", " ", "\n", "\t\r\n"].randomElement(using: &generator) ?? "" }
    func quoted(_ text: String) -> String {
        "\""
            + text.utf16.map { unit -> String in
                let mustEscape = unit < 0x20 || unit == 0x22 || unit == 0x5c || unit > 0x7e
                guard mustEscape || Int.random(in: 0...9, using: &generator) == 0 else {
                    return String(UnicodeScalar(UInt8(unit)))
                }
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &generator))
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined() + "\""
    }
    switch value {
    case .object(let members):
        let texts = members.map { key, value in
            space() + quoted(key) + space() + ":" + space() + looseText(of: value, &generator) + space()
        }
        return "{" + texts.joined(separator: ",") + space() + "}"
    case .array(let elements):
        return "[" + elements.map { space() + looseText(of: $0, &generator) + space() }.joined(separator: ",") + space()
            + "]"
    case .string(let text): return quoted(text)
    case .number(let text): return text
    case .bool(let value): return value ? "true" : "false"
    case .null: return "null"
    }
}
