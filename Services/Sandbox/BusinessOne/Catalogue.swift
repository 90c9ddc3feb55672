/// The items of a simulated company, with the orders in which they have been asked for kept sorted.
///
/// A plain value; its owner guards it.
struct Catalogue {
    /// Which rows a listing has, and in which order.
    struct ListingKey: Hashable {
        var filter: ItemFilter
        var order: ItemOrder
        /// loseItems and duplicateRows in force; both choose the same items each time.
        var lost = 0
        var duplicated = 0
    }

    /// A row of a listing: the slot of an item, or its complement for the second row of a duplicated one.
    typealias Row = Int32

    private struct Listing {
        var rows: [Row]
        /// Whether each row is an item of its own, so that one change is one row.
        var isPlain: Bool
    }

    private static let listingsMax = 8

    private(set) var items: [Item?]
    private var slots: [String: Int32]
    private var listings: [ListingKey: Listing] = [:]
    private var newestUpdate: Int64
    private(set) var count: Int
    private(set) var sellableCount: Int

    init(_ items: [Item]) {
        self.items = items
        slots = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($0.element.code, Int32($0.offset)) })
        newestUpdate = items.reduce(0) { max($0, $1.updatedAt ?? $1.createdAt) }
        count = items.count
        sellableCount = items.count { $0.isSellable }
    }

    subscript(code: String) -> Item? { slots[code].flatMap { items[Int($0)] } }

    func item(at row: Row) -> Item { items[Int(row < 0 ? ~row : row)]! }

    /// The rows of a listing, sorted once and kept in order by later changes.
    mutating func rows(_ key: ListingKey) -> [Row] {
        if let listing = listings[key] { return listing.rows }
        let lost = pick(key.lost, .lost)
        let duplicated = pick(key.duplicated, .duplicated)
        var rows: [Row] = []
        for (slot, item) in items.enumerated() {
            guard let item, key.filter.matches(item), !lost.contains(item.code) else { continue }
            rows.append(Row(slot))
        }
        items.withUnsafeBufferPointer { items in
            rows.sort { key.order.compare(items[Int($0)]!, items[Int($1)]!) < 0 }
        }
        if !duplicated.isEmpty {
            rows = rows.flatMap { duplicated.contains(item(at: $0).code) ? [$0, ~$0] : [$0] }
        }
        if listings.count >= Self.listingsMax { listings.removeAll() }
        listings[key] = Listing(rows: rows, isPlain: lost.isEmpty && duplicated.isEmpty)
        return rows
    }

    /// The first position in `rows`, which are in the order of codes, whose code lies beyond `bound`.
    func firstPosition(after bound: String, orEqual: Bool, in rows: [Row]) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            let order = compareUTF8(item(at: rows[middle]).code, bound)
            if order < 0 || (order == 0 && !orEqual) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Changes

    /// Adds an item, replaces the one of the same code, or (nil) removes it.
    mutating func put(_ item: Item?, code: String) {
        let slot: Int32
        if let known = slots[code] {
            slot = known
            if let old = items[Int(slot)] { forget(old, slot) }
        } else {
            guard item != nil else { return }
            slot = Int32(items.count)
            items.append(nil)
            slots[code] = slot
        }
        items[Int(slot)] = item
        guard let item else {
            slots[code] = nil
            return
        }
        newestUpdate = max(newestUpdate, item.updatedAt ?? item.createdAt)
        remember(item, slot)
    }

    /// The update time of an edit made at `now`: never before the newest there is, so that edited items come last.
    func updateTime(at now: Int64) -> Int64 { max(now, newestUpdate) }

    private mutating func forget(_ item: Item, _ slot: Int32) {
        count -= 1
        if item.isSellable { sellableCount -= 1 }
        for (key, listing) in listings {
            guard listing.isPlain else { listings[key] = nil; continue }
            guard key.filter.matches(item) else { continue }
            let position = position(of: item, in: listing.rows, key.order)
            precondition(listing.rows[position] == slot, "a listing is out of order")
            listings[key]?.rows.remove(at: position)
        }
    }

    private mutating func remember(_ item: Item, _ slot: Int32) {
        count += 1
        if item.isSellable { sellableCount += 1 }
        for (key, listing) in listings {
            guard listing.isPlain else { listings[key] = nil; continue }
            guard key.filter.matches(item) else { continue }
            let position = position(of: item, in: listing.rows, key.order)
            listings[key]?.rows.insert(slot, at: position)
        }
    }

    private func position(of item: Item, in rows: [Row], _ order: ItemOrder) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if order.compare(self.item(at: rows[middle]), item) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    // MARK: Choosing

    /// What items are chosen for; different purposes choose different items.
    enum Purpose: Int {
        case lost = 2
        case duplicated = 3
        case unreadable = 5
        case edited = 7
    }

    /// `count` sellable items, evenly spread over the codes; the same ones until items come or go.
    mutating func pick(_ count: Int, _ purpose: Purpose) -> Set<String> {
        guard count > 0 else { return [] }
        let rows = rows(ListingKey(filter: .sellable, order: .byCode))
        guard count < rows.count else { return Set(rows.map { item(at: $0).code }) }
        return Set(
            (0..<count).map { index in
                let start = index * rows.count / count
                let length = (index + 1) * rows.count / count - start
                return item(at: rows[start + length / purpose.rawValue]).code
            })
    }
}
