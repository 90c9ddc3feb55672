/// Reading the inside of JSON strings, eight bytes at a time where nothing special is among them.
enum StringScanning {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The end of the string whose first byte after the quote is at `start`: the position after the closing quote.
    ///
    /// - Returns: -1 when the bytes end before the string does.
    @inline(__always)
    static func end(
        _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, hasEscapes: inout Bool
    ) throws(TokenFault) -> Int {
        var at = start
        while true {
            while at &+ 8 <= end {
                let raw = UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self)
                let special = specialBytes(UInt64(littleEndian: raw))
                if special != 0 {
                    at &+= special.trailingZeroBitCount &>> 3
                    break
                }
                at &+= 8
            }
            guard at < end else { return -1 }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { return at &+ 1 }
            if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") {
                at &+= 1
                continue
            }
            let next: Int
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                next = try escapeEnd(bytes, at, end)
            } else {
                next = try characterEnd(bytes, at, end)
            }
            if next < 0 { return -1 }
            at = next
        }
    }

    /// High bit set for quotes, backslashes, control characters and non-ASCII; exact for the lowest that is set.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word) | word
        return found & highBits
    }

    /// The end of the UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF).
    @inline(never)
    private static func characterEnd(_ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int) throws(TokenFault) -> Int {
        let lead = bytes[at]
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw TokenFault(kind: lead < 0x20 ? .badString : .badUTF8, at: at)
        }
        for index in 1..<length {
            guard at + index < end else { return -1 }
            guard (index == 1 ? second : 0x80...0xBF).contains(bytes[at + index]) else {
                throw TokenFault(kind: .badUTF8, at: at + index)
            }
        }
        return at + length
    }

    /// The end of the escape at `at`; a leading surrogate takes its other half with it.
    @inline(never)
    private static func escapeEnd(_ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int) throws(TokenFault) -> Int {
        guard at + 1 < end else { return -1 }
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return at + 2
        case UInt8(ascii: "u"): break
        default: throw TokenFault(kind: .badString, at: at + 1)
        }
        guard let unit = try codeUnit(bytes, at + 2, end) else { return -1 }
        guard unit & 0xF800 == 0xD800 else { return at + 6 }
        guard unit < 0xDC00 else { throw TokenFault(kind: .loneSurrogate, at: at) }
        for (index, byte) in [UInt8(ascii: "\\"), UInt8(ascii: "u")].enumerated() {
            guard at + 6 + index < end else { return -1 }
            guard bytes[at + 6 + index] == byte else { throw TokenFault(kind: .loneSurrogate, at: at) }
        }
        guard let low = try codeUnit(bytes, at + 8, end) else { return -1 }
        guard low & 0xFC00 == 0xDC00 else { throw TokenFault(kind: .loneSurrogate, at: at) }
        return at + 12
    }

    /// Four hexadecimal digits; nil when the bytes end before the fourth.
    private static func codeUnit(
        _ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int
    ) throws(TokenFault) -> UInt32? {
        var value: UInt32 = 0
        for index in at..<(at + 4) {
            guard index < end else { return nil }
            guard let digit = hexDigit(bytes[index]) else { throw TokenFault(kind: .badString, at: index) }
            value = value << 4 | digit
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
