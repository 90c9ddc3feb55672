import CoreTypes

/// An amount in a few bytes, exactly; equal amounts are equal bytes.
///
/// The first byte has the sign (bit 7) and the number of decimals (bits 0–4); then come the digits as one whole number, seven
/// bits a byte, the lowest first (LEB128), without superfluous zeros. With bit 5 of the first byte they are 16 bytes instead,
/// lowest first, for amounts beyond 64 bits.
enum PackedAmount {
    private static let negative: UInt8 = 0x80
    private static let long: UInt8 = 0x20
    private static let decimals: UInt8 = 0x1F
    /// Stands for an amount the row does not have.
    static let absent: UInt8 = 0x40
    /// Stands for the amount before this one once more.
    static let same: UInt8 = 0x60

    @inline(__always)
    static func append(_ amount: Amount, to output: inout GrowingBytes) {
        switch amount {
        case .small(let value, let scale): append(value < 0, value.magnitude, scale, to: &output)
        case .large(let exact): append(exact, to: &output)
        }
    }

    @inline(never)
    private static func append(_ exact: ExactDecimal, to output: inout GrowingBytes) {
        let digits = exact.coefficient.magnitude
        if let digits = UInt64(exactly: digits) { return append(exact.isNegative, digits, exact.scale, to: &output) }
        output.append(UInt8(exact.scale) | long | (exact.isNegative ? negative : 0))
        withUnsafeBytes(of: digits.littleEndian) { output.append($0) }
    }

    @inline(__always)
    private static func append(_ isNegative: Bool, _ digits: UInt64, _ decimals: Int, to output: inout GrowingBytes) {
        var digits = digits
        var scale = decimals
        while scale > 0, digits % 10 == 0 {
            digits /= 10
            scale &-= 1
        }
        output.append(UInt8(truncatingIfNeeded: scale) | (isNegative ? negative : 0))
        while digits > 0x7F {
            output.append(UInt8(truncatingIfNeeded: digits) | 0x80)
            digits &>>= 7
        }
        output.append(UInt8(truncatingIfNeeded: digits))
    }

    /// Reads the amount at `at` and goes on behind it.
    ///
    /// - Returns: nil when there is none.
    static func read(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> ExactDecimal? {
        guard at < bytes.count else { return nil }
        let first = bytes[at]
        at += 1
        guard first & 0x40 == 0 else { return nil }
        guard let digits = first & long == 0 ? shortDigits(bytes, &at) : longDigits(bytes, &at) else { return nil }
        guard let whole = Int128(exactly: digits) else { return nil }
        return ExactDecimal(coefficient: first & negative == 0 ? whole : -whole, scale: Int(first & decimals))
    }

    private static func shortDigits(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> UInt128? {
        var digits: UInt128 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            guard at < bytes.count else { return nil }
            let byte = bytes[at]
            at += 1
            digits |= UInt128(byte & 0x7F) << UInt128(shift)
            if byte & 0x80 == 0 { return digits }
        }
        return nil
    }

    private static func longDigits(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> UInt128? {
        guard at + 16 <= bytes.count else { return nil }
        defer { at += 16 }
        return UInt128(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt128.self))
    }
}

/// A sum of amounts, without rounding.
struct ExactSum {
    private var digits: Int128 = 0
    private var scale = 0
    private var hasOverflown = false

    /// nil when it has more digits than are kept.
    var value: ExactDecimal? { hasOverflown ? nil : ExactDecimal(coefficient: digits, scale: scale) }

    @inline(__always)
    mutating func add(_ amount: Amount) {
        switch amount {
        case .small(let value, let scale): add(Int128(value), scale)
        case .large(let exact): add(exact.coefficient, exact.scale)
        }
    }

    @inline(__always)
    mutating func add(_ other: ExactSum) {
        if other.hasOverflown { hasOverflown = true }
        add(other.digits, other.scale)
    }

    mutating func add(_ exact: ExactDecimal?) {
        guard let exact else { return hasOverflown = true }
        add(exact.coefficient, exact.scale)
    }

    @inline(__always)
    private mutating func add(_ other: Int128, _ otherScale: Int) {
        guard scale == otherScale else { return addRescaled(other, otherScale) }
        let (sum, overflow) = digits.addingReportingOverflow(other)
        digits = sum
        if overflow { hasOverflown = true }
    }

    @inline(never)
    private mutating func addRescaled(_ other: Int128, _ otherScale: Int) {
        var other = other
        var otherScale = otherScale
        while scale < otherScale { (digits, scale) = (tenfold(digits), scale + 1) }
        while otherScale < scale { (other, otherScale) = (tenfold(other), otherScale + 1) }
        add(other, otherScale)
    }

    private mutating func tenfold(_ number: Int128) -> Int128 {
        let (product, overflow) = number.multipliedReportingOverflow(by: 10)
        if overflow { hasOverflown = true }
        return product
    }
}
