public import CoreTypes
public import JSON

/// The shape of a JSON value, as much of JSON Schema as Codable types need.
public indirect enum Schema: Sendable, Equatable {
    case any
    case boolean
    case integer(minimum: String? = nil)
    case number
    /// `format` is a word of JSON Schema (`date-time`) or of PROTOCOL.md (`decimal`).
    case string(format: String? = nil, pattern: String? = nil)
    case choice([String])
    case integerChoice([Int])
    case array(of: Schema)
    case dictionary(of: Schema)
    case object([Property])
    case nullable(Schema)

    public struct Property: Sendable, Equatable {
        public var name: String
        public var schema: Schema
        public var isRequired: Bool

        public init(name: String, schema: Schema, isRequired: Bool) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }
}

/// A type whose JSON shape cannot be seen by decoding it: one that checks or converts what it reads.
public protocol SchemaDescribed: Decodable {
    static var schema: Schema { get }
    /// Any valid value; stands for the type while the types that hold it are looked at.
    static var placeholder: Self { get }
}

extension Schema {
    /// As JSON Schema.
    public var json: JSONValue {
        switch self {
        case .any: .object([])
        case .boolean: ["type": "boolean"]
        case .integer(let minimum):
            .object([("type", "integer")] + (minimum.map { [("minimum", .number($0))] } ?? []))
        case .number: ["type": "number"]
        case .string(let format, let pattern):
            .object(
                [("type", "string")] + (format.map { [("format", .string($0))] } ?? [])
                    + (pattern.map { [("pattern", .string($0))] } ?? []))
        case .choice(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
        case .integerChoice(let numbers): ["type": "integer", "enum": .array(numbers.map { .integer($0) })]
        case .array(let element): ["type": "array", "items": element.json]
        case .dictionary(let value): ["type": "object", "additionalProperties": value.json]
        case .object(let properties): Self.json(of: properties)
        case .nullable(let schema): ["anyOf": [schema.json, ["type": "null"]]]
        }
    }

    private static func json(of properties: [Property]) -> JSONValue {
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        return .object(
            [
                ("type", "object"), ("properties", .object(properties.map { ($0.name, $0.schema.json) })),
            ] + (required.isEmpty ? [] : [("required", .array(required))]))
    }
}

extension Identifier: SchemaDescribed {
    public static var schema: Schema { .string(pattern: "^\(Kind.prefix)_[0-9a-hjkmnp-tv-z]{26}$") }
    public static var placeholder: Identifier { Identifier(bytes: (0, 0)) }
}

extension Instant: SchemaDescribed {
    public static var schema: Schema { .string(format: "date-time") }
    public static var placeholder: Instant { Instant(milliseconds: 0) }
}

extension CalendarDay: SchemaDescribed {
    public static var schema: Schema { .string(format: "date") }
    public static var placeholder: CalendarDay { CalendarDay(daysSince1970: 0) }
}

extension ExactDecimal: SchemaDescribed {
    public static var schema: Schema { .string(format: "decimal") }
    public static var placeholder: ExactDecimal { .zero }
}

extension StatusCode: SchemaDescribed {
    public static var schema: Schema { .choice(allCases.map(\.name)) }
    public static var placeholder: StatusCode { .unknown }
}

extension Traceparent: SchemaDescribed {
    public static var schema: Schema { .string(pattern: "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$") }
    public static var placeholder: Traceparent {
        guard let value = Traceparent("00-00000000000000000000000000000001-0000000000000001-00") else {
            preconditionFailure("the smallest traceparent is one")
        }
        return value
    }
}

extension JSONValue: SchemaDescribed {
    public static var schema: Schema { .any }
    public static var placeholder: JSONValue { .null }
}
