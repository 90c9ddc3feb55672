import SchedulerAPI

/// What a walk over a staged set and the published one has shown.
struct SetComparison {
    /// Items of the run's modules the shop has.
    var previousCount = 0
    /// Those of them that were not staged: the first in key order, and how many.
    var missing: [MissingItem] = []
    var missingCount = 0
    /// Whether keys were staged more than once.
    var hasDuplicates = false
    /// Whether all that differs stands in the temporary tables.
    var isNoted = true
    /// Rows of products that differ, and rows of all datasets that go with the missing items.
    var counts: [DatasetDifference]
    /// nil when nobody asked for it.
    var content: ContentTally?
}

/// Steps through a staged set and the published one together, both in the order of their keys, and looks at each once.
struct SetWalk: ~Copyable {
    /// How many missing items are named.
    static let namedMax = 1000

    private let staged: SQLiteStatement
    private let published: SQLiteStatement
    private let noteChange: SQLiteStatement
    private let noteGone: SQLiteStatement
    private let find: SQLiteStatement
    private let findStaged: SQLiteStatement
    private let content: ContentTally?
    /// A bit for each module that is compared.
    private let wanted: Int
    /// Whether the walk reads the lists of rows; otherwise they are looked up where they are needed.
    private let hasLists: Bool
    /// How many differences are still noted.
    private var room: Int
    private var last: GrowingBytes
    private var result: SetComparison

    /// - Parameters:
    ///   - file: a published set with the staged one attached, in a transaction.
    ///   - order: how the staged set is gone through.
    ///   - content: where it is noted what becomes of prices and stock.
    ///   - notesMax: with more differences than this they are only told, not noted.
    init(
        _ file: SQLiteFile, _ order: KeyOrder, _ modules: [Module], _ content: ContentTally?, notesMax: Int
    ) throws(StagingError) {
        let hashes = Module.allCases.map { modules.contains($0) ? $0.rawValue : "NULL" }.joined(separator: ", ")
        let staged = try file.prepare("SELECT key, \(hashes), id FROM \(order.items("staged.item"))")
        let hasLists = notesMax == .max
        let lists = hasLists ? ", priceRows, stockRows" : ""
        let published = try file.prepare("SELECT key, \(hashes)\(lists) FROM main.item ORDER BY key")
        let noteChange = try file.prepare("INSERT INTO \(order.notes) VALUES(?, ?, ?, ?)")
        let noteGone = try file.prepare("INSERT INTO temp.gone(key) VALUES(?)")
        let find = try file.prepare("SELECT name, priceRows, stockRows FROM main.item WHERE key = ?")
        let findStaged = try file.prepare("SELECT priceRows, stockRows FROM staged.item WHERE id = ?")
        (self.staged, self.published, self.hasLists, self.find) = (staged, published, hasLists, find)
        (self.noteChange, self.noteGone) = (noteChange, noteGone)
        (self.findStaged, self.content) = (findStaged, content)
        wanted = modules.reduce(0) { $0 | 1 << $1.bit }
        room = notesMax
        last = GrowingBytes(capacity: 256)
        result = SetComparison(counts: .init(repeating: .zero, count: Module.allCases.count), content: content)
    }

    consuming func compared() throws(StagingError) -> SetComparison {
        var hasStaged = try nextStaged()
        var hasPublished = try published.step()
        while hasStaged || hasPublished {
            let order =
                !hasStaged ? 1 : !hasPublished ? -1 : ShortBytes.order(staged.bytes(0), published.bytes(0))
            if order == 0 {
                try compare()
            } else if order < 0 {
                try takeNew()
            } else {
                try takeGone()
            }
            if order <= 0 { hasStaged = try nextStaged() }
            if order >= 0 { hasPublished = try published.step() }
        }
        return result
    }

    /// Goes on to the next key; those that come again are passed over.
    @inline(__always)
    private mutating func nextStaged() throws(StagingError) -> Bool {
        while try staged.step() {
            let key = staged.bytes(0)
            let above = ShortBytes.order(key, last.bytes)
            if above > 0 {
                last.clear()
                last.append(key)
                return true
            }
            guard above == 0 else { throw .damaged("the order of a staged set") }
            result.hasDuplicates = true
        }
        return false
    }

    // MARK: One key

    @inline(__always)
    private mutating func compare() throws(StagingError) {
        var flags = 0
        var isOfModules = false
        for bit in 0..<3 where wanted &>> bit & 1 != 0 {
            let column = bit &+ 1
            let (new, old) = (staged.bytes(column), published.bytes(column))
            if old.count > 0 || !published.isNull(column) { isOfModules = true }
            if !areEqual(new, old, column) { flags |= 1 &<< bit }
        }
        if isOfModules { result.previousCount &+= 1 }
        if flags != 0 { try takeChanged(flags) }
    }

