/// What a connector says about the items of its source: which fields mean what, before any choice of the merchant.
public struct ItemLayout: Sendable, Equatable {
    /// The field that tells items apart.
    public var key: String
    /// nil: the source's items carry no prices.
    public var prices: PriceLayout?
    /// nil: the source's items carry no stock.
    public var stock: StockLayout?
    /// An item is for sale when all of these hold; a field the item does not have is not asked.
    public var activeWhen: [FieldValue]

    public init(key: String, prices: PriceLayout? = nil, stock: StockLayout? = nil, activeWhen: [FieldValue] = []) {
        self.key = key
        self.prices = prices
        self.stock = stock
        self.activeWhen = activeWhen
    }
}

/// A field and the text that is expected in it.
public struct FieldValue: Sendable, Equatable {
    public var field: String
    public var value: String

    public init(_ field: String, _ value: String) {
        self.field = field
        self.value = value
    }
}

/// The list inside an item that has one row for each price list.
public struct PriceLayout: Sendable, Equatable {
    public var array: String
    /// Fields of a row.
    public var list: String
    public var price: String
    public var currency: String

    public init(array: String, list: String, price: String, currency: String) {
        self.array = array
        self.list = list
        self.price = price
        self.currency = currency
    }
}

/// The list inside an item that has one row for each warehouse.
public struct StockLayout: Sendable, Equatable {
    public var array: String
    /// Fields of a row.
    public var warehouse: String
    public var onHand: String
    /// Reserved for customers' orders; nil when the source does not say.
    public var committed: String?
    /// On its way from suppliers; nil leaves it out of the shop's row.
    public var ordered: String?

    public init(array: String, warehouse: String, onHand: String, committed: String?, ordered: String? = nil) {
        self.array = array
        self.warehouse = warehouse
        self.onHand = onHand
        self.committed = committed
        self.ordered = ordered
    }
}
