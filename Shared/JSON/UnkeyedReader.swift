/// Reads the elements of one array in order.
struct UnkeyedReader: UnkeyedDecodingContainer {
    let text: UnsafeMutablePointer<JSONText>
    let array: UInt32
    private var element: UInt32
    private var position: UInt32 = 0

    init(text: UnsafeMutablePointer<JSONText>, array: UInt32) {
        self.text = text
        self.array = array
        element = array &+ 1
    }

    var codingPath: [any CodingKey] { text.pointee.path(to: array) }
    var count: Int? { text.pointee.tape[Int(array)].count }
    var currentIndex: Int { Int(position) }
    var isAtEnd: Bool { position >= text.pointee.tape[Int(array)].count }

    /// Steps on only when `body` could read the element, as the protocol asks.
    @inline(__always)
    private mutating func advance<Value>(_ body: (ValueDecoder) throws -> Value) throws -> Value {
        guard !isAtEnd else {
            let path = codingPath + [JSONPathKey(intValue: currentIndex)]
            throw DecodingError.valueNotFound(
                Value.self, DecodingError.Context(codingPath: path, debugDescription: "the array ends before this"))
        }
        let value = try body(ValueDecoder(text: text, index: element))
        element = text.pointee.tape[Int(element)].next
        position &+= 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, ValueDecoder(text: text, index: element).isNull else { return false }
        return try advance { _ in true }
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try advance { try $0.decodeValue(type) } }
    mutating func decode(_ type: Bool.Type) throws -> Bool { try advance { try $0.bool() } }
    mutating func decode(_ type: String.Type) throws -> String { try advance { try $0.string() } }
    mutating func decode(_ type: Double.Type) throws -> Double { try advance { try $0.double() } }
    mutating func decode(_ type: Float.Type) throws -> Float { try advance { try $0.float() } }
    mutating func decode(_ type: Int.Type) throws -> Int { try advance { try $0.integer(type) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try advance { try $0.integer(type) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try advance { try $0.integer(type) } }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try advance { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try advance { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try advance { $0 } }
}
