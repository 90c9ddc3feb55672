import SchedulerAPI

/// Makes shop rows of scanned items. One instance serves a whole run and reuses its memory.
struct ItemMapper: ~Copyable {
    private let keySlot: Int
    private let nameSlot: Int
    private let pricesSlot: Int
    private let stockSlot: Int
    private let has: (products: Bool, prices: Bool, stock: Bool)
    /// Fixed parts before a product's members, and the fields that follow them; the same for its attributes.
    private let memberPrefixes: Fragments
    private let memberSlots: UnsafeMutablePointer<Int>
    private let attributePrefixes: Fragments
    private let attributeSlots: UnsafeMutablePointer<Int>
    private let activeValues: Fragments
    private let activeSlots: UnsafeMutablePointer<Int>
    private let fields: FieldTable
    private let values: UnsafeMutablePointer<UInt32>
    private var priceMapper: PriceMapper
    private var stockMapper: StockMapper

    /// The item's key as it reads, and as a JSON string with its quotes; valid until the next item.
    private(set) var key = GrowingBytes(capacity: 128)
    private(set) var quotedKey = GrowingBytes(capacity: 128)
    private(set) var name = GrowingBytes(capacity: 256)
    private(set) var products = RowSet()
    private var scratch = GrowingBytes(capacity: 256)

    init(_ mapping: CompiledMapping) {
        keySlot = mapping.key
        nameSlot = mapping.name
        pricesSlot = mapping.prices?.array ?? 0
        stockSlot = mapping.stock?.array ?? 0
        has = (mapping.product != nil, mapping.prices != nil, mapping.stock != nil)
        memberPrefixes = Fragments(mapping.product?.members.map(\.prefix) ?? [])
        memberSlots = Self.list(mapping.product?.members.map(\.slot) ?? [])
        attributePrefixes = Fragments(mapping.product?.attributes.map(\.prefix) ?? [])
        attributeSlots = Self.list(mapping.product?.attributes.map(\.slot) ?? [])
        activeValues = Fragments(mapping.active.map(\.value))
        activeSlots = Self.list(mapping.active.map(\.slot))
        fields = FieldTable(mapping.fields)
        values = .allocate(capacity: mapping.fields.count)
        priceMapper = PriceMapper(mapping.prices ?? .none)
        stockMapper = StockMapper(mapping.stock ?? .none)
    }

    deinit {
        values.deallocate()
        memberSlots.deallocate()
        attributeSlots.deallocate()
        activeSlots.deallocate()
    }

    private static func list(_ numbers: [Int]) -> UnsafeMutablePointer<Int> {
        let list = UnsafeMutablePointer<Int>.allocate(capacity: max(numbers.count, 1))
        list.initialize(from: numbers, count: numbers.count)
        return list
    }

    /// Finds the item's key and makes its rows; after a throw ``key`` is empty or what is known of it.
    ///
    /// - Parameter keyOnly: the item was read for its key and has nothing else.
    mutating func map(_ item: ScannedItem, keyOnly: Bool = false) throws(UnreadableReason) {
        key.clear()
        name.clear()
        guard item.tokens[0].kind == .object else { throw .notAnObject }
        let isAmbiguous = FieldReader.read(item, 0, fields, into: values, &scratch)
        try takeKey(item)
        guard !isAmbiguous else { throw .fieldTwice }
        guard !keyOnly else { return }
        readName(item)
        if has.products { try writeProduct(item) }
        if has.prices { try priceMapper.map(item, array: Int(values[pricesSlot]), key: quotedKey, &scratch) }
        if has.stock { try stockMapper.map(item, array: Int(values[stockSlot]), key: quotedKey, &scratch) }
    }

    /// The rows the last item has in a dataset.
    @inline(__always)
    func withRows<Result>(of module: Module, _ body: (borrowing RowSet) -> Result) -> Result {
        switch module {
        case .products: body(products)
        case .prices: body(priceMapper.rows)
        case .stock: body(stockMapper.rows)
        }
    }

    // MARK: Key

