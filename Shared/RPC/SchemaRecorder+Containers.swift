/// Members of an object whose type is being looked at.
struct RecordingMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let types: [ObjectIdentifier]
    let note: SchemaNote

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let (schema, placeholder) = try SchemaRecorder.record(type, within: types)
        note.add(key.stringValue, schema, isRequired: true)
        return placeholder
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let (schema, placeholder) = try SchemaRecorder.record(type, within: types)
        note.add(key.stringValue, schema, isRequired: false)
        return placeholder
    }

    private func noted<T>(_ key: Key, _ schema: Schema, _ value: T, isRequired: Bool = true) -> T {
        note.add(key.stringValue, schema, isRequired: isRequired)
        return value
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { noted(key, .boolean, false) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { noted(key, .string(), "") }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { noted(key, .number, 0) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { noted(key, .number, 0) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { noted(key, .integer(), 0) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { noted(key, .integer(), 0) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { noted(key, .integer(), 0) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { noted(key, .integer(), 0) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { noted(key, .integer(), 0) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { noted(key, .integer(), 0) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { noted(key, .integer(minimum: "0"), 0) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { noted(key, .integer(minimum: "0"), 0) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { noted(key, .integer(minimum: "0"), 0) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { noted(key, .integer(minimum: "0"), 0) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { noted(key, .integer(minimum: "0"), 0) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { noted(key, .integer(minimum: "0"), 0) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        noted(key, .boolean, false, isRequired: false)
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        noted(key, .string(), "", isRequired: false)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        noted(key, .number, 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        noted(key, .number, 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        noted(key, .integer(), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        noted(key, .integer(minimum: "0"), 0, isRequired: false)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        throw nested(key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw nested(key) }
    func superDecoder() throws -> any Decoder { throw SchemaError(description: "classes have no schema") }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw nested(key) }

    private func nested(_ key: Key) -> SchemaError {
        SchemaError(description: "\(key.stringValue) is read container by container: make its type SchemaDescribed")
    }
}

/// A value that is no object whose type is being looked at.
struct RecordingValue: SingleValueDecodingContainer {
    let types: [ObjectIdentifier]
    let note: SchemaNote

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (schema, placeholder) = try SchemaRecorder.record(type, within: types)
        note.other = schema
        return placeholder
    }

    private func noted<T>(_ schema: Schema, _ value: T) -> T {
        note.other = schema
        return value
    }

    func decode(_ type: Bool.Type) throws -> Bool { noted(.boolean, false) }
    func decode(_ type: String.Type) throws -> String { noted(.string(), "") }
    func decode(_ type: Double.Type) throws -> Double { noted(.number, 0) }
    func decode(_ type: Float.Type) throws -> Float { noted(.number, 0) }
    func decode(_ type: Int.Type) throws -> Int { noted(.integer(), 0) }
    func decode(_ type: Int8.Type) throws -> Int8 { noted(.integer(), 0) }
    func decode(_ type: Int16.Type) throws -> Int16 { noted(.integer(), 0) }
    func decode(_ type: Int32.Type) throws -> Int32 { noted(.integer(), 0) }
    func decode(_ type: Int64.Type) throws -> Int64 { noted(.integer(), 0) }
    func decode(_ type: Int128.Type) throws -> Int128 { noted(.integer(), 0) }
    func decode(_ type: UInt.Type) throws -> UInt { noted(.integer(minimum: "0"), 0) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { noted(.integer(minimum: "0"), 0) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { noted(.integer(minimum: "0"), 0) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { noted(.integer(minimum: "0"), 0) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { noted(.integer(minimum: "0"), 0) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { noted(.integer(minimum: "0"), 0) }
}
