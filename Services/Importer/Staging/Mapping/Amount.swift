import CoreTypes

/// An exact decimal on the item path: 64 bits where they do, ``ExactDecimal`` where they do not; the same numbers.
enum Amount {
    case small(Int64, scale: Int)
    case large(ExactDecimal)

    static let zero = Amount.small(0, scale: 0)
    /// Any number of so many digits fits 64 bits, and so does the sum of two.
    private static let smallDigitsMax = 17

    /// Reads a number that is known to follow JSON's grammar.
    ///
    /// - Returns: nil when it has more digits or decimals than are kept.
    @inline(__always)
    init?(number start: UnsafePointer<UInt8>, _ length: Int) {
        var value: Int64 = 0
        var digits = 0
        var scale = 0
        var hasPoint = false
        let isNegative = start[0] == UInt8(ascii: "-")
        var at = isNegative ? 1 : 0
        while at < length {
            let digit = start[at] &- UInt8(ascii: "0")
            if digit < 10 {
                value = value &* 10 &+ Int64(digit)
                digits &+= 1
                if hasPoint { scale &+= 1 }
            } else if start[at] == UInt8(ascii: ".") {
                hasPoint = true
            } else {
                digits = Int.max
                break
            }
            at &+= 1
        }
        if digits <= Self.smallDigitsMax {
            self = .small(isNegative ? 0 &- value : value, scale: scale)
        } else {
            self.init(text: start, length)
        }
    }

    /// Reads text that may be a number.
    @inline(never)
    init?(text start: UnsafePointer<UInt8>, _ length: Int) {
        guard let exact = ExactDecimal(utf8: UnsafeRawBufferPointer(start: start, count: length)) else { return nil }
        self = .large(exact)
    }

    @inline(__always)
    var isZero: Bool {
        switch self {
        case .small(let value, _): value == 0
        case .large(let exact): exact.isZero
        }
    }

    private var exact: ExactDecimal? {
        switch self {
        case .small(let value, let scale): ExactDecimal(coefficient: Int128(value), scale: scale)
        case .large(let exact): exact
        }
    }

    /// - Returns: nil when the exact sum has more digits than are kept.
    @inline(__always)
    func adding(_ other: Amount) -> Amount? {
        if case .small(let left, let leftScale) = self, case .small(let right, let rightScale) = other {
            let scale = max(leftScale, rightScale)
            if let left = Self.scaled(left, scale &- leftScale), let right = Self.scaled(right, scale &- rightScale) {
                let (sum, overflow) = left.addingReportingOverflow(right)
                if !overflow { return .small(sum, scale: scale) }
            }
        }
        return addingExactly(other)
    }

    /// With so many more decimals; nil when that is no longer small.
    @inline(__always)
    private static func scaled(_ number: Int64, _ decimals: Int) -> Int64? {
        var number = number
        for _ in 0..<decimals {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            number = product
        }
        return number
    }

    @inline(__always)
    func subtracting(_ other: Amount) -> Amount? { adding(other.negated) }

    @inline(never)
    private func addingExactly(_ other: Amount) -> Amount? {
        if case .small(0, _) = self { return other }
        if case .small(0, _) = other { return self }
        guard let left = exact, let right = other.exact, let sum = left.adding(right) else { return nil }
        return .large(sum)
    }

    private var negated: Amount {
        switch self {
        case .small(let value, let scale) where value != .min: .small(0 &- value, scale: scale)
        case .small: exact.map { .large($0.negated) } ?? self
        case .large(let exact): .large(exact.negated)
        }
    }

    /// Appends the canonical digits: no trailing zeros, no exponent, no negative zero.
    @inline(__always)
    func write(to output: inout GrowingBytes) {
        switch self {
        case .small(let value, let scale): Self.write(value, scale, to: &output)
        case .large(let exact): output.append(Array(exact.description.utf8))
        }
    }

    private static func write(_ number: Int64, _ decimals: Int, to output: inout GrowingBytes) {
        var rest = number.magnitude
        var scale = decimals
        while scale > 0, rest % 10 == 0 {
            rest /= 10
            scale &-= 1
        }
        if number < 0 { output.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            var first = 40
            var written = 0
            repeat {
                if written == scale, scale > 0 {
                    first &-= 1
                    digits[first] = UInt8(ascii: ".")
                }
                first &-= 1
                digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                written &+= 1
            } while rest > 0 || written <= scale
            output.append(digits.baseAddress.unsafelyUnwrapped + first, 40 &- first)
        }
    }
}
