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
    /// A type's own shape, under the type's name.
    case named(String, Schema)

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
