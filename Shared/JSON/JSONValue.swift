/// Any JSON value. Objects keep the order of their members; numbers keep their text.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The number as it was or will be written: `12.50` stays `12.50`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// The value of a member; nil when there is none or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    public var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var arrayValue: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension JSONValue: Equatable {
    /// Same kind, same texts, members in the same order.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.elementsEqual(right) { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self.init(JSONNode(text: decoder.text, index: decoder.index))
        } else {
            try self.init(foreign: decoder)
        }
    }

    /// The value of a scanned text, copied out of it.
    public init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(String(decoding: node.rawBytes, as: UTF8.self))
        case .string: self = .string(node.text.pointee.string(node.index))
        case .array:
            var elements: [JSONValue] = []
            node.forEachElement { elements.append(JSONValue($0)) }
            self = .array(elements)
        case .object:
            var members: [(key: String, value: JSONValue)] = []
            node.forEachMember { members.append((String(decoding: $0, as: UTF8.self), JSONValue($1))) }
            self = .object(members)
        }
    }

    /// Another format's decoder says neither what comes nor, for numbers, how it was written.
    private init(foreign decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: JSONPathKey.self) {
            self = .object(
                try container.allKeys.map { ($0.stringValue, try container.decode(JSONValue.self, forKey: $0)) })
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
            self = .array(elements)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int64.self) {
                self = .number(String(value))
            } else if let value = try? container.decode(Double.self) {
                self = .number(String(value))
            } else {
                self = .string(try container.decode(String.self))
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let members):
            var container = encoder.container(keyedBy: JSONPathKey.self)
            for (key, value) in members { try container.encode(value, forKey: JSONPathKey(stringValue: key)) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .string(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .number(let text):
            try Self.encodeNumber(text, to: encoder)
        }
    }

    private static func encodeNumber(_ text: String, to encoder: any Encoder) throws {
        guard isNumber(text) else {
            throw EncodingError.invalidValue(
                text, EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "not a JSON number"))
        }
        if let encoder = encoder as? ValueEncoder {
            try encoder.writer.claim(encoder.place)
            encoder.writer.appendText(text)
            return
        }
        var container = encoder.singleValueContainer()
        if let whole = Int64(text) { try container.encode(whole) } else { try container.encode(Double(text)) }
    }

    /// Whether the text follows JSON's number grammar.
    private static func isNumber(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            (try? JSON.scan(UnsafeRawBufferPointer(bytes)) { $0.kind == .number && $0.rawBytes.count == bytes.count })
                ?? false
        }
    }
}
