extension JSONWriter {
    func appendNull() {
        nesting.pending = 0
        append(raw: "null")
    }

    @inline(__always)
    public func append(bool value: Bool) {
        nesting.pending = 0
        append(raw: value ? "true" : "false")
    }

    /// Appends a string with its quotes.
    @inline(__always)
    public func append(string value: String) {
        nesting.pending = 0
        var value = value
        value.withUTF8 { append(stringBytes: $0) }
    }

    /// Appends UTF-8 text as a string with its quotes.
    public func append(stringBytes source: UnsafeBufferPointer<UInt8>) {
        append(byte: UInt8(ascii: "\""))
        var position = 0
        while position < source.count {
            let start = position
            while position < source.count, !Self.needsEscape(source[position]) { position &+= 1 }
            append(raw: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(source)[start..<position]))
            if position < source.count {
                appendEscape(of: source[position])
                position &+= 1
            }
        }
        append(byte: UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private func appendEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(raw: #"\""#)
        case UInt8(ascii: "\\"): append(raw: #"\\"#)
        case 0x08: append(raw: #"\b"#)
        case 0x09: append(raw: #"\t"#)
        case 0x0A: append(raw: #"\n"#)
        case 0x0C: append(raw: #"\f"#)
        case 0x0D: append(raw: #"\r"#)
        default:
            append(raw: #"\u00"#)
            append(byte: Self.hexDigit(byte >> 4))
            append(byte: Self.hexDigit(byte & 15))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    @inline(__always)
    public func append<T: FixedWidthInteger>(integer value: T) {
        nesting.pending = 0
        guard let magnitude = UInt64(exactly: value.magnitude) else {
            var digits = String(value)
            return digits.withUTF8 { append(raw: UnsafeRawBufferPointer($0)) }
        }
        append(magnitude, isNegative: value < 0)
    }

    private func append(_ magnitude: UInt64, isNegative: Bool) {
        // A sign and 20 digits, written from the right.
        let target = room(for: 42)
        var start = 42
        var rest = magnitude
        repeat {
            start &-= 1
            target[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if isNegative {
            start &-= 1
            target[start] = UInt8(ascii: "-")
        }
        target.update(from: target + start, count: 42 &- start)
        advance(42 &- start)
    }

    /// - Throws: `EncodingError` for infinity and what is no number.
    func append(floating value: Double) throws {
        guard value.isFinite else { throw Self.notFinite(value) }
        nesting.pending = 0
        appendText(value.description)
    }

    func append(floating value: Float) throws {
        guard value.isFinite else { throw Self.notFinite(value) }
        nesting.pending = 0
        appendText(value.description)
    }

    private static func notFinite(_ value: Any) -> EncodingError {
        .invalidValue(value, EncodingError.Context(codingPath: [], debugDescription: "JSON has only finite numbers"))
    }

    /// Appends text that is JSON already.
    func appendText(_ text: String) {
        nesting.pending = 0
        var text = text
        text.withUTF8 { append(raw: UnsafeRawBufferPointer($0)) }
    }
}
