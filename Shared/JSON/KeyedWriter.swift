/// Writes the members of one object.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: JSONWriter
    let container: JSONWriter.Place

    var codingPath: [any CodingKey] { [] }

    /// Writes separator and name; the value comes next.
    @inline(__always)
    private func begin(_ key: some CodingKey) throws -> JSONWriter {
        try writer.beginMember(key.stringValue, in: container)
        return writer
    }

    private func slot(_ key: some CodingKey) -> ValueEncoder {
        writer.remembering { try writer.beginMember(key.stringValue, in: container) }
        return ValueEncoder(writer: writer, place: writer.nextPlace)
    }

    mutating func encodeNil(forKey key: Key) throws { try begin(key).appendNull() }
    mutating func encode(_ value: Bool, forKey key: Key) throws { try begin(key).append(bool: value) }
    mutating func encode(_ value: String, forKey key: Key) throws { try begin(key).append(string: value) }
    mutating func encode(_ value: Double, forKey key: Key) throws { try begin(key).append(floating: value) }
    mutating func encode(_ value: Float, forKey key: Key) throws { try begin(key).append(floating: value) }
    mutating func encode(_ value: Int, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: Int128, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { try begin(key).append(integer: value) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { try begin(key).append(integer: value) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try begin(key).encode(value, at: writer.nextPlace)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        slot(key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        slot(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { slot(JSONPathKey(stringValue: "super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { slot(key) }
}
