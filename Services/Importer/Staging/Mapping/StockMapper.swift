/// Makes the stock rows of an item: one for each mapped shop warehouse that the item has a row for at the source.
struct StockMapper: ~Copyable {
    private struct Sum {
        var isPresent = false
        var onHand = Amount.zero
        var committed = Amount.zero
        var ordered = Amount.zero
    }

    private let plan: CompiledMapping.StockPlan
    private let fields: FieldTable
    private let values: UnsafeMutablePointer<UInt32>
    private let sums: UnsafeMutablePointer<Sum>
    private let seen: UnsafeMutablePointer<Bool>
    private(set) var rows = RowSet()

    init(_ plan: CompiledMapping.StockPlan) {
        self.plan = plan
        fields = FieldTable(plan.fields)
        values = .allocate(capacity: plan.fields.count)
        sums = .allocate(capacity: max(plan.targets.count, 1))
        seen = .allocate(capacity: max(plan.warehouses.count, 1))
    }

    deinit {
        values.deallocate()
        sums.deallocate()
        seen.deallocate()
    }

    mutating func map(
        _ item: ScannedItem, array: Int, key: borrowing GrowingBytes, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard array > 0, item.tokens[array].kind == .array else { throw .stockMissing }
        sums.initialize(repeating: Sum(), count: plan.targets.count)
        seen.initialize(repeating: false, count: plan.warehouses.count)
        var row = array &+ 1
        while row < Int(item.tokens[array].next) {
            try add(item, row, &scratch)
            row = Int(item.tokens[row].next)
        }
        rows.clear()
        for target in 0..<plan.targets.count where sums[target].isPresent { try write(target, key) }
    }

    private mutating func add(
        _ item: ScannedItem, _ row: Int, _ scratch: inout GrowingBytes
    ) throws(UnreadableReason) {
        guard item.tokens[row].kind == .object else { throw .warehouseUnknown }
        guard !FieldReader.read(item, row, fields, into: values, &scratch) else { throw .fieldTwice }
        guard let warehouse = SourceCode.find(item, Int(values[0]), among: plan.warehouses, &scratch) else {
            throw .warehouseUnknown
        }
        guard warehouse >= 0 else { return }
        guard !seen[warehouse] else { throw .warehouseTwice }
        seen[warehouse] = true
        let target = plan.warehouses[warehouse].target
        sums[target].isPresent = true
        sums[target].onHand = try sum(sums[target].onHand, item, 1)
        if let field = plan.committed { sums[target].committed = try sum(sums[target].committed, item, field) }
        if let field = plan.ordered { sums[target].ordered = try sum(sums[target].ordered, item, field) }
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
        guard let available = plan.subtractReserved ? sum.onHand.subtracting(sum.committed) : sum.onHand else {
            throw .numberTooLong
        }
        rows.beginRow()
        rows.bytes.append("{\"product_code\":")
        rows.bytes.append(key.bytes)
        rows.bytes.append(plan.targets[target].middle)
        rows.bytes.append(",\"on_hand\":\"")
        sum.onHand.write(to: &rows.bytes)
        if plan.committed != nil {
            rows.bytes.append("\",\"committed\":\"")
            sum.committed.write(to: &rows.bytes)
        }
        if plan.ordered != nil {
            rows.bytes.append("\",\"ordered\":\"")
            sum.ordered.write(to: &rows.bytes)
        }
        rows.bytes.append("\",\"available\":\"")
        available.write(to: &rows.bytes)
        rows.bytes.append("\"}")
        rows.endRow(plan.targets[target].code)
    }
}
