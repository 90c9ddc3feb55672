public import SchedulerAPI

/// A merchant's mapping joined to a source's layout: every name resolved, every fixed part of a shop row prepared.
///
/// Made once per run. Shop rows are written in one canonical form (fixed order of members, decimals without
/// superfluous zeros, text escaped only where it must be), so equal content is equal bytes.
public struct CompiledMapping: Sendable {
    public let modules: [Module]
    /// The fields of an item that are read, sorted: what a source that can select fields is asked for.
    public let sourceFields: [String]
    /// All that is read, sorted: those, and of lists the fields of their rows, as `ItemPrices.Currency`.
    public let namesRead: [String]
    /// Stands for layout, mapping and modules: a set staged under another mapping is not taken for this one's.
    public let fingerprint: String

    /// Top-level fields, each once; the slots below are indices into it.
    let fields: [String]
    let key: Int
    /// Read in every run, so that missing items can be named, but published with the products only.
    let name: Int
    let active: [(slot: Int, value: [UInt8])]
    let product: ProductPlan?
    let prices: PricePlan?
    let stock: StockPlan?

    struct ProductPlan: Sendable {
        /// What stands before the value, as `,"barcode":`, and the field it comes from.
        let members: [(prefix: [UInt8], slot: Int)]
        let attributes: [(prefix: [UInt8], slot: Int)]
    }

    struct PricePlan: Sendable {
        let array: Int
        /// Names of the row's fields: list, price, currency.
        let fields: [String]
        /// Source price list (as text) → index of `targets`.
        let lists: [(source: [UInt8], target: Int)]
        /// Shop price lists in the order of their bytes.
        let targets: [(code: [UInt8], middle: [UInt8])]
        let defaultCurrency: [UInt8]

        /// For runs without this module.
        static let none = PricePlan(array: 0, fields: [], lists: [], targets: [], defaultCurrency: [])
    }

    struct StockPlan: Sendable {
        let array: Int
        /// Names of the row's fields: warehouse, on hand, then committed and ordered where the layout has them.
        let fields: [String]
        let committed: Int?
        let ordered: Int?
        let subtractReserved: Bool
        let warehouses: [(source: [UInt8], target: Int)]
        /// Shop warehouses in the order of their bytes.
        let targets: [(code: [UInt8], middle: [UInt8])]

        /// For runs without this module.
        static let none = StockPlan(
            array: 0, fields: [], committed: nil, ordered: nil, subtractReserved: false, warehouses: [], targets: [])
    }

    public init(_ mapping: Mapping, layout: ItemLayout, modules: [Module]) throws(MappingError) {
        var slots = FieldSlots()
        self.modules = Module.allCases.filter(modules.contains)
        key = slots.slot(layout.key)
        name = slots.slot(mapping.products.name)
        product = modules.contains(.products) ? try ProductPlan(mapping.products, &slots) : nil
        active = product == nil ? [] : layout.activeWhen.map { (slots.slot($0.field), Array($0.value.utf8)) }
        prices = modules.contains(.prices) ? try PricePlan(mapping.prices, layout.prices, &slots) : nil
        stock = modules.contains(.stock) ? try StockPlan(mapping.stock, layout.stock, &slots) : nil
        fields = slots.names
        sourceFields = slots.names.sorted()
        let rows = [prices.map { ($0.array, $0.fields) }, stock.map { ($0.array, $0.fields) }].compactMap { $0 }
        let names = slots.names
        namesRead = (names + rows.flatMap { list, fields in fields.map { "\(names[list]).\($0)" } }).sorted()
        fingerprint = Self.fingerprint(mapping, layout, self.modules)
        guard fields.allSatisfy({ !$0.isEmpty }) else { throw .badName("") }
    }

    /// Of everything the rows depend on, each part with its length, so that no two choices read alike.
    private static func fingerprint(_ mapping: Mapping, _ layout: ItemLayout, _ modules: [Module]) -> String {
        func pairs(_ pairs: [String: String]) -> [String] {
            ["\(pairs.count)"] + pairs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        }
        let products = mapping.products
        var parts = ["rows-1"] + modules.map(\.rawValue) + ["product", products.name]
        parts += [products.barcode, products.group, products.unit, products.taxCode].map { $0 ?? "\u{0}" }
        parts += pairs(products.attributes) + pairs(mapping.prices.priceLists) + [mapping.prices.defaultCurrency]
        parts += pairs(mapping.stock.warehouses) + ["\(mapping.stock.subtractReserved)", layout.key]
        parts += layout.prices.map { [$0.array, $0.list, $0.price, $0.currency] } ?? ["no prices"]
        parts +=
            layout.stock.map { [$0.array, $0.warehouse, $0.onHand, $0.committed ?? "\u{0}", $0.ordered ?? "\u{0}"] }
            ?? ["no stock"]
        parts += layout.activeWhen.flatMap { [$0.field, $0.value] }
        return ContentHash.hex(of: parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}

/// Gives each field name one number.
struct FieldSlots {
    private(set) var names: [String] = []

    mutating func slot(_ name: String) -> Int {
        if let known = names.firstIndex(of: name) { return known }
        names.append(name)
        return names.count - 1
    }
}
