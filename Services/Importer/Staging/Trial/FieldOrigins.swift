import SchedulerAPI

/// Which values of an item each field of its shop rows comes from.
struct FieldOrigins {
    private typealias Origin = (rule: MappingRule, sources: [TrialSource])

    private let mapping: Mapping
    private let layout: ItemLayout
    private let item: PlacedValue

    init(_ mapping: Mapping, _ layout: ItemLayout, _ item: PlacedValue) {
        self.mapping = mapping
        self.layout = layout
        self.item = item
    }

    /// The fields of a product that are read from a field of the merchant's choice.
    static func productFields(_ products: ProductMapping) -> [(shopField: String, field: String)] {
        let optional = [
            ("barcode", products.barcode), ("group_code", products.group), ("unit", products.unit),
            ("tax_code", products.taxCode),
        ]
        return [("name", products.name)] + optional.compactMap { name, field in field.map { (name, $0) } }
            + products.attributes.sorted { $0.key < $1.key }.map { ("attributes.\($0.key)", $0.value) }
    }

    /// - Parameter row: A shop row of this item.
    func fields(of row: [UInt8], _ module: Module) -> [TrialField] {
        guard let value = PlacedValue(whole: row) else { return [] }
        let origins = origins(of: value, module)
        var fields: [TrialField] = []
        value.forEachLeaf { name, range in
            let origin = origins[name] ?? (.fixed, [])
            fields.append(TrialField(name: name, range: range, rule: origin.rule, sources: origin.sources))
        }
        return fields
    }

    private func origins(of row: PlacedValue, _ module: Module) -> [String: Origin] {
        switch module {
        case .products: product
        case .prices: price(list: row["price_list_code"]?.code ?? "")
        case .stock: stock(warehouse: row["warehouse_code"]?.code ?? "")
        }
    }

    private func source(_ path: String, _ value: PlacedValue?) -> TrialSource {
        TrialSource(path: path, range: value?.range)
    }

    private var product: [String: Origin] {
        var origins: [String: Origin] = ["code": (.copied, [source(layout.key, item[layout.key])])]
        for (shopField, field) in Self.productFields(mapping.products) {
            origins[shopField] = (.copied, [source(field, item[field])])
        }
        origins["active"] = (.compared, layout.activeWhen.map { source($0.field, item[$0.field]) })
        return origins
    }

    /// Rows of the source for a shop code, each with its path.
    private func rows(
        _ array: String, _ field: String, _ choice: [String: String], for code: String
    ) -> [(path: String, row: PlacedValue)] {
        (item[array]?.elements ?? []).enumerated().compactMap { index, row in
            guard let own = row[field]?.code, choice[own] == code else { return nil }
            return ("\(array)[\(index)]", row)
        }
    }

    private func price(list: String) -> [String: Origin] {
        guard let layout = layout.prices else { return [:] }
        let rows = rows(layout.array, layout.list, mapping.prices.priceLists, for: list)
        func sources(_ field: String) -> [TrialSource] {
            rows.map { source("\($0.path).\(field)", $0.row[field]) }
        }
        var hasCurrency = false
        if case .text(let text) = rows.first?.row[layout.currency]?.content { hasCurrency = !text.isEmpty }
        return [
            "product_code": (.copied, [source(self.layout.key, item[self.layout.key])]),
            "price_list_code": (.translated, sources(layout.list)),
            "price.amount": (.copied, sources(layout.price)),
            "price.currency": (hasCurrency ? .copied : .standard, sources(layout.currency)),
        ]
    }

    private func stock(warehouse: String) -> [String: Origin] {
        guard let layout = layout.stock else { return [:] }
        let rows = rows(layout.array, layout.warehouse, mapping.stock.warehouses, for: warehouse)
        func sources(_ field: String?) -> [TrialSource] {
            field.map { field in rows.map { source("\($0.path).\(field)", $0.row[field]) } } ?? []
        }
        let taken: MappingRule = rows.count > 1 ? .summed : .copied
        let reserved = mapping.stock.subtractReserved ? sources(layout.committed) : []
        return [
            "product_code": (.copied, [source(self.layout.key, item[self.layout.key])]),
            "warehouse_code": (.translated, sources(layout.warehouse)),
            "on_hand": (taken, sources(layout.onHand)),
            "committed": (taken, sources(layout.committed)),
            "ordered": (taken, sources(layout.ordered)),
            "available": (reserved.isEmpty ? taken : .subtracted, sources(layout.onHand) + reserved),
        ]
    }
}

extension PlacedValue {
    /// A JSON document.
    ///
    /// - Returns: nil when it is none.
    init?(whole bytes: [UInt8]) {
        let head = Array("{\"value\":[".utf8)
        var scanner = ItemScanner(PageLayout(items: "value", members: []))
        let value = (head + bytes + Array("]}".utf8)).withUnsafeBytes { document in
            (try? scanner.next(in: document)).flatMap { $0 }.map { PlacedValue($0) }
        }
        guard let value else { return nil }
        self = value
    }

    /// The text or number a price list or warehouse is called by.
    var code: String? {
        switch content {
        case .text(let text): text.isEmpty ? nil : text
        case .number(let digits): digits
        default: nil
        }
    }

    /// Hands out each value that has none inside, with its path; an empty object or list is one of them.
    func forEachLeaf(_ path: String = "", _ body: (String, Range<Int>) -> Void) {
        guard case .object(let members) = content, !members.isEmpty else { return body(path, range) }
        for (name, value) in members { value.forEachLeaf(path.isEmpty ? name : "\(path).\(name)", body) }
    }
}
