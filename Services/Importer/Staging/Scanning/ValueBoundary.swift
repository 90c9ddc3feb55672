/// Finds where a value ends whose bytes arrive in pieces, looking at each byte once and checking nothing.
///
/// Only for a value cut by the end of a chunk: it is collected with this and then checked as a whole.
struct ValueBoundary {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isScalar = false
    private var hasBegun = false

    /// - Returns: the position after the value's last byte, or nil when the value goes on.
    mutating func advance(_ bytes: UnsafePointer<UInt8>, _ end: Int) -> Int? {
        var at = 0
        while at < end {
            let byte = bytes[at]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return at + 1 }
                }
            } else if isScalar {
                if Self.endsScalar(byte) { return at }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth <= 0 { return at + 1 }
                default: if !hasBegun { isScalar = true }
                }
                hasBegun = true
            }
            at += 1
        }
        return nil
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") || byte <= 0x20
    }
}
