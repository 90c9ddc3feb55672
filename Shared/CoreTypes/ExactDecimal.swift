/// An exact decimal number: `coefficient × 10^-scale`, as prices and quantities need.
///
/// Kept in canonical form (no trailing zeros, no negative scale), so equal numbers are equal values and print alike:
/// `12.50` and `12.5` are the same. On the wire it is a string. Up to 34 significant digits, scale up to 30.
public struct ExactDecimal: Sendable, Hashable {
    public let coefficient: Int128
    public let scale: Int

    public static let zero = ExactDecimal(0)
    static let digitsMax = 34
    static let scaleMax = 30

    public init(_ whole: Int) {
        self.coefficient = Int128(whole)
        self.scale = 0
    }

    /// - Returns: nil when the number needs more digits or decimals than are kept; nothing is ever rounded.
    public init?(coefficient: Int128, scale: Int) {
        var coefficient = coefficient
        var scale = scale
        while scale < 0 {
            let (product, overflow) = coefficient.multipliedReportingOverflow(by: 10)
            guard !overflow, scale > -Self.digitsMax - 1 || coefficient == 0 else { return nil }
            if coefficient == 0 { scale = 0; break }
            coefficient = product
            scale += 1
        }
        while scale > 0, coefficient % 10 == 0 {
            if coefficient == 0 { scale = 0; break }
            coefficient /= 10
            scale -= 1
        }
        guard scale <= Self.scaleMax, coefficient.magnitude < Self.coefficientLimit else { return nil }
        self.coefficient = coefficient
        self.scale = scale
    }

    private static let coefficientLimit: UInt128 = (0..<digitsMax).reduce(1) { power, _ in power * 10 }

    public var isNegative: Bool { coefficient < 0 }
    public var isZero: Bool { coefficient == 0 }

    /// - Returns: nil when the exact sum does not fit.
    public func adding(_ other: ExactDecimal) -> ExactDecimal? {
        let common = max(scale, other.scale)
        guard let left = rescaled(to: common), let right = other.rescaled(to: common) else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : ExactDecimal(coefficient: sum, scale: common)
    }

    /// - Returns: nil when the exact difference does not fit.
    public func subtracting(_ other: ExactDecimal) -> ExactDecimal? { adding(other.negated) }

    public var negated: ExactDecimal { ExactDecimal(coefficient: -coefficient, scale: scale) ?? .zero }

    private func rescaled(to target: Int) -> Int128? {
        var value = coefficient
        for _ in 0..<(target - scale) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        return value
    }
}

extension ExactDecimal: Comparable {
    public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        if let difference = left.subtracting(right) { return difference.isNegative }
        // Too far apart to subtract exactly: then the one with more digits before the point is the larger in size.
        let leftIsSmaller = left.wholeDigits < right.wholeDigits
        return left.isNegative ? !leftIsSmaller : leftIsSmaller
    }

    private var wholeDigits: Int { String(coefficient.magnitude).utf8.count - scale }
}

extension ExactDecimal: CustomStringConvertible {
    public var description: String {
        guard scale > 0 else { return String(coefficient) }
        var digits = String(coefficient.magnitude)
        if digits.utf8.count <= scale { digits = String(repeating: "0", count: scale - digits.utf8.count + 1) + digits }
        let point = digits.index(digits.endIndex, offsetBy: -scale)
        return (isNegative ? "-" : "") + digits[..<point] + "." + digits[point...]
    }
}
