/// How one connection reads and translates; versioned with the connection.
public struct ConnectionSettings: Codable, Sendable, Equatable {
    /// The modules this connection moves, in this order.
    public var modules: [Module]
    public var reading: Reading
    public var mapping: Mapping
    /// How old what the shop shows may be at most, in minutes: 1 to 525,600. nil while nothing is promised.
    public var promisedMinutes: Int?

    public init(
        modules: [Module] = Module.allCases, reading: Reading = Reading(), mapping: Mapping = Mapping(),
        promisedMinutes: Int? = nil
    ) {
        self.modules = modules
        self.reading = reading
        self.mapping = mapping
        self.promisedMinutes = promisedMinutes
    }
}

extension ConnectionSettings {
    static var example: ConnectionSettings { ConnectionSettings(reading: Reading(paging: .ofNewConnections)) }
}

/// How pages are asked for.
public struct Reading: Codable, Sendable, Equatable {
    public enum Paging: String, Codable, Sendable, CaseIterable {
        /// By number, ordered by last change. An item that is edited while it is read moves, and the run is refused when
        /// that happens twice. Several pages can be asked for at once (`importer.pagesInFlight`).
        case offset
        /// By the last key read, ordered by key: an edit moves nothing, and a read that was cut off goes on where it was.
        /// One page after the other.
        case keyset

        /// Of connections that are made without saying how they read.
        public static let ofNewConnections = Paging.keyset
    }

    /// nil only in what is sent to the scheduler, which then takes ``Paging/ofNewConnections`` for a new connection and
    /// leaves another as it is; and in settings that were stored without it, which mean ``Paging/offset``.
    public var paging: Paging?
    /// Items per page asked for, 1 to 5,000; the server may send fewer.
    public var pageSize: Int
    /// The source's own filter on items, in its language; nil for the connector's default (sellable items).
    public var filter: String?

    public init(paging: Paging? = nil, pageSize: Int = 500, filter: String? = nil) {
        self.paging = paging
        self.pageSize = pageSize
        self.filter = filter
    }

    /// How settings that are in force are read.
    public var pagingInForce: Paging { paging ?? .offset }
}

/// Which source field becomes which shop field.
public struct Mapping: Codable, Sendable, Equatable {
    public var products: ProductMapping
    public var prices: PriceMapping
    public var stock: StockMapping

    public init(
        products: ProductMapping = ProductMapping(), prices: PriceMapping = PriceMapping(),
        stock: StockMapping = StockMapping()
    ) {
        self.products = products
        self.prices = prices
        self.stock = stock
    }
}

/// Shop field ← name of a top-level field of the source's item; nil leaves the shop field out.
public struct ProductMapping: Codable, Sendable, Equatable {
    public var name: String
    public var barcode: String?
    public var group: String?
    public var unit: String?
    public var taxCode: String?
    /// Shop attribute name ← source field name.
    public var attributes: [String: String]

    public init(
        name: String = "ItemName", barcode: String? = "BarCode", group: String? = "ItemsGroupCode",
        unit: String? = "SalesUnit", taxCode: String? = "SalesVATGroup", attributes: [String: String] = [:]
    ) {
        self.name = name
        self.barcode = barcode
        self.group = group
        self.unit = unit
        self.taxCode = taxCode
        self.attributes = attributes
    }
}

public struct PriceMapping: Codable, Sendable, Equatable {
    /// Source price list → shop price list. Other lists are not moved.
    public var priceLists: [String: String]
    /// ISO 4217, used where the source leaves the currency empty.
    public var defaultCurrency: String

    public init(priceLists: [String: String] = ["1": "retail"], defaultCurrency: String = "DKK") {
        self.priceLists = priceLists
        self.defaultCurrency = defaultCurrency
    }
}

public struct StockMapping: Codable, Sendable, Equatable {
    /// Source warehouse → shop warehouse; several of the source may go to one of the shop, then they are added.
    public var warehouses: [String: String]
    /// Publish what can be sold (counted minus reserved), not what lies on the shelf.
    public var subtractReserved: Bool

    public init(warehouses: [String: String] = ["01": "main"], subtractReserved: Bool = true) {
        self.warehouses = warehouses
        self.subtractReserved = subtractReserved
    }
}
