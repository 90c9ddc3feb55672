public import SchedulerAPI

extension PublishedSet {
    /// Compares a sealed set with what the shop has, in these modules.
    ///
    /// The difference reads from both files while it is used; a later one takes its place.
    ///
    /// - Throws: `.duplicates` when keys come twice in the set, `.notSealed`, `.otherMapping` for a module that was
    ///   not staged.
    public func difference(to staged: StagingFile, modules: [Module]) throws(StagingError) -> Difference {
        let modules = Module.allCases.filter(modules.contains)
        preparedModules = nil
        try prepare(staged, modules)
        return Difference(self, staged, modules, try rowCounts(modules))
    }

    /// Fills the temporary tables, unless they are filled for just this set.
    func prepare(_ staged: StagingFile, _ modules: [Module]) throws(StagingError) {
        guard Set(modules).isSubset(of: staged.mapping.modules) else { throw .otherMapping }
        try attach(staged)
        guard preparedModules != modules else { return }
        try refuseDuplicates()
        try prepareChanges(modules)
        preparedModules = modules
    }

    private func refuseDuplicates() throws(StagingError) {
        let total = try file.integer("SELECT count(*) FROM staged.item")
        let distinct = try file.integer("SELECT count(DISTINCT key) FROM staged.item INDEXED BY itemByKey")
        guard total == distinct else { throw .duplicates }
    }

    /// Notes what differs in two temporary tables: `change` in the order the items were read (so that the blocks of
    /// original bytes are unpacked once each), with what the shop has of them, and `gone` in key order.
    private func prepareChanges(_ modules: [Module]) throws(StagingError) {
        prepared += 1
        preparedModules = nil
        let flags = modules.map { "((s.\($0.rawValue) IS NOT p.\($0.rawValue)) << \($0.bit))" }
        let flagged = flags.isEmpty ? "0" : flags.joined(separator: " | ")
        try file.execute(
            """
            DROP TABLE IF EXISTS temp.change;
            DROP TABLE IF EXISTS temp.gone;
            CREATE TEMP TABLE change(
                id INTEGER PRIMARY KEY, flags INTEGER NOT NULL, had INTEGER NOT NULL, priceRows BLOB, stockRows BLOB);
            CREATE TEMP TABLE gone(key TEXT PRIMARY KEY) WITHOUT ROWID;
            INSERT INTO temp.change
            SELECT s.id, \(flagged) AS flags,
                (p.products IS NOT NULL) | ((p.prices IS NOT NULL) << 1) | ((p.stock IS NOT NULL) << 2),
                p.priceRows, p.stockRows
            FROM staged.item AS s INDEXED BY itemByKey LEFT JOIN main.item AS p ON p.key = s.key
            WHERE flags <> 0 ORDER BY s.id;
            """)
        guard !modules.isEmpty else { return }
        try file.execute(
            """
            INSERT INTO temp.gone
            SELECT key FROM main.item AS p WHERE \(PublishedSchema.hasAny(of: modules, "p"))
                AND NOT EXISTS(SELECT * FROM staged.item AS s INDEXED BY itemByKey WHERE s.key = p.key)
            ORDER BY key;
            """)
    }

    private func rowCounts(_ modules: [Module]) throws(StagingError) -> [Module: DatasetDifference] {
        var counts: [Module: DatasetDifference] = [:]
        for module in modules {
            let total = try file.integer("SELECT sum(\(module.rawValue)) FROM staged.page")
            var count = DatasetDifference(created: 0, updated: 0, removed: 0, unchanged: 0, total: total)
            if module == .products {
                count.created = try file.integer("SELECT count(*) FROM temp.change WHERE flags & 1 AND NOT had & 1")
                count.updated = try file.integer("SELECT count(*) FROM temp.change WHERE flags & 1 AND had & 1")
                count.removed = try file.integer(
                    "SELECT count(*) FROM temp.gone JOIN main.item AS p USING(key) WHERE p.products IS NOT NULL")
            } else {
                try countRows(module, &count)
            }
            count.unchanged = total - count.created - count.updated
            counts[module] = count
        }
        return counts
    }

    private func countRows(_ module: Module, _ count: inout DatasetDifference) throws(StagingError) {
        guard let list = PublishedSchema.rowList(module) else { return }
        let changes = try file.prepare(
            """
            SELECT s.\(list), c.\(list)
            FROM temp.change AS c CROSS JOIN staged.item AS s ON s.id = c.id WHERE c.flags >> \(module.bit) & 1
            """)
        while try changes.step() {
            let rows = try RowChanges(staged: changes.bytes(0), published: changes.bytes(1))
            count.created += rows.created
            count.updated += rows.updated
            count.removed += rows.removed.count
        }
        let gone = try file.prepare("SELECT p.\(list) FROM temp.gone JOIN main.item AS p USING(key)")
        while try gone.step() {
            guard let rows = RowList.entries(gone.bytes(0)) else { throw .damaged("the published set") }
            count.removed += rows.count
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

/// What became of the rows of one item in one dataset.
struct RowChanges {
    /// For each staged row, in order, whether it has to be sent.
    private(set) var isSent: [Bool] = []
    private(set) var created = 0
    private(set) var updated = 0
    /// Codes of the rows the shop has and the set has not.
    private(set) var removed: [[UInt8]] = []

    init(staged: UnsafeRawBufferPointer, published: UnsafeRawBufferPointer) throws(StagingError) {
        guard let new = RowList.entries(staged), let old = RowList.entries(published) else {
            throw .damaged("a list of rows")
        }
        for entry in new {
            let known = old.first { $0.code == entry.code }
            isSent.append(known != entry)
            if known == nil { created += 1 } else if known != entry { updated += 1 }
        }
        removed = old.filter { entry in !new.contains { $0.code == entry.code } }.map(\.code)
    }
}
