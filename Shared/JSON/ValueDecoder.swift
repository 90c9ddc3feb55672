/// Decodes one value of a scanned text; small enough to travel inside `any Decoder` without an allocation.
struct ValueDecoder: Decoder {
    let text: UnsafeMutablePointer<JSONText>
    let index: UInt32

    var codingPath: [any CodingKey] { text.pointee.path(to: index) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard text.pointee.tape[Int(index)].kind == .object else { throw mismatch("an object") }
        return KeyedDecodingContainer(KeyedReader(text: text, object: index))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard text.pointee.tape[Int(index)].kind == .array else { throw mismatch("an array") }
        return UnkeyedReader(text: text, array: index)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    /// The value as a `T`, whatever kind of type that is.
    @inline(__always)
    func decodeValue<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }

    func mismatch(_ expected: String) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath, debugDescription: "expected \(expected), found \(found)")
        return .typeMismatch(Any.self, context)
    }

    private var found: String {
        let entry = text.pointee.tape[Int(index)]
        return switch entry.kind {
        case .null: "null"
        case .true, .false: "a truth value"
        case .number: entry.isFlagged ? "a number with a fraction or exponent" : "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

// The readings that every container shares.
extension ValueDecoder {
    @inline(__always) var isNull: Bool { text.pointee.tape[Int(index)].kind == .null }

    @inline(__always)
    func bool() throws -> Bool {
        switch text.pointee.tape[Int(index)].kind {
        case .true: true
        case .false: false
        default: throw mismatch("a truth value")
        }
    }

    @inline(__always)
    func string() throws -> String {
        guard text.pointee.tape[Int(index)].kind == .string else { throw mismatch("a string") }
        return text.pointee.string(index)
    }

    @inline(__always)
    func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        let entry = text.pointee.tape[Int(index)]
        guard entry.kind == .number, !entry.isFlagged else { throw mismatch("a whole number") }
        guard let value: T = NumberText.integer(text.pointee.bytes(index)) else {
            throw mismatch("a whole number from \(T.min) to \(T.max)")
        }
        return value
    }

    func double() throws -> Double {
        guard text.pointee.tape[Int(index)].kind == .number else { throw mismatch("a number") }
        guard let value = NumberText.double(text.pointee.bytes(index)) else {
            throw mismatch("a number that fits 64-bit floating point")
        }
        return value
    }

    func float() throws -> Float {
        guard text.pointee.tape[Int(index)].kind == .number else { throw mismatch("a number") }
        guard let value = NumberText.float(text.pointee.bytes(index)) else {
            throw mismatch("a number that fits 32-bit floating point")
        }
        return value
    }
}

extension ValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try bool() }
    func decode(_ type: String.Type) throws -> String { try string() }
    func decode(_ type: Double.Type) throws -> Double { try double() }
    func decode(_ type: Float.Type) throws -> Float { try float() }
    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decodeValue(type) }
}
