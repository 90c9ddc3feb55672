extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { (key: $0.0, value: $0.1) })
    }
}

extension JSONValue {
    /// The text over several lines, two spaces a level, for people and for files under version control.
    public var prettyText: String {
        var text = ""
        writePretty(to: &text, indentation: "")
        return text
    }

    private func writePretty(to text: inout String, indentation: String) {
        let deeper = indentation + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            text += "{\n"
            for (position, member) in members.enumerated() {
                text += deeper + Self.quoted(member.key) + ": "
                member.value.writePretty(to: &text, indentation: deeper)
                text += position == members.count - 1 ? "\n" : ",\n"
            }
            text += indentation + "}"
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (position, element) in elements.enumerated() {
                text += deeper
                element.writePretty(to: &text, indentation: deeper)
                text += position == elements.count - 1 ? "\n" : ",\n"
            }
            text += indentation + "]"
        case .object: text += "{}"
        case .array: text += "[]"
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let number): text += number
        case .string(let string): text += Self.quoted(string)
        }
    }

    private static func quoted(_ text: String) -> String {
        let writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.append(string: text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