    /// No hash is another content than an empty one.
    @inline(__always)
    private func areEqual(_ new: UnsafeRawBufferPointer, _ old: UnsafeRawBufferPointer, _ column: Int) -> Bool {
        guard new.count == old.count else { return false }
        return new.isEmpty ? staged.isNull(column) == published.isNull(column) : ShortBytes.order(new, old) == 0
    }

    private mutating func takeChanged(_ flags: Int) throws(StagingError) {
        let isNoted = takeRoom()
        let looked = content.map { flags & $0.flags } ?? 0
        guard isNoted || looked != 0 else { return }
        if isNoted, flags & 1 != 0 {
            if published.isNull(Module.products.bit &+ 1) {
                result.counts[0].created += 1
            } else {
                result.counts[0].updated += 1
            }
        }
        try withLists { (prices, stock) throws(StagingError) in
            if isNoted { try noteChanged(flags, prices, stock) }
            if looked != 0 { try look(looked, prices, stock) }
        }
    }

    private func noteChanged(
        _ flags: Int, _ prices: UnsafeRawBufferPointer, _ stock: UnsafeRawBufferPointer
    ) throws(StagingError) {
        noteChange.bind(1, staged.integer(4))
        noteChange.bind(2, flags)
        bindList(3, prices)
        bindList(4, stock)
        try noteChange.run()
    }

    /// Only items that differ are looked at, so their staged rows are looked up.
    private func look(
        _ flags: Int, _ prices: UnsafeRawBufferPointer, _ stock: UnsafeRawBufferPointer
    ) throws(StagingError) {
        findStaged.bind(1, staged.integer(4))
        defer { findStaged.reset() }
        guard try findStaged.step() else { throw .damaged("a staged set") }
        try content?.look(
            staged.bytes(0), flags, from: (prices, stock), to: (findStaged.bytes(0), findStaged.bytes(1)))
    }

    private func bindList(_ index: Int, _ list: UnsafeRawBufferPointer) {
        guard let start = list.baseAddress else { return noteChange.bindNull(index) }
        noteChange.bindBlob(index, start.assumingMemoryBound(to: UInt8.self), list.count)
    }

    private mutating func takeNew() throws(StagingError) {
        var flags = 0
        for bit in 0..<3 where wanted &>> bit & 1 != 0 && !staged.isNull(bit &+ 1) { flags |= 1 &<< bit }
        guard flags != 0, takeRoom() else { return }
        if flags & 1 != 0 { result.counts[0].created += 1 }
        noteChange.bind(1, staged.integer(4))
        noteChange.bind(2, flags)
        noteChange.bindNull(3)
        noteChange.bindNull(4)
        try noteChange.run()
    }

    private mutating func takeGone() throws(StagingError) {
        guard (0..<3).contains(where: { wanted &>> $0 & 1 != 0 && !published.isNull($0 &+ 1) }) else { return }
        result.previousCount += 1
        result.missingCount += 1
        let key = published.bytes(0)
        if result.missing.count < Self.namedMax {
            find.bindText(1, key)
            let name = try find.step() ? find.text(0) : nil
            find.reset()
            result.missing.append(MissingItem(key: String(decoding: key, as: UTF8.self), name: name ?? ""))
        }
        guard takeRoom() else { return }
        noteGone.bindText(1, key)
        try noteGone.run()
        if wanted & 1 != 0, !published.isNull(Module.products.bit &+ 1) { result.counts[0].removed += 1 }
        let removed = try withLists { (prices, stock) throws(StagingError) in
            (try RowList.count(prices), try RowList.count(stock))
        }
        guard let prices = removed.0, let stock = removed.1 else { throw .damaged("the published set") }
        result.counts[Module.prices.bit].removed += prices
        result.counts[Module.stock.bit].removed += stock
    }

    /// The published lists of rows of the key in hand.
    private func withLists<Result>(
        _ body: (_ prices: UnsafeRawBufferPointer, _ stock: UnsafeRawBufferPointer) throws(StagingError) -> Result
    ) throws(StagingError) -> Result {
        guard !hasLists else { return try body(published.bytes(4), published.bytes(5)) }
        find.bindText(1, published.bytes(0))
        defer { find.reset() }
        guard try find.step() else { throw .damaged("the published set") }
        return try body(find.bytes(1), find.bytes(2))
    }

    /// Past the limit nothing more is noted: whoever needs the differences walks again.
    @inline(__always)
    private mutating func takeRoom() -> Bool {
        guard room > 0 else {
            result.isNoted = false
            return false
        }
        room &-= 1
        return true
    }
}

extension KeyOrder {
    /// Where changes are noted: at once in the order the items were read, or to be sorted afterwards.
    var notes: String {
        switch self {
        case .asRead: "temp.change"
        case .byIndex: "temp.found"
        }
    }
}

extension Module {
    /// Place of the module in the flags of a change.
    var bit: Int {
        switch self {
        case .products: 0
        case .prices: 1
        case .stock: 2
        }
    }
}