    @inline(__always)
    private mutating func takeKey(_ item: ScannedItem) throws(UnreadableReason) {
        let index = Int(values[keySlot])
        guard index > 0 else { throw .keyMissing }
        let token = item.tokens[index]
        let start = item.start + Int(token.start)
        let length = Int(token.length)
        switch token.kind {
        case .string where token.hasEscapes:
            StringScanning.unescape(start, length, into: &key)
            guard key.bytes.allSatisfy({ $0 >= 0x20 }) else { throw .keyNotText }
        case .string: key.append(start, length)
        case .number:
            guard UnsafeBufferPointer(start: start, count: length).allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
                throw .keyNotText
            }
            key.append(start, length)
        case .null: throw .keyMissing
        default: throw .keyNotText
        }
        guard key.count > 0 else { throw .keyMissing }
        guard key.count <= 100 || key.bytes.count(where: { $0 & 0xC0 != 0x80 }) <= 100 else { throw .keyTooLong }
        quotedKey.clear()
        quotedKey.append(UInt8(ascii: "\""))
        if token.hasEscapes {
            StringScanning.escape(key.base, key.count, into: &quotedKey)
        } else {
            quotedKey.append(start, length)
        }
        quotedKey.append(UInt8(ascii: "\""))
    }

    // MARK: Product

    private mutating func writeProduct(_ item: ScannedItem) throws(UnreadableReason) {
        products.clear()
        products.beginRow()
        products.bytes.append("{\"code\":")
        products.bytes.append(quotedKey.bytes)
        products.bytes.append(",\"name\":")
        try writeName(item, Int(values[nameSlot]))
        for index in 0..<memberPrefixes.count {
            products.bytes.append(memberPrefixes, index)
            try TextValue.write(
                item, Int(values[memberSlots[index]]), keepsBooleans: false, to: &products.bytes, &scratch)
        }
        products.bytes.append(isActive(item) ? ",\"active\":true" : ",\"active\":false")
        if attributePrefixes.count > 0 {
            products.bytes.append(",\"attributes\":{")
            for index in 0..<attributePrefixes.count {
                products.bytes.append(attributePrefixes, index)
                try TextValue.write(
                    item, Int(values[attributeSlots[index]]), keepsBooleans: true, to: &products.bytes, &scratch)
            }
            products.bytes.append(UInt8(ascii: "}"))
        }
        products.bytes.append(UInt8(ascii: "}"))
        products.endRow()
    }

    /// Takes the name as it reads, for lists of items.
    @inline(__always)
    private mutating func readName(_ item: ScannedItem) {
        let token = item.tokens[Int(values[nameSlot])]
        guard token.kind == .string, values[nameSlot] > 0 else { return }
        if token.hasEscapes {
            StringScanning.unescape(item.start + Int(token.start), Int(token.length), into: &name)
        } else {
            name.append(item.start + Int(token.start), Int(token.length))
        }
    }

    /// A name that is null is published as empty; a field that is not there at all means the mapping names a wrong one.
    private mutating func writeName(_ item: ScannedItem, _ index: Int) throws(UnreadableReason) {
        guard index > 0 else { throw .nameMissing }
        guard item.tokens[index].kind != .null else { return products.bytes.append("\"\"") }
        try TextValue.write(item, index, keepsBooleans: false, to: &products.bytes, &scratch)
    }

    private func isActive(_ item: ScannedItem) -> Bool {
        for index in 0..<activeValues.count where values[activeSlots[index]] > 0 {
            let token = item.tokens[Int(values[activeSlots[index]])]
            let length = activeValues.length(index)
            guard length == Int(token.length),
                ShortBytes.areEqual(activeValues.start(index), item.start + Int(token.start), length)
            else { return false }
        }
        return true
    }
}

/// Notes where the fields that matter of one object are.
enum FieldReader {
    /// Sets `values[slot]` to the index of the field's token, 0 for a field the object does not have.
    ///
    /// - Returns: whether a field that matters occurs twice.
    @inline(__always)
    static func read(
        _ item: ScannedItem, _ object: Int, _ fields: borrowing FieldTable, into values: UnsafeMutablePointer<UInt32>,
        _ scratch: inout GrowingBytes
    ) -> Bool {
        values.initialize(repeating: 0, count: fields.count)
        let tokens = item.tokens.baseAddress.unsafelyUnwrapped
        let end = Int(tokens[object].next)
        var at = object &+ 1
        var isAmbiguous = false
        while at < end {
            let name = tokens[at]
            let slot: Int
            if name.hasEscapes {
                scratch.clear()
                StringScanning.unescape(item.start + Int(name.start), Int(name.length), into: &scratch)
                slot = fields.slot(scratch.base, scratch.count)
            } else {
                slot = fields.slot(item.start + Int(name.start), Int(name.length))
            }
            if slot >= 0 {
                if values[slot] != 0 { isAmbiguous = true }
                values[slot] = UInt32(truncatingIfNeeded: at &+ 1)
            }
            at = Int(tokens[at &+ 1].next)
        }
        return isAmbiguous
    }
}

/// Writes a single value of the source as the shop's text: strings as they are, numbers as exact decimals.
enum TextValue {
    static func write(
        _ item: ScannedItem, _ index: Int, keepsBooleans: Bool, to output: inout GrowingBytes,
        _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard index > 0 else { return output.append("null") }
        let token = item.tokens[index]
        let start = item.start + Int(token.start)
        switch token.kind {
        case .null: output.append("null")
        case .yes: output.append(keepsBooleans ? "true" : "\"true\"")
        case .no: output.append(keepsBooleans ? "false" : "\"false\"")
        case .string:
            output.append(UInt8(ascii: "\""))
            if token.hasEscapes {
                scratch.clear()
                StringScanning.unescape(start, Int(token.length), into: &scratch)
                StringScanning.escape(scratch.base, scratch.count, into: &output)
            } else {
                output.append(start, Int(token.length))
            }
            output.append(UInt8(ascii: "\""))
        case .number:
            guard let amount = Amount(number: start, Int(token.length)) else { throw .numberTooLong }
            output.append(UInt8(ascii: "\""))
            amount.write(to: &output)
            output.append(UInt8(ascii: "\""))
        case .object, .array: throw .fieldNotAValue
        }
    }
}
