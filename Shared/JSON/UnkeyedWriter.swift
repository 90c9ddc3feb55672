/// Writes the elements of one array.
struct UnkeyedWriter: UnkeyedEncodingContainer {
    let writer: JSONWriter
    let container: JSONWriter.Place
    private(set) var count = 0

    init(writer: JSONWriter, container: JSONWriter.Place) {
        self.writer = writer
        self.container = container
    }

    var codingPath: [any CodingKey] { [] }

    /// Writes the separator; the value comes next.
    @inline(__always)
    private mutating func begin() throws -> JSONWriter {
        try writer.beginElement(in: container)
        count += 1
        return writer
    }

    private mutating func slot() -> ValueEncoder {
        writer.remembering { _ = try begin() }
        return ValueEncoder(writer: writer, place: writer.nextPlace)
    }

    mutating func encodeNil() throws { try begin().appendNull() }
    mutating func encode(_ value: Bool) throws { try begin().append(bool: value) }
    mutating func encode(_ value: String) throws { try begin().append(string: value) }
    mutating func encode(_ value: Double) throws { try begin().append(floating: value) }
    mutating func encode(_ value: Float) throws { try begin().append(floating: value) }
    mutating func encode(_ value: Int) throws { try begin().append(integer: value) }
    mutating func encode(_ value: Int8) throws { try begin().append(integer: value) }
    mutating func encode(_ value: Int16) throws { try begin().append(integer: value) }
    mutating func encode(_ value: Int32) throws { try begin().append(integer: value) }
    mutating func encode(_ value: Int64) throws { try begin().append(integer: value) }
    mutating func encode(_ value: Int128) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt8) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt16) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt32) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt64) throws { try begin().append(integer: value) }
    mutating func encode(_ value: UInt128) throws { try begin().append(integer: value) }

    mutating func encode<T: Encodable>(_ value: T) throws { try begin().encode(value, at: writer.nextPlace) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        slot().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { slot().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { slot() }
}
