/// Turns scanned number texts into values.
enum NumberText {
    /// - Returns: nil when the number does not fit. `text` has neither fraction nor exponent.
    @inline(__always)
    static func integer<T: FixedWidthInteger>(_ text: UnsafeBufferPointer<UInt8>) -> T? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.count - (isNegative ? 1 : 0)
        // 18 digits fit 64 bits whatever they are.
        guard digits <= 18 else { return longInteger(text, isNegative: isNegative) }
        var value: Int64 = 0
        for index in (isNegative ? 1 : 0)..<text.count {
            value = value &* 10 &+ Int64(truncatingIfNeeded: text[index] &- UInt8(ascii: "0"))
        }
        return T(exactly: isNegative ? 0 &- value : value)
    }

    private static func longInteger<T: FixedWidthInteger>(
        _ text: UnsafeBufferPointer<UInt8>, isNegative: Bool
    ) -> T? {
        var value: T = 0
        for index in (isNegative ? 1 : 0)..<text.count {
            let digit = T(text[index] &- UInt8(ascii: "0"))
            let (tenfold, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) =
                isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            guard !first, !second else { return nil }
            value = sum
        }
        return value
    }

    /// - Returns: the nearest value; nil when that would be infinite.
    static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        if let exact = shortDouble(text) { return exact }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    static func float(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
        guard let value = Float(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// Digits below 2^53 times a power of ten up to 10^22 are exact in Double, and so is the one rounding of their
    /// quotient (Clinger's fast path).
    private static func shortDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard text.count <= 17 else { return nil }
        var digits: Int64 = 0
        var decimals = 0
        var isFraction = false
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in isNegative ? text[1...] : text[...] {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = digits &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
                if isFraction { decimals &+= 1 }
            default: return nil
            }
        }
        guard digits < 1 << 53 else { return nil }
        let value = Double(digits) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    ]
}
