/// Makes the price rows of an item: one for each mapped price list that has a price.
struct PriceMapper: ~Copyable {
    private let sources: Fragments
    private let targetOfSource: UnsafeMutablePointer<Int>
    private let codes: Fragments
    private let middles: Fragments
    private let defaultCurrency: Fragments
    private let fields: FieldTable
    private let values: UnsafeMutablePointer<UInt32>
    /// For each shop price list the tokens of price and currency; 0 = none seen.
    private let found: UnsafeMutablePointer<(price: UInt32, currency: UInt32)>
    private(set) var rows = RowSet()

    init(_ plan: CompiledMapping.PricePlan) {
        sources = Fragments(plan.lists.map(\.source))
        targetOfSource = .allocate(capacity: max(plan.lists.count, 1))
        targetOfSource.initialize(from: plan.lists.map(\.target), count: plan.lists.count)
        codes = Fragments(plan.targets.map(\.code))
        middles = Fragments(plan.targets.map(\.middle))
        defaultCurrency = Fragments([plan.defaultCurrency])
        fields = FieldTable(plan.fields)
        values = .allocate(capacity: plan.fields.count)
        found = .allocate(capacity: max(plan.targets.count, 1))
    }

    deinit {
        targetOfSource.deallocate()
        values.deallocate()
        found.deallocate()
    }

    mutating func map(
        _ item: ScannedItem, array: Int, key: borrowing GrowingBytes, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard array > 0, item.tokens[array].kind == .array else { throw .pricesMissing }
        found.initialize(repeating: (0, 0), count: codes.count)
        var row = array &+ 1
        while row < Int(item.tokens[array].next) {
            try note(item, row, &scratch)
            row = Int(item.tokens[row].next)
        }
        rows.clear()
        for target in 0..<codes.count where found[target].price > 0 {
            try write(item, target, key, &scratch)
        }
    }

    private mutating func note(
        _ item: ScannedItem, _ row: Int, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard item.tokens[row].kind == .object else { throw .priceListUnknown }
        guard !FieldReader.read(item, row, fields, into: values, &scratch) else { throw .fieldTwice }
        guard let list = SourceCode.find(item, Int(values[0]), among: sources, &scratch) else {
            throw .priceListUnknown
        }
        guard list >= 0 else { return }
        let target = targetOfSource[list]
        guard found[target].price == 0 else { throw .priceListTwice }
        guard values[1] > 0 else { throw .priceNotANumber }
        found[target] = (values[1], values[2])
    }

    private mutating func write(
        _ item: ScannedItem, _ target: Int, _ key: borrowing GrowingBytes, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        let price = item.tokens[Int(found[target].price)]
        if price.kind == .null { return }
        let amount = try Number.read(item, price, otherwise: .priceNotANumber)
        rows.beginRow()
        rows.bytes.append("{\"product_code\":")
        rows.bytes.append(key.bytes)
        rows.bytes.append(middles, target)
        rows.bytes.append(",\"price\":{\"amount\":\"")
        amount.write(to: &rows.bytes)
        rows.bytes.append("\",\"currency\":\"")
        let currency = rows.bytes.count
        try writeCurrency(item, Int(found[target].currency), &scratch)
        let end = rows.bytes.count
        rows.bytes.append("\"}}")
        rows.endRow(codes, target, price: amount, currency: currency..<end)
    }

    /// Empty, null or absent means the company's own currency.
    private mutating func writeCurrency(
        _ item: ScannedItem, _ index: Int, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard index > 0, item.tokens[index].kind != .null else { return rows.bytes.append(defaultCurrency, 0) }
        let token = item.tokens[index]
        guard token.kind == .string else { throw .currencyNotText }
        guard token.length > 0 else { return rows.bytes.append(defaultCurrency, 0) }
        let start = item.start + Int(token.start)
        guard token.hasEscapes else { return rows.bytes.append(start, Int(token.length)) }
        scratch.clear()
        StringScanning.unescape(start, Int(token.length), into: &scratch)
        StringScanning.escape(scratch.base, scratch.count, into: &rows.bytes)
    }
}

/// Which of the mapped price lists or warehouses a row of the source is for.
enum SourceCode {
    /// - Returns: the index in `choices`, -1 for one that is not mapped, nil when the field is not text or a number.
    static func find(
        _ item: ScannedItem, _ index: Int, among choices: borrowing Fragments,
        _ scratch: inout GrowingBytes
    ) -> Int? {
        guard index > 0 else { return nil }
        let token = item.tokens[index]
        guard token.kind == .string || token.kind == .number, token.length > 0 else { return nil }
        var start = item.start + Int(token.start)
        var length = Int(token.length)
        if token.hasEscapes {
            scratch.clear()
            StringScanning.unescape(start, length, into: &scratch)
            (start, length) = (UnsafePointer(scratch.base), scratch.count)
        }
        return choices.index(of: start, length)
    }
}

/// Reads a number of the source, exactly. Text that reads as a number is taken as one.
enum Number {
    @inline(__always)
    static func read(
        _ item: ScannedItem, _ token: ItemToken, otherwise reason: UnreadableReason
    ) throws(UnreadableReason) -> Amount {
        let start = item.start + Int(token.start)
        switch token.kind {
        case .number:
            guard let amount = Amount(number: start, Int(token.length)) else { throw .numberTooLong }
            return amount
        case .string:
            guard token.length > 0, let amount = Amount(text: start, Int(token.length)) else { throw reason }
            return amount
        default: throw reason
        }
    }
}
