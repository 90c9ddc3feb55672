public import CoreTypes
public import SchedulerAPI

/// What publishing a read would do to the shop's content: for drop guard, control totals and must-have items.
///
/// A figure that is nil was not looked at, and the check that needs it counts as not made.
public struct ContentEvidence: Codable, Sendable, Equatable {
    /// Items that the read was compared with: those of the published set, or of the shop's own list. 0 when the shop has
    /// none, nil when nobody knows which it has.
    public var compared: Int?
    /// Items of those that the read has not.
    public var removed: Int?
    /// Items that had stock, in all warehouses together, and have none now.
    public var emptied: Int?
    /// Items that had a price other than 0 in some list and have none in any now.
    public var unpriced: Int?
    /// Items that are in `removed`, `emptied` or `unpriced`, each counted once.
    public var dropped: Int?
    /// Prices that are 0, in all lists of what was read.
    public var zeroPrices: Int?
    /// The largest change of each price list and currency, in relation to the old price; at most 50. Prices that were 0
    /// or not there are not among them. Empty when none has changed.
    public var priceChanges: [PriceChange]?
    /// Prices in another currency than before; such a price is not among `priceChanges`, for two currencies have no size in
    /// common. Prices that were 0, or are, are not among them.
    public var currencyChanges: CurrencyChanges?
    /// Sum of all stock as it is published, of all items and warehouses.
    public var stockBefore: ExactDecimal?
    public var stockAfter: ExactDecimal?
    public var mustHave: MustHaveEvidence?

    public init() {}

    public static var example: ContentEvidence {
        var content = ContentEvidence()
        content.compared = 2
        content.removed = 0
        content.emptied = 0
        content.unpriced = 0
        content.dropped = 0
        content.zeroPrices = 0
        content.priceChanges = [
            PriceChange(
                priceList: "retail", currency: "DKK", key: "A1", before: ExactDecimal(100), after: ExactDecimal(110))
        ]
        content.currencyChanges = CurrencyChanges(
            count: 1,
            first: [
                CurrencyChange(
                    priceList: "web", key: "A2", from: "EUR", to: "DKK", before: ExactDecimal(900),
                    after: ExactDecimal(900))
            ])
        content.stockBefore = ExactDecimal(40)
        content.stockAfter = ExactDecimal(38)
        content.mustHave = MustHaveEvidence(listVersion: 3, missing: [], unpriced: [])
        return content
    }
}

/// The largest change of a price in one list and currency.
public struct PriceChange: Codable, Sendable, Equatable {
    public var priceList: String
    public var currency: String
    public var key: String
    public var before: ExactDecimal
    public var after: ExactDecimal

    public init(priceList: String, currency: String, key: String, before: ExactDecimal, after: ExactDecimal) {
        self.priceList = priceList
        self.currency = currency
        self.key = key
        self.before = before
        self.after = after
    }
}

/// How many prices are in another currency than before, and some of them.
public struct CurrencyChanges: Codable, Sendable, Equatable {
    public var count: Int
    /// The first by item number, at most 20.
    public var first: [CurrencyChange]

    public init(count: Int = 0, first: [CurrencyChange] = []) {
        self.count = count
        self.first = first
    }
}

/// A price that is in another currency than before.
public struct CurrencyChange: Codable, Sendable, Equatable {
    public var priceList: String
    public var key: String
    /// Currencies, as the source writes them.
    public var from: String
    public var to: String
    public var before: ExactDecimal
    public var after: ExactDecimal

    public init(
        priceList: String, key: String, from: String, to: String, before: ExactDecimal, after: ExactDecimal
    ) {
        self.priceList = priceList
        self.key = key
        self.from = from
        self.to = to
        self.before = before
        self.after = after
    }
}

/// What became of the must-have items in a read.
public struct MustHaveEvidence: Codable, Sendable, Equatable {
    /// Which list was looked for, as `monitor.fetchRules` named it.
    public var listVersion: Int64
    /// Keys of the list that were not read, in the list's order.
    public var missing: [String]
    /// Keys of the list with a price of 0, or none, in some price list; empty when no prices are moved.
    public var unpriced: [String]

    public init(listVersion: Int64, missing: [String], unpriced: [String]) {
        self.listVersion = listVersion
        self.missing = missing
        self.unpriced = unpriced
    }
}

/// Rows of one dataset in what was read.
public struct DatasetCount: Codable, Sendable, Equatable {
    public var module: Module
    public var rows: Int

    public init(module: Module, rows: Int) {
        self.module = module
        self.rows = rows
    }
}
