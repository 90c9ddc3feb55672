import CoreTypes

/// How much one exact number is of another, without rounding a decision.
enum Share {
    /// Shown for what is more than a thousand million per cent.
    private static let percentMax = UInt128(10_000_000_000)

    /// Whether `part` is more than so many per cent of `whole`; signs do not count. Of a whole of 0 nothing is a share.
    ///
    /// - Parameter percent: At most 100,000 with two decimals.
    static func isMore(_ part: ExactDecimal, than percent: ExactDecimal, of whole: ExactDecimal) -> Bool {
        guard !whole.isZero else { return false }
        // part × 100 > percent × whole, both sides without their decimals. Neither needs more than 256 bits.
        let shift = whole.scale + percent.scale - part.scale
        let left = part.coefficient.magnitude.multipliedFullWidth(by: 100 * power(max(0, shift)))
        let right = whole.coefficient.magnitude.multipliedFullWidth(
            by: percent.coefficient.magnitude * power(max(0, -shift)))
        return left.high == right.high ? left.low > right.low : left.high > right.high
    }

    /// `part` in per cent of `whole`, cut off after one decimal; signs do not count.
    static func percent(_ part: ExactDecimal, of whole: ExactDecimal) -> ExactDecimal {
        var part = (value: part.coefficient.magnitude, scale: part.scale)
        var whole = (value: whole.coefficient.magnitude, scale: whole.scale)
        while part.scale != whole.scale {
            if part.scale < whole.scale { level(&part, &whole) } else { level(&whole, &part) }
        }
        guard whole.value > 0 else { return .zero }
        let tenths = part.value.multipliedFullWidth(by: 1000)
        let most = percentMax * 10
        let share = tenths.high >= whole.value ? most : min(most, whole.value.dividingFullWidth(tenths).quotient)
        return ExactDecimal(coefficient: Int128(share), scale: 1) ?? .zero
    }

    /// One more decimal for `coarse`, or, where it has no room, one less for `fine`.
    private static func level(
        _ coarse: inout (value: UInt128, scale: Int), _ fine: inout (value: UInt128, scale: Int)
    ) {
        let (product, overflow) = coarse.value.multipliedReportingOverflow(by: 10)
        if overflow {
            fine = (fine.value / 10, fine.scale - 1)
        } else {
            coarse = (product, coarse.scale + 1)
        }
    }

    private static func power(_ exponent: Int) -> UInt128 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}

extension ExactDecimal {
    /// How far apart two numbers are. Too far apart for an exact answer, the larger one is the distance.
    func distance(to other: ExactDecimal) -> ExactDecimal {
        guard let difference = other.subtracting(self) else { return max(magnitude, other.magnitude) }
        return difference.magnitude
    }

    private var magnitude: ExactDecimal { isNegative ? negated : self }
}
