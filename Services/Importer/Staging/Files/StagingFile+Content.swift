public import CoreTypes
import SchedulerAPI

/// Figures over a whole staged set.
public struct StagedTotals: Sendable, Equatable {
    /// Prices that are 0, in all lists; nil when no prices were read.
    public let zeroPrices: Int?
    /// What is available of all items in all warehouses; nil when no stock was read, or the sum has more digits than are
    /// kept.
    public let stock: ExactDecimal?
}

/// Which of some items were read, and with prices.
public struct SoughtItems: Sendable, Equatable {
    /// Keys that were not read.
    public var missing: [String] = []
    /// Keys with a price of 0, or none, in some price list; empty when no prices were read.
    public var unpriced: [String] = []
}

extension StagingFile {
    /// The figures of all whole pages.
    public func totals() throws(StagingError) -> StagedTotals {
        var zeroPrices = 0
        var stock = ExactSum()
        let pages = try file.prepare("SELECT zeroPrices, stockSum FROM page")
        while try pages.step() {
            zeroPrices += pages.integer(0)
            stock.add(pages.text(1).flatMap { ExactDecimal($0) })
        }
        return StagedTotals(
            zeroPrices: mapping.prices == nil ? nil : zeroPrices, stock: mapping.stock == nil ? nil : stock.value)
    }

    /// Looks for single items in a sealed set; the answers are in the order of `keys`.
    public func look(for keys: [String]) throws(StagingError) -> SoughtItems {
        guard let keyOrder else { throw .notSealed }
        var sought = SoughtItems()
        guard !keys.isEmpty else { return sought }
        // In one transaction: otherwise the file is locked, and its journal looked at, for each of twenty steps to a key.
        try file.transaction { () throws(StagingError) in
            let lists = try file.prepare("SELECT priceRows FROM item WHERE id = ?")
            let finder = try ItemFinder(file, keyOrder)
            for key in keys { try look(for: key, finder, lists, &sought) }
        }
        return sought
    }

    private func look(
        for key: String, _ finder: ItemFinder, _ lists: SQLiteStatement, _ sought: inout SoughtItems
    ) throws(StagingError) {
        guard let id = try finder.id(of: key) else { return sought.missing.append(key) }
        guard let targets = mapping.prices?.targets else { return }
        lists.bind(1, id)
        defer { lists.reset() }
        guard try lists.step() else { throw .damaged("a staged set") }
        if try !Self.hasAllPrices(lists.bytes(0), targets.map(\.code)) { sought.unpriced.append(key) }
    }

    private static func hasAllPrices(
        _ list: UnsafeRawBufferPointer, _ codes: [[UInt8]]
    ) throws(StagingError) -> Bool {
        var priced = 0
        let isList = try RowList.walk(list) { (_, content) throws(StagingError) in
            guard let price = RowList.price(content) else { throw .damaged("a list of rows") }
            if !price.amount.isZero { priced += 1 }
            return true
        }
        guard isList else { throw .damaged("a list of rows") }
        return priced == codes.count
    }
}

/// Finds items by their keys. Keys that came in order need no index for it: they are sought by halves.
private struct ItemFinder {
    private let file: SQLiteFile
    private let order: KeyOrder
    private let find: SQLiteStatement
    private let last: Int

    init(_ file: SQLiteFile, _ order: KeyOrder) throws(StagingError) {
        (self.file, self.order) = (file, order)
        find = try file.prepare(
            order == .byIndex
                ? "SELECT id FROM item INDEXED BY itemByKey WHERE key = ? LIMIT 1"
                : "SELECT id, key FROM item WHERE id >= ? ORDER BY id LIMIT 1")
        last = try file.integer("SELECT max(id) FROM item")
    }

    func id(of key: String) throws(StagingError) -> Int? {
        defer { find.reset() }
        guard order == .asRead else {
            find.reset()
            try find.bind(1, key)
            return try find.step() ? find.integer(0) : nil
        }
        let wanted = Array(key.utf8)
        var (low, high) = (1, last)
        while low <= high {
            let middle = low + (high - low) / 2
            find.reset()
            find.bind(1, middle)
            guard try find.step() else { throw .damaged("a staged set") }
            let id = find.integer(0)
            let order = wanted.withUnsafeBytes { ShortBytes.order($0, find.bytes(1)) }
            if order == 0 { return id }
            if order > 0 { low = id + 1 } else { high = middle - 1 }
        }
        return nil
    }
}
