public import CoreTypes

/// What imports of one connection are held to, beside being complete. All of it is for connections that are monitored.
public struct PolicyRules: Codable, Sendable, Equatable {
    /// Items that may be missing of those the source counts; 0 to 10,000, and 0 unless changed.
    public var tolerance: Int
    /// nil switches it off.
    public var dropGuard: DropGuard?
    public var controlTotals: ControlTotals
    /// Keys of items that every import must bring, with a price other than 0: at most 1,000, in order, each once.
    public var mustHave: [String]
    /// Until then imports are judged but not stopped, and what would have been stopped is listed. At most 90 days ahead.
    public var shadowUntil: Instant?

    public init(
        tolerance: Int = 0, dropGuard: DropGuard? = DropGuard(), controlTotals: ControlTotals = ControlTotals(),
        mustHave: [String] = [], shadowUntil: Instant? = nil
    ) {
        self.tolerance = tolerance
        self.dropGuard = dropGuard
        self.controlTotals = controlTotals
        self.mustHave = mustHave
        self.shadowUntil = shadowUntil
    }

    public static var example: PolicyRules {
        PolicyRules(
            tolerance: 2, controlTotals: ControlTotals(priceChangePercent: ExactDecimal(50)), mustHave: ["A1", "A2"])
    }

    public func isShadow(at now: Instant) -> Bool { shadowUntil.map { now < $0 } ?? false }
}

/// Holds an import that would remove or empty more than so many items **and** more than so many per cent of them.
public struct DropGuard: Codable, Sendable, Equatable {
    /// 0 to 1,000,000.
    public var items: Int
    /// 0 to 100, with at most two decimals.
    public var percent: ExactDecimal

    /// Twenty items and ten per cent: a range that really ends is seldom larger in a single import.
    public init(items: Int = 20, percent: ExactDecimal = ExactDecimal(10)) {
        self.items = items
        self.percent = percent
    }
}

/// Limits on figures of a whole import; nil for no limit, which is so unless changed. The figures are kept in any case.
public struct ControlTotals: Codable, Sendable, Equatable {
    /// The largest change of a single price, up or down, in per cent: 0 to 100,000, with at most two decimals.
    public var priceChangePercent: ExactDecimal?
    /// How many prices may be 0.
    public var zeroPrices: Int?
    /// How much the sum of all stock may change, in per cent.
    public var stockSumPercent: ExactDecimal?

    public init(priceChangePercent: ExactDecimal? = nil, zeroPrices: Int? = nil, stockSumPercent: ExactDecimal? = nil) {
        self.priceChangePercent = priceChangePercent
        self.zeroPrices = zeroPrices
        self.stockSumPercent = stockSumPercent
    }
}
