/// The inner loops of scanner and decoder over bytes of a text.
enum Bytes {
    /// The first position at or after `start` with a quote, backslash, control character or byte beyond ASCII; `count`
    /// if there is none.
    ///
    /// Eight bytes at a time: subtracting makes a byte's top bit rise exactly where it was too small. A borrow can only
    /// come from a byte that is itself a hit, so the lowest hit is always true.
    @inline(__always)
    static func endOfPlainText(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        while position &+ 8 <= count {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
            let quote = (word ^ (ones &* 0x22)) &- ones
            let backslash = (word ^ (ones &* 0x5C)) &- ones
            let control = word &- (ones &* 0x20)
            let hits = (word | quote | backslash | control) & (ones &* 0x80)
            if hits != 0 { return position &+ hits.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < count {
            let byte = base[position]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return position }
            position &+= 1
        }
        return count
    }

    /// The bytes of the UTF-8 scalar at `bytes`, which does not begin with ASCII; 0 when it is none (overlong, a
    /// surrogate, beyond U+10FFFF or cut short).
    static func lengthOfScalar(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        let first = bytes[0]
        switch first {
        case 0xC2...0xDF: return available >= 2 && isContinuation(bytes[1]) ? 2 : 0
        case 0xE0...0xEF:
            guard available >= 3, isContinuation(bytes[1]), isContinuation(bytes[2]) else { return 0 }
            if first == 0xE0, bytes[1] < 0xA0 { return 0 }
            if first == 0xED, bytes[1] > 0x9F { return 0 }
            return 3
        case 0xF0...0xF4:
            guard available >= 4, isContinuation(bytes[1]), isContinuation(bytes[2]), isContinuation(bytes[3]) else {
                return 0
            }
            if first == 0xF0, bytes[1] < 0x90 { return 0 }
            if first == 0xF4, bytes[1] > 0x8F { return 0 }
            return 4
        default: return 0
        }
    }

    @inline(__always) private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// The bytes of the `\uXXXX` at `bytes`, with its second half when it is a surrogate; 0 when it is none.
    static func lengthOfUnicodeEscape(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        guard available >= 6, let unit = codeUnit(bytes) else { return 0 }
        switch unit {
        case 0xDC00...0xDFFF: return 0
        case 0xD800...0xDBFF:
            guard available >= 12, bytes[6] == UInt8(ascii: "\\"), bytes[7] == UInt8(ascii: "u"),
                let low = codeUnit(bytes + 6), (0xDC00...0xDFFF).contains(low)
            else { return 0 }
            return 12
        default: return 6
        }
    }

    /// The value of the four hexadecimal digits after `\u`.
    private static func codeUnit(_ bytes: UnsafePointer<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for offset in 2..<6 {
            let digit: UInt8
            switch bytes[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[offset] &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[offset] &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[offset] &- UInt8(ascii: "A") &+ 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Writes the unescaped text of a scanned string to `target`, which has room for as many bytes; returns how many.
    static func unescape(_ source: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard let base = source.baseAddress else { return 0 }
        var position = 0
        var written = 0
        while position < source.count {
            let byte = base[position]
            guard byte == UInt8(ascii: "\\") else {
                target[written] = byte
                written &+= 1
                position &+= 1
                continue
            }
            let escape = base[position &+ 1]
            guard escape == UInt8(ascii: "u") else {
                target[written] = plain(escape)
                written &+= 1
                position &+= 2
                continue
            }
            var scalar = codeUnit(base + position).unsafelyUnwrapped
            position &+= 6
            if scalar & 0xF800 == 0xD800 {
                let low = codeUnit(base + position).unsafelyUnwrapped
                scalar = 0x10000 &+ (scalar &- 0xD800) << 10 &+ (low &- 0xDC00)
                position &+= 6
            }
            written &+= encode(scalar, to: target + written)
        }
        return written
    }

    private static func plain(_ escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }

    private static func encode(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
        func trail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift & 0x3F) }
        switch scalar {
        case 0..<0x80:
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case 0x80..<0x800:
            target[0] = 0xC0 | UInt8(truncatingIfNeeded: scalar >> 6)
            target[1] = trail(0)
            return 2
        case 0x800..<0x10000:
            target[0] = 0xE0 | UInt8(truncatingIfNeeded: scalar >> 12)
            target[1] = trail(6)
            target[2] = trail(0)
            return 3
        default:
            target[0] = 0xF0 | UInt8(truncatingIfNeeded: scalar >> 18)
            target[1] = trail(12)
            target[2] = trail(6)
            target[3] = trail(0)
            return 4
        }
    }
}
