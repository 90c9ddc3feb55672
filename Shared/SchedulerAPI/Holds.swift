public import CoreTypes

/// Why an import is not published by itself although nothing is wrong with how it was read, with the figures that a
/// person is shown before releasing it.
public struct Hold: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// It would remove or empty more items than the limit allows.
        case dropGuard
        /// A price changes by more than the limit.
        case priceChange
        /// Prices are in another currency than before, where changes of prices have a limit.
        case currencyChange
        /// More prices are 0 than the limit allows.
        case zeroPrices
        /// The sum of all stock changes by more than the limit.
        case stockSum
        /// A must-have item is not there, or its price is 0, or nobody looked.
        case mustHave
        /// It cannot be told whether the import is complete.
        case unverifiable
    }

    public var kind: Kind
    /// `dropGuard`: items removed or emptied. `zeroPrices`: prices that are 0. `mustHave`: items at fault.
    /// `currencyChange`: prices.
    public var count: Int?
    /// `dropGuard`: items the shop has. `mustHave`: items on the list.
    public var of: Int?
    /// The limit that was passed; `dropGuard` has both and both were passed.
    public var limitCount: Int?
    public var limitPercent: ExactDecimal?
    /// `dropGuard`, `priceChange`, `stockSum`: how large the change is, to one decimal, cut off.
    public var percent: ExactDecimal?
    /// `priceChange`: the price. `stockSum`: the sum. `currencyChange`: the first price, in the two currencies.
    public var before: ExactDecimal?
    public var after: ExactDecimal?
    public var currencyBefore: String?
    public var currencyAfter: String?
    /// `priceChange`, `currencyChange`: the item and its price list.
    public var item: String?
    public var priceList: String?
    /// `mustHave`: all items at fault, in order; nil when nobody looked for them.
    public var missing: [String]?
    public var unpriced: [String]?

    public init(_ kind: Kind) { self.kind = kind }

    public static var example: Hold {
        var hold = Hold(.dropGuard)
        hold.count = 412
        hold.of = 1000
        hold.limitCount = 20
        hold.limitPercent = ExactDecimal(10)
        hold.percent = ExactDecimal("41.2")
        return hold
    }

    /// Catalogue key of what happened.
    public var reason: String {
        switch kind {
        case .dropGuard: "run_held_drop_guard"
        case .priceChange: "run_held_price_change"
        case .currencyChange: "run_held_currency_change"
        case .zeroPrices: "run_held_zero_prices"
        case .stockSum: "run_held_stock_sum"
        case .mustHave: missing == nil ? "run_held_must_have_unknown" : "run_held_must_have"
        case .unverifiable: "run_unverifiable"
        }
    }

    /// What the catalogue's sentence about it is filled with.
    public var arguments: [String: String] {
        let named = ((missing ?? []) + (unpriced ?? [])).prefix(20).joined(separator: ", ")
        let figures: [(String, String?)] = [
            ("held", count.map(String.init)), ("heldOf", of.map(String.init)),
            ("limitCount", limitCount.map(String.init)), ("limitPercent", limitPercent?.description),
            ("percent", percent?.description), ("before", before?.description), ("after", after?.description),
            ("currencyBefore", currencyBefore), ("currencyAfter", currencyAfter), ("item", item),
            ("priceList", priceList), ("items", named.isEmpty ? nil : named),
        ]
        return Dictionary(uniqueKeysWithValues: figures.compactMap { name, value in value.map { (name, $0) } })
    }

    /// Whether whoever agreed to this has agreed to `other` too: the same kind of thing, and no more of it.
    public func covers(_ other: Hold) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .unverifiable: return true
        case .dropGuard, .zeroPrices, .currencyChange: return atMost(other.count, count)
        case .priceChange, .stockSum: return atMost(other.percent, percent)
        case .mustHave:
            // A list nobody looked at has no figures, and is covered only by having agreed to just that.
            guard (other.missing == nil) == (missing == nil) else { return false }
            return Set(other.missing ?? []).isSubset(of: missing ?? [])
                && Set(other.unpriced ?? []).isSubset(of: unpriced ?? [])
        }
    }

    private func atMost<Figure: Comparable>(_ figure: Figure?, _ most: Figure?) -> Bool {
        guard let figure, let most else { return false }
        return figure <= most
    }
}

/// How far an import made use of what its connection tolerates.
public struct ToleranceUse: Codable, Sendable, Equatable {
    /// Items that may be missing.
    public var allowed: Int
    /// Items that were counted and not read.
    public var lacking: Int

    public init(allowed: Int, lacking: Int) {
        self.allowed = allowed
        self.lacking = lacking
    }

    /// Whether items are missing and were let pass.
    public var isUsed: Bool { lacking > 0 && lacking <= allowed }
}
