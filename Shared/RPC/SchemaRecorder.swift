extension Schema {
    /// Finds a type's shape by decoding it from nothing and noting what it asks for.
    ///
    /// - Throws: ``SchemaError`` for a type that refuses placeholders, or holds itself: it must be ``SchemaDescribed``.
    public static func of<T: Decodable>(_ type: T.Type) throws -> Schema {
        let schema = try SchemaRecorder.record(type, within: []).schema
        // The type asked for is known to whoever asked; the types inside it keep their names.
        if case .named(_, let schema) = schema { return schema }
        return schema
    }
}

/// A type whose shape cannot be found by itself.
public struct SchemaError: Error, CustomStringConvertible {
    public var description: String
}

/// Stands in for the parts of a type that hold others, so that they need not be decoded themselves.
private protocol RecordedContainer {
    static func record(within types: [ObjectIdentifier]) throws -> (schema: Schema, placeholder: Any)
}

extension Array: RecordedContainer where Element: Decodable {
    fileprivate static func record(within types: [ObjectIdentifier]) throws -> (schema: Schema, placeholder: Any) {
        let element = try SchemaRecorder.record(Element.self, within: types)
        return (.array(of: element.schema), [element.placeholder])
    }
}

extension Set: RecordedContainer where Element: Decodable {
    fileprivate static func record(within types: [ObjectIdentifier]) throws -> (schema: Schema, placeholder: Any) {
        let element = try SchemaRecorder.record(Element.self, within: types)
        return (.array(of: element.schema), Set([element.placeholder]))
    }
}

extension Dictionary: RecordedContainer where Key == String, Value: Decodable {
    fileprivate static func record(within types: [ObjectIdentifier]) throws -> (schema: Schema, placeholder: Any) {
        let value = try SchemaRecorder.record(Value.self, within: types)
        return (.dictionary(of: value.schema), ["key": value.placeholder])
    }
}

extension Optional: RecordedContainer where Wrapped: Decodable {
    fileprivate static func record(within types: [ObjectIdentifier]) throws -> (schema: Schema, placeholder: Any) {
        let wrapped = try SchemaRecorder.record(Wrapped.self, within: types)
        return (.nullable(wrapped.schema), Self.some(wrapped.placeholder) as Any)
    }
}

enum SchemaRecorder {
    static func record<T: Decodable>(
        _ type: T.Type, within types: [ObjectIdentifier]
    ) throws -> (schema: Schema, placeholder: T) {
        if let known = try known(type, within: types) {
            guard let placeholder = known.placeholder as? T else {
                throw SchemaError(description: "the placeholder of \(type) is of another type")
            }
            return (known.schema, placeholder)
        }
        guard !types.contains(ObjectIdentifier(type)) else {
            throw SchemaError(description: "\(type) holds itself: make it SchemaDescribed")
        }
        let recorder = RecordingDecoder(types: types + [ObjectIdentifier(type)])
        do {
            let placeholder = try T(from: recorder)
            return (named(type, recorder.note.schema), placeholder)
        } catch let error as DecodingError {
            throw SchemaError(description: "\(type) refuses a placeholder, make it SchemaDescribed: \(error)")
        }
    }

    private static func known<T: Decodable>(
        _ type: T.Type, within types: [ObjectIdentifier]
    ) throws -> (schema: Schema, placeholder: Any)? {
        switch type {
        case let type as any SchemaDescribed.Type: return (type.schema, type.placeholder)
        case let type as any RecordedContainer.Type: return try type.record(within: types)
        case let type as any (CaseIterable & RawRepresentable).Type:
            return choice(type).map { (named(type, $0.schema), $0.placeholder) }
        default: return nil
        }
    }

    /// Objects and closed lists are worth a name: the type's, without its module.
    private static func named(_ type: Any.Type, _ schema: Schema) -> Schema {
        switch schema {
        case .object(let properties) where properties.isEmpty: return schema
        case .object, .choice, .integerChoice: break
        default: return schema
        }
        let parts = String(reflecting: type).split(separator: ".").dropFirst().filter { !$0.hasPrefix("(") }
        return .named(parts.joined(separator: "."), schema)
    }

    private static func choice<T: CaseIterable & RawRepresentable>(
        _ type: T.Type
    ) -> (schema: Schema, placeholder: Any)? {
        guard let first = type.allCases.first else { return nil }
        if let words = type.allCases.map(\.rawValue) as? [String] { return (.choice(words), first) }
        if let numbers = type.allCases.map(\.rawValue) as? [Int] { return (.integerChoice(numbers), first) }
        return nil
    }
}

/// What a type asked its decoder for.
final class SchemaNote {
    var properties: [Schema.Property]?
    var other: Schema?

    /// A type that asks for nothing is an empty object.
    var schema: Schema { other ?? .object(properties ?? []) }

    func add(_ name: String, _ schema: Schema, isRequired: Bool) {
        guard properties?.contains(where: { $0.name == name }) != true else { return }
        properties = (properties ?? []) + [Schema.Property(name: name, schema: schema, isRequired: isRequired)]
    }
}

/// Answers every question with a placeholder and notes the question.
struct RecordingDecoder: Decoder {
    let types: [ObjectIdentifier]
    let note = SchemaNote()

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if note.properties == nil { note.properties = [] }
        return KeyedDecodingContainer(RecordingMembers(types: types, note: note))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaError(description: "a type that reads an array by itself: make it SchemaDescribed")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        RecordingValue(types: types, note: note)
    }
}
