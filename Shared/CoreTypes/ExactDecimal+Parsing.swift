extension ExactDecimal: Codable {
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ ExactDecimal(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// Reads a number in JSON's grammar (`-0`, `1e-7`, `12.50`), exactly.
    ///
    /// - Returns: nil for anything else, and for numbers that need more digits or decimals than are kept.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var reader = NumberReader(bytes: bytes)
        guard let value = reader.read() else { return nil }
        self = value
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = ExactDecimal(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a decimal number as a string, as \"12.50\"")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

private struct NumberReader {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    var coefficient: Int128 = 0
    var scale = 0

    mutating func read() -> ExactDecimal? {
        let isNegative = skip(UInt8(ascii: "-"))
        let first = peek()
        guard let whole = digits(), whole == 1 || first != UInt8(ascii: "0") else { return nil }
        if skip(UInt8(ascii: ".")) {
            guard let decimals = digits() else { return nil }
            scale = decimals
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            guard let exponent = exponent() else { return nil }
            scale -= exponent
        }
        guard position == bytes.count else { return nil }
        return ExactDecimal(coefficient: isNegative ? -coefficient : coefficient, scale: scale)
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Appends digits to the coefficient; returns how many, nil for none or too many.
    private mutating func digits() -> Int? {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tenfold, first) = coefficient.multipliedReportingOverflow(by: 10)
            let (sum, second) = tenfold.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
            guard !first, !second else { return nil }
            coefficient = sum
            position += 1
        }
        return position > start ? position - start : nil
    }

    private mutating func exponent() -> Int? {
        let isNegative = skip(UInt8(ascii: "-"))
        if !isNegative { _ = skip(UInt8(ascii: "+")) }
        let start = position
        var value = 0
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 10_000)
            position += 1
        }
        guard position > start else { return nil }
        return isNegative ? -value : value
    }
}
