import SchedulerAPI

extension CompiledMapping.ProductPlan {
    init(_ mapping: ProductMapping, _ slots: inout FieldSlots) throws(MappingError) {
        let fields: [(StaticString, String?)] = [
            (",\"barcode\":", mapping.barcode), (",\"group_code\":", mapping.group), (",\"unit\":", mapping.unit),
            (",\"tax_code\":", mapping.taxCode),
        ]
        var members: [(prefix: [UInt8], slot: Int)] = []
        for case (let prefix, let field?) in fields {
            members.append((prefix.withUTF8Buffer(Array.init), slots.slot(field)))
        }
        self.members = members
        var attributes: [(prefix: [UInt8], slot: Int)] = []
        for (attribute, field) in mapping.attributes.sorted(by: { precedes($0.key, $1.key) }) {
            let comma = attributes.isEmpty ? [] : [UInt8(ascii: ",")]
            attributes.append(
                (comma + StringScanning.quoted(try checked(attribute)) + Array(":".utf8), slots.slot(field)))
        }
        self.attributes = attributes
    }
}

extension CompiledMapping.PricePlan {
    init(_ mapping: PriceMapping, _ layout: PriceLayout?, _ slots: inout FieldSlots) throws(MappingError) {
        guard let layout else { throw .notInSource(module: Module.prices.rawValue) }
        array = slots.slot(layout.array)
        fields = [layout.list, layout.price, layout.currency]
        let codes = try shopCodes(mapping.priceLists)
        if let shared = codes.first(where: { code in mapping.priceLists.values.count { $0 == code } > 1 }) {
            throw .twoListsToOne(shared)
        }
        lists = try sources(mapping.priceLists, targets: codes)
        targets = codes.map { code in
            let middle = ",\"price_list_code\":\(quotedText(code)),\"min_quantity\":\"1\""
            return (Array(code.utf8), Array(middle.utf8))
        }
        let currency = Array(mapping.defaultCurrency.utf8)
        guard currency.count == 3, currency.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw .badName(mapping.defaultCurrency)
        }
        defaultCurrency = currency
    }
}

extension CompiledMapping.StockPlan {
    init(_ mapping: StockMapping, _ layout: StockLayout?, _ slots: inout FieldSlots) throws(MappingError) {
        guard let layout else { throw .notInSource(module: Module.stock.rawValue) }
        array = slots.slot(layout.array)
        var fields = [layout.warehouse, layout.onHand]
        committed = layout.committed.map { _ in fields.count }
        if let field = layout.committed { fields.append(field) }
        ordered = layout.ordered.map { _ in fields.count }
        if let field = layout.ordered { fields.append(field) }
        self.fields = fields
        subtractReserved = mapping.subtractReserved
        let codes = try shopCodes(mapping.warehouses)
        warehouses = try sources(mapping.warehouses, targets: codes)
        targets = codes.map { code in
            (Array(code.utf8), Array(",\"warehouse_code\":\(quotedText(code))".utf8))
        }
    }
}

/// The shop's codes, each once, in the order of their bytes: the order rows and row lists are written in.
private func shopCodes(_ choice: [String: String]) throws(MappingError) -> [String] {
    var codes: [String] = []
    for code in choice.values where !codes.contains(code) { codes.append(try checked(code)) }
    return codes.sorted(by: precedes)
}

private func sources(
    _ choice: [String: String], targets: [String]
) throws(MappingError) -> [(source: [UInt8], target: Int)] {
    var result: [(source: [UInt8], target: Int)] = []
    for (source, code) in choice.sorted(by: { precedes($0.key, $1.key) }) {
        guard !source.isEmpty, let target = targets.firstIndex(of: code) else { throw .badName(source) }
        result.append((Array(source.utf8), target))
    }
    return result
}

private func checked(_ code: String) throws(MappingError) -> String {
    guard !code.isEmpty, code.unicodeScalars.count <= 100, code.utf8.count <= 255 else { throw .badName(code) }
    return code
}

private func quotedText(_ text: String) -> String { String(decoding: StringScanning.quoted(text), as: UTF8.self) }

private func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
