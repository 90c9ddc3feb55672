/// JSON as the simulated systems read and write it.
///
/// They have a small reader of their own: were it the product's scanner, a fault of that scanner would sit at both
/// ends of the wire and no test would see it.
public enum SimJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As written; nothing is rounded.
    case number(String)
    case string(String)
    case array([SimJSON])
    case object([SimMember])

    public subscript(name: String) -> SimJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public subscript(index: Int) -> SimJSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number, written without point or exponent.
    public var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var elements: [SimJSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    public var isNull: Bool { self == .null }
}

public struct SimMember: Sendable, Equatable {
    public var name: String
    public var value: SimJSON

    init(_ name: String, _ value: SimJSON) {
        self.name = name
        self.value = value
    }
}

extension SimJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: SimJSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, SimJSON)...) {
        self = .object(elements.map { SimMember($0.0, $0.1) })
    }
    public init(nilLiteral: ()) { self = .null }

    init(_ text: String?) { self = text.map(SimJSON.string) ?? .null }
    init(_ number: (some BinaryInteger)?) { self = number.map { .number(String($0)) } ?? .null }
}

// MARK: Writing

extension SimJSON {
    /// Without white space, members in the order they have.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    /// The same value always gives the same bytes: members sorted by name, numbers as written.
    var canonical: SimJSON {
        switch self {
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let members):
            .object(
                members.map { SimMember($0.name, $0.value.canonical) }
                    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        default: self
        }
    }

    func write(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): appendJSONString(text, to: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                appendJSONString(member.name, to: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}

/// Appends `text` in quotes; only what JSON forbids is escaped.
func appendJSONString(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
        var start = 0
        for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            out.append(contentsOf: bytes[start..<index])
            appendEscaped(byte, to: &out)
            start = index + 1
        }
        out.append(contentsOf: bytes[start...])
    }
    out.append(UInt8(ascii: "\""))
}

private func appendEscaped(_ byte: UInt8, to out: inout [UInt8]) {
    switch byte {
    case 0x22: out.append(contentsOf: #"\""#.utf8)
    case 0x5C: out.append(contentsOf: #"\\"#.utf8)
    case 0x0A: out.append(contentsOf: #"\n"#.utf8)
    case 0x0D: out.append(contentsOf: #"\r"#.utf8)
    case 0x09: out.append(contentsOf: #"\t"#.utf8)
    default: out.append(contentsOf: "\\u00\(hexText([byte]))".utf8)
    }
}
