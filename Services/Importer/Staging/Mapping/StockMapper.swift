/// Makes the stock rows of an item: one for each mapped shop warehouse that the item has a row for at the source.
struct StockMapper: ~Copyable {
    private struct Sum {
        var isPresent = false
        var onHand = Amount.zero
        var committed = Amount.zero
        var ordered = Amount.zero
    }

    private let sources: Fragments
    private let targetOfSource: UnsafeMutablePointer<Int>
    private let codes: Fragments
    private let middles: Fragments
    private let committed: Int?
    private let ordered: Int?
    private let subtractReserved: Bool
    private let fields: FieldTable
    private let values: UnsafeMutablePointer<UInt32>
    private let sums: UnsafeMutablePointer<Sum>
    private let seen: UnsafeMutablePointer<Bool>
    private(set) var rows = RowSet()

    init(_ plan: CompiledMapping.StockPlan) {
        sources = Fragments(plan.warehouses.map(\.source))
        targetOfSource = .allocate(capacity: max(plan.warehouses.count, 1))
        targetOfSource.initialize(from: plan.warehouses.map(\.target), count: plan.warehouses.count)
        codes = Fragments(plan.targets.map(\.code))
        middles = Fragments(plan.targets.map(\.middle))
        (committed, ordered, subtractReserved) = (plan.committed, plan.ordered, plan.subtractReserved)
        fields = FieldTable(plan.fields)
        values = .allocate(capacity: plan.fields.count)
        sums = .allocate(capacity: max(plan.targets.count, 1))
        seen = .allocate(capacity: max(plan.warehouses.count, 1))
    }

    deinit {
        targetOfSource.deallocate()
        values.deallocate()
        sums.deallocate()
        seen.deallocate()
    }

    mutating func map(
        _ item: ScannedItem, array: Int, key: borrowing GrowingBytes, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard array > 0, item.tokens[array].kind == .array else { throw .stockMissing }
        sums.initialize(repeating: Sum(), count: codes.count)
        seen.initialize(repeating: false, count: sources.count)
        var row = array &+ 1
        while row < Int(item.tokens[array].next) {
            try add(item, row, &scratch)
            row = Int(item.tokens[row].next)
        }
        rows.clear()
        for target in 0..<codes.count where sums[target].isPresent { try write(target, key) }
    }

    private mutating func add(
        _ item: ScannedItem, _ row: Int, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard item.tokens[row].kind == .object else { throw .warehouseUnknown }
        guard !FieldReader.read(item, row, fields, into: values, &scratch) else { throw .fieldTwice }
        guard let warehouse = SourceCode.find(item, Int(values[0]), among: sources, &scratch) else {
            throw .warehouseUnknown
        }
        guard warehouse >= 0 else { return }
        guard !seen[warehouse] else { throw .warehouseTwice }
        seen[warehouse] = true
        let target = targetOfSource[warehouse]
        sums[target].isPresent = true
        sums[target].onHand = try sum(sums[target].onHand, item, 1)
        if let field = committed { sums[target].committed = try sum(sums[target].committed, item, field) }
        if let field = ordered { sums[target].ordered = try sum(sums[target].ordered, item, field) }
    }

    @inline(__always)
    private func sum(_ soFar: Amount, _ item: ScannedItem, _ field: Int) throws(UnreadableReason) -> Amount {
        guard values[field] > 0 else { throw .stockNotANumber }
        let amount = try Number.read(item, item.tokens[Int(values[field])], otherwise: .stockNotANumber)
        guard let sum = soFar.adding(amount) else { throw .numberTooLong }
        return sum
    }

    private mutating func write(_ target: Int, _ key: borrowing GrowingBytes) throws(UnreadableReason) {
        let sum = sums[target]
        guard let available = subtractReserved ? sum.onHand.subtracting(sum.committed) : sum.onHand else {
            throw .numberTooLong
        }
        rows.beginRow()
        rows.bytes.append("{\"product_code\":")
        rows.bytes.append(key.bytes)
        rows.bytes.append(middles, target)
        rows.bytes.append(",\"on_hand\":\"")
        sum.onHand.write(to: &rows.bytes)
        if committed != nil {
            rows.bytes.append("\",\"committed\":\"")
            sum.committed.write(to: &rows.bytes)
        }
        if ordered != nil {
            rows.bytes.append("\",\"ordered\":\"")
            sum.ordered.write(to: &rows.bytes)
        }
        rows.bytes.append("\",\"available\":\"")
        available.write(to: &rows.bytes)
        rows.bytes.append("\"}")
        rows.endRow(
            codes, target, available: available, onHand: sum.onHand,
            committed: committed == nil ? nil : sum.committed, ordered: ordered == nil ? nil : sum.ordered)
    }
}
