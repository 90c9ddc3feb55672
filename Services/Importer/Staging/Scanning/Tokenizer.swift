/// Checks one JSON value completely and notes where each part of it is, in one pass.
///
/// The notes (``ItemToken``) are what the mapping reads, so the bytes of fields nobody asked for are looked at once.
struct Tokenizer: ~Copyable {
    private enum Expected { case value, firstValue, key, firstKey, afterValue }

    static let needsMore = -1
    private static let noParent = UInt32.max

    private(set) var tokens: UnsafeMutablePointer<ItemToken>
    private(set) var count = 0
    private var capacity = 1024
    private let depthMax: Int
    private let tokensMax: Int

    init(depthMax: Int, tokensMax: Int) {
        self.depthMax = depthMax
        self.tokensMax = tokensMax
        tokens = .allocate(capacity: capacity)
    }

    deinit { tokens.deallocate() }

    /// Reads the value that starts at the first byte.
    ///
    /// - Parameter isWhole: The bytes end where the value ends; otherwise a number at the very end may go on.
    /// - Returns: the position after the value, or ``needsMore`` when the bytes end within it.
    mutating func read(_ bytes: UnsafePointer<UInt8>, _ end: Int, isWhole: Bool) throws(TokenFault) -> Int {
        count = 0
        var at = 0
        var open = Self.noParent
        var depth = 0
        var expected = Expected.value
        while true {
            at = try Self.skipSpace(bytes, at, end)
            guard at < end else { return Self.needsMore }
            let byte = bytes[at]
            var closes = false
            switch expected {
            case .firstKey where byte == UInt8(ascii: "}"), .firstValue where byte == UInt8(ascii: "]"):
                closes = true
            case .firstKey, .key:
                guard byte == UInt8(ascii: "\"") else { throw TokenFault(kind: .notJSON, at: at) }
                at = try string(bytes, at, end)
                guard at >= 0 else { return Self.needsMore }
                at = try Self.skipSpace(bytes, at, end)
                guard at < end else { return Self.needsMore }
                guard bytes[at] == UInt8(ascii: ":") else { throw TokenFault(kind: .notJSON, at: at) }
                at &+= 1
                expected = .value
                continue
            case .value, .firstValue:
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                    depth &+= 1
                    guard depth <= depthMax else { throw TokenFault(kind: .tooDeep, at: at) }
                    let isObject = byte == UInt8(ascii: "{")
                    try append(isObject ? .object : .array, at, 0, next: open)
                    open = UInt32(truncatingIfNeeded: count &- 1)
                    expected = isObject ? .firstKey : .firstValue
                    at &+= 1
                    continue
                }
                at = try scalar(byte, bytes, at, end, isWhole)
                guard at >= 0 else { return Self.needsMore }
                if depth == 0 { return at }
                expected = .afterValue
                continue
            case .afterValue:
                let isObject = tokens[Int(open)].kind == .object
                if byte == UInt8(ascii: ",") {
                    at &+= 1
                    expected = isObject ? .key : .value
                    continue
                }
                closes = byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
            }
            guard closes else { throw TokenFault(kind: .notJSON, at: at) }
            at &+= 1
            open = close(open, at)
            depth &-= 1
            if depth == 0 { return at }
            expected = .afterValue
        }
    }

    @inline(__always)
    private static func skipSpace(_ bytes: UnsafePointer<UInt8>, _ from: Int, _ end: Int) throws(TokenFault) -> Int {
        var at = from
        while at < end, bytes[at] <= 0x20 {
            guard isSpace(bytes[at]) else { throw TokenFault(kind: .notJSON, at: at) }
            at &+= 1
        }
        return at
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    @inline(__always)
    private mutating func append(
        _ kind: ItemToken.Kind, _ start: Int, _ length: Int, next: UInt32? = nil, hasEscapes: Bool = false
    ) throws(TokenFault) {
        if count == capacity { try grow(start) }
        tokens[count] = ItemToken(
            kind: kind, hasEscapes: hasEscapes, start: UInt32(truncatingIfNeeded: start),
            length: UInt32(truncatingIfNeeded: length), next: next ?? UInt32(truncatingIfNeeded: count &+ 1))
        count &+= 1
    }

    @inline(never)
    private mutating func grow(_ at: Int) throws(TokenFault) {
        guard capacity < tokensMax else { throw TokenFault(kind: .tooLarge, at: at) }
        let larger = UnsafeMutablePointer<ItemToken>.allocate(capacity: capacity * 2)
        larger.update(from: tokens, count: count)
        tokens.deallocate()
        tokens = larger
        capacity *= 2
    }

    @inline(__always)
    private mutating func close(_ open: UInt32, _ end: Int) -> UInt32 {
        let index = Int(open)
        let parent = tokens[index].next
        tokens[index].length = UInt32(truncatingIfNeeded: end) &- tokens[index].start
        tokens[index].next = UInt32(truncatingIfNeeded: count)
        return parent
    }

    @inline(__always)
    private mutating func string(_ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int) throws(TokenFault) -> Int {
        var hasEscapes = false
        let stop = try StringScanning.end(bytes, from: at &+ 1, to: end, hasEscapes: &hasEscapes)
        guard stop >= 0 else { return Self.needsMore }
        try append(.string, at &+ 1, stop &- at &- 2, hasEscapes: hasEscapes)
        return stop
    }

    @inline(__always)
    private mutating func scalar(
        _ byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int, _ isWhole: Bool
    ) throws(TokenFault) -> Int {
        switch byte {
        case UInt8(ascii: "\""): return try string(bytes, at, end)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let stop = try Self.numberEnd(bytes, at, end, isWhole)
            guard stop >= 0 else { return Self.needsMore }
            try append(.number, at, stop &- at)
            return stop
        case UInt8(ascii: "t"): return try literal("true", .yes, bytes, at, end)
        case UInt8(ascii: "f"): return try literal("false", .no, bytes, at, end)
        case UInt8(ascii: "n"): return try literal("null", .null, bytes, at, end)
        default: throw TokenFault(kind: .notJSON, at: at)
        }
    }

    private mutating func literal(
        _ word: StaticString, _ kind: ItemToken.Kind, _ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int
    ) throws(TokenFault) -> Int {
        for index in 0..<word.utf8CodeUnitCount {
            guard at + index < end else { return Self.needsMore }
            guard bytes[at + index] == word.utf8Start[index] else { throw TokenFault(kind: .notJSON, at: at + index) }
        }
        try append(kind, at, word.utf8CodeUnitCount)
        return at + word.utf8CodeUnitCount
    }

    /// The end of a number in JSON's grammar: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    private static func numberEnd(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ isWhole: Bool
    ) throws(TokenFault) -> Int {
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        guard at < end else { return try ended(at, isWhole) }
        if bytes[at] == UInt8(ascii: "0") {
            at &+= 1
        } else {
            at = try digits(bytes, at, end)
        }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            guard at &+ 1 < end else { return try ended(at, isWhole) }
            at = try digits(bytes, at &+ 1, end)
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at &+= 1 }
            guard at < end else { return try ended(at, isWhole) }
            at = try digits(bytes, at, end)
        }
        if at == end { return isWhole ? at : needsMore }
        guard !isNumberByte(bytes[at]) else { throw TokenFault(kind: .badNumber, at: at) }
        return at
    }

    private static func ended(_ at: Int, _ isWhole: Bool) throws(TokenFault) -> Int {
        guard !isWhole else { throw TokenFault(kind: .badNumber, at: at) }
        return needsMore
    }

    @inline(__always)
    private static func digits(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) throws(TokenFault) -> Int {
        var at = start
        while at < end, bytes[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
        guard at > start else { throw TokenFault(kind: .badNumber, at: at) }
        return at
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+")
    }
}
