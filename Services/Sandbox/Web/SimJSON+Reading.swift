/// What is wrong with a text that should have been JSON.
struct SimJSONError: Error, Equatable {
    var offset: Int
    var problem: String
}

extension SimJSON {
    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { bytes in
            var reader = SimJSONReader(bytes: bytes)
            return try reader.readDocument()
        }
    }

    /// Reads an object and says where the value of one of its members stands.
    static func parsing(_ bytes: [UInt8], locating member: String) throws -> (SimJSON, span: Range<Int>?) {
        try bytes.withUnsafeBytes { bytes in
            var reader = SimJSONReader(bytes: bytes, wanted: member)
            return (try reader.readDocument(), reader.span)
        }
    }
}

/// Strict as RFC 8259: no comments, no duplicate names, UTF-8 only, at most 64 levels.
private struct SimJSONReader {
    let bytes: UnsafeRawBufferPointer
    /// The member of the outermost object whose span is asked for.
    var wanted: String?
    var span: Range<Int>?
    private var position = 0
    private var depth = 0

    init(bytes: UnsafeRawBufferPointer, wanted: String? = nil) {
        self.bytes = bytes
        self.wanted = wanted
    }

    mutating func readDocument() throws -> SimJSON {
        skipSpace()
        let value = try readValue()
        skipSpace()
        guard position == bytes.count else { throw error("something follows the value") }
        return value
    }

    private mutating func readValue() throws -> SimJSON {
        guard let byte = peek() else { throw error("a value is missing") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { try $0.readObject() }
        case UInt8(ascii: "["): return try nested { try $0.readArray() }
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return try readNumber()
        }
    }

    private mutating func nested(_ body: (inout Self) throws -> SimJSON) throws -> SimJSON {
        depth += 1
        guard depth <= 64 else { throw error("too deeply nested") }
        defer { depth -= 1 }
        position += 1
        skipSpace()
        return try body(&self)
    }

    private mutating func readObject() throws -> SimJSON {
        var members: [SimMember] = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw error("a name is missing") }
            let name = try readString()
            guard !members.contains(where: { $0.name == name }) else { throw error("the name '\(name)' comes twice") }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is missing") }
            skipSpace()
            let start = position
            members.append(SimMember(name, try readValue()))
            if depth == 1, name == wanted { span = start..<position }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or brace is missing") }
        }
    }

    private mutating func readArray() throws -> SimJSON {
        var elements: [SimJSON] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            skipSpace()
            elements.append(try readValue())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or bracket is missing") }
        }
    }

    private mutating func readString() throws -> String {
        position += 1
        let start = position
        while let byte = peek(), byte != 0x22, byte != 0x5C, byte >= 0x20 { position += 1 }
        if peek() == 0x22 {
            defer { position += 1 }
            return try string(bytes[start..<position])
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = peek() {
            position += 1
            switch byte {
            case 0x22: return try string(unescaped)
            case 0x5C: try readEscape(into: &unescaped)
            case 0..<0x20: throw error("a control character in a string")
            default: unescaped.append(byte)
            }
        }
        throw error("a string does not end")
    }

    private func string(_ bytes: some Sequence<UInt8>) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("not UTF-8") }
        return text
    }

    private mutating func readEscape(into out: inout [UInt8]) throws {
        guard let byte = peek() else { throw error("a string does not end") }
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: out.append(byte)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "u"): out.append(contentsOf: String(Character(try readScalar())).utf8)
        default: throw error("an unknown escape")
        }
    }

    private mutating func readScalar() throws -> Unicode.Scalar {
        let unit = try readUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800..<0xDC00).contains(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half a surrogate pair")
        }
        let low = try readUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half a surrogate pair") }
        return scalar
    }

    private mutating func readUnit() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek().flatMap(hexDigit) else { throw error("four hex digits are missing") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func readNumber() throws -> SimJSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), readDigits() == 0 { throw error("a value is missing") }
        if take(UInt8(ascii: ".")), readDigits() == 0 { throw error("digits are missing") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            if readDigits() == 0 { throw error("digits are missing") }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func readDigits() -> Int {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func readWord(_ word: StaticString, _ value: SimJSON) throws -> SimJSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        else {
            throw error("a value is missing")
        }
        position = end
        return value
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ problem: String) -> SimJSONError { SimJSONError(offset: position, problem: problem) }
}
