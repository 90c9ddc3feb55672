/// Encodes the value of one place: the whole text, a member or an element.
struct ValueEncoder: Encoder {
    let writer: JSONWriter
    let place: JSONWriter.Place

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let isDictionary = ObjectIdentifier(type) == DictionaryKeys.typeID
        writer.remembering { try writer.open(.object, at: place, sorted: isDictionary) }
        return KeyedEncodingContainer(KeyedWriter(writer: writer, container: place))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.remembering { try writer.open(.array, at: place, sorted: false) }
        return UnkeyedWriter(writer: writer, container: place)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension ValueEncoder: SingleValueEncodingContainer {
    @inline(__always)
    private func claim() throws -> JSONWriter {
        try writer.claim(place)
        return writer
    }

    mutating func encodeNil() throws { try claim().appendNull() }
    mutating func encode(_ value: Bool) throws { try claim().append(bool: value) }
    mutating func encode(_ value: String) throws { try claim().append(string: value) }
    mutating func encode(_ value: Double) throws { try claim().append(floating: value) }
    mutating func encode(_ value: Float) throws { try claim().append(floating: value) }
    mutating func encode(_ value: Int) throws { try claim().append(integer: value) }
    mutating func encode(_ value: Int8) throws { try claim().append(integer: value) }
    mutating func encode(_ value: Int16) throws { try claim().append(integer: value) }
    mutating func encode(_ value: Int32) throws { try claim().append(integer: value) }
    mutating func encode(_ value: Int64) throws { try claim().append(integer: value) }
    mutating func encode(_ value: Int128) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt8) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt16) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt32) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt64) throws { try claim().append(integer: value) }
    mutating func encode(_ value: UInt128) throws { try claim().append(integer: value) }

    mutating func encode<T: Encodable>(_ value: T) throws { try writer.encode(value, at: place) }
}

/// The key type with which the standard library encodes dictionaries; it has no public name.
///
/// A dictionary's order changes from run to run, so its members are sorted where this key type is seen.
private enum DictionaryKeys {
    static let typeID: ObjectIdentifier? = {
        let probe = DictionaryKeyProbe()
        try? [String: Bool]().encode(to: probe)
        return probe.keyType
    }()
}

private final class DictionaryKeyProbe: Encoder {
    var keyType: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        keyType = ObjectIdentifier(type)
        let writer = JSONWriter()
        return KeyedEncodingContainer(KeyedWriter(writer: writer, container: writer.nextPlace))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let writer = JSONWriter()
        return UnkeyedWriter(writer: writer, container: writer.nextPlace)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        let writer = JSONWriter()
        return ValueEncoder(writer: writer, place: writer.nextPlace)
    }
}
