public import CoreTypes
public import SchedulerAPI

extension PublishedSet {
    /// `change` in the order the items were read, so that the blocks of original bytes are unpacked once each, with what
    /// the shop has of them; `gone` in key order.
    private static let notes = """
        DROP TABLE IF EXISTS temp.change;
        DROP TABLE IF EXISTS temp.found;
        DROP TABLE IF EXISTS temp.gone;
        CREATE TEMP TABLE change(id INTEGER PRIMARY KEY, flags INTEGER NOT NULL, priceRows BLOB, stockRows BLOB);
        CREATE TEMP TABLE found(id INTEGER NOT NULL, flags INTEGER NOT NULL, priceRows BLOB, stockRows BLOB);
        CREATE TEMP TABLE gone(key TEXT PRIMARY KEY) WITHOUT ROWID;
        """

    /// How many differences are noted while only the missing items are asked for; the comparison then has them already.
    static let earlyNotesMax = 100_000

    /// What the shop has, beside what was read: asked before the verdict, and kept for the difference.
    ///
    /// - Parameter knowing: modules whose content at the shop is what was published from here; nil for all that ever were.
    public func survey(
        _ staged: StagingFile, modules: [Module], knowing: Set<Module>? = nil
    ) throws(StagingError) -> Survey {
        let modules = Module.allCases.filter(modules.contains)
        guard !modules.isEmpty, try file.integer("SELECT EXISTS(SELECT * FROM main.item)") > 0 else { return Survey() }
        let everPublished = try state?.known ?? []
        let known = (knowing ?? everPublished).intersection(modules)
        try attach(staged)
        let comparison = try comparing { () throws(StagingError) in
            try compare(staged, modules, knowing: known, notesMax: Self.earlyNotesMax)
        }
        var survey = Survey(
            previousCount: comparison.previousCount, missing: comparison.missing,
            missingCount: comparison.missingCount)
        guard let content = comparison.content else { return survey }
        if known.contains(.stock) {
            survey.emptied = content.emptied
            survey.stockBefore = try meta(PublishedSchema.stockSum).flatMap(ExactDecimal.init)
        }
        if known.contains(.prices) {
            survey.unpriced = content.unpriced
            survey.priceChanges = content.priceSteps
            survey.currencyCount = content.currencyCount
            survey.currencyChanges = content.currencySteps
        }
        if known.isSuperset(of: modules.filter { $0 != .products }) {
            survey.dropped = comparison.missingCount + content.dropped
        }
        return survey
    }

    /// Compares a sealed set with what the shop has, in these modules.
    ///
    /// The difference reads from both files while it is used; a later one takes its place.
    ///
    /// - Throws: `.duplicates` when keys come twice in the set, `.notSealed`, `.otherMapping` for a module that was
    ///   not staged.
    public func difference(to staged: StagingFile, modules: [Module]) throws(StagingError) -> Difference {
        let modules = Module.allCases.filter(modules.contains)
        guard Set(modules).isSubset(of: staged.mapping.modules) else { throw .otherMapping }
        try attach(staged)
        return try comparing { () throws(StagingError) in
            let comparison = try prepare(staged, modules)
            prepared += 1
            return Difference(self, staged, modules, try rowCounts(modules, comparison))
        }
    }

    /// Runs `body` in one transaction; after a throw the temporary tables are gone too.
    func comparing<Result>(_ body: () throws(StagingError) -> Result) throws(StagingError) -> Result {
        do throws(StagingError) {
            return try file.transaction(body)
        } catch {
            forgetComparison()
            throw error
        }
    }

    /// Fills the temporary tables, unless they hold just this difference. In a transaction.
    @discardableResult
    func prepare(_ staged: StagingFile, _ modules: [Module]) throws(StagingError) -> SetComparison {
        guard Set(modules).isSubset(of: staged.mapping.modules) else { throw .otherMapping }
        let comparison = try compare(staged, modules, knowing: nil, notesMax: .max)
        guard !comparison.hasDuplicates else { throw .duplicates }
        return comparison
    }

    /// Compares the attached set with this one, in a transaction. What was found before counts while neither has changed.
    ///
    /// - Parameter knowing: modules to look at the content of; nil when nobody asks for it.
    private func compare(
        _ staged: StagingFile, _ modules: [Module], knowing: Set<Module>?, notesMax: Int
    ) throws(StagingError) -> SetComparison {
        guard let order = staged.keyOrder else { throw .notSealed }
        let version = try file.integer("PRAGMA main.data_version")
        if let known = compared, known.version == version, known.modules == modules,
            known.comparison.isNoted || notesMax < .max,
            knowing == nil || knowing?.subtracting([.products]) == known.comparison.content?.modules
        {
            return known.comparison
        }
        forgetComparison()
        try file.execute(Self.notes)
        let content = knowing.map(ContentTally.init)
        let comparison = try SetWalk(file, order, modules, content, notesMax: notesMax).compared()
        // In any other order than its own a table of a million rows is written all over.
        try file.execute("INSERT INTO temp.change SELECT * FROM temp.found ORDER BY id; DROP TABLE temp.found")
        compared = (version, modules, comparison)
        return comparison
    }

    private func rowCounts(
        _ modules: [Module], _ comparison: SetComparison
    ) throws(StagingError) -> [Module: DatasetDifference] {
        var counts: [Module: DatasetDifference] = [:]
        for module in modules {
            counts[module] = comparison.counts[module.bit]
            counts[module]?.total = try file.integer("SELECT sum(\(module.rawValue)) FROM staged.page")
        }
        try countChangedRows(&counts)
        for module in modules {
            guard let count = counts[module] else { continue }
            counts[module]?.unchanged = count.total - count.created - count.updated
        }
        return counts
    }

    /// In the order the items were read, so that both tables are passed once.
    private func countChangedRows(_ counts: inout [Module: DatasetDifference]) throws(StagingError) {
        let changes = try file.prepare(
            """
            SELECT c.flags, s.priceRows, c.priceRows, s.stockRows, c.stockRows
            FROM temp.change AS c CROSS JOIN staged.item AS s ON s.id = c.id WHERE c.flags > 1 ORDER BY c.id
            """)
        while try changes.step() {
            let flags = changes.integer(0)
            for (module, column) in [(Module.prices, 1), (.stock, 3)] where flags &>> module.bit & 1 != 0 {
                guard
                    let rows = try RowList.changes(from: changes.bytes(column + 1), to: changes.bytes(column))
                else { throw .damaged("a list of rows") }
                counts[module]?.created += rows.created
                counts[module]?.updated += rows.updated
                counts[module]?.removed += rows.removed
            }
        }
    }
}

/// What the shop has, beside what was read. What is nil nobody can tell.
public struct Survey: Sendable, Equatable {
    /// Items of the run's modules the shop has.
    public var previousCount = 0
    /// Those of them that a read did not bring, in key order: the first thousand, and the count of all.
    public var missing: [MissingItem] = []
    public var missingCount = 0
    /// Items that had stock, in all warehouses together, and have none now.
    public var emptied: Int?
    /// Items that had a price other than 0 and have none now.
    public var unpriced: Int?
    /// Items that are missing, emptied or without prices, each counted once.
    public var dropped: Int?
    /// The largest change of each price list and currency, in relation to the old price; the largest fifty of them.
    public var priceChanges: [PriceStep]?
    /// Prices that are in another currency than the shop's: all of them, and the first twenty in key order.
    public var currencyCount: Int?
    public var currencyChanges: [CurrencyStep] = []
    /// The sum of all stock that was published.
    public var stockBefore: ExactDecimal?
}

/// What became of the rows of one item in a dataset that differs.
struct RowChanges {
    /// For each staged row, in order, whether it has to be sent. Where no row seems to differ, all of them are.
    private(set) var isSent: [Bool] = []
    /// Codes of the rows the shop has and the set has not.
    private(set) var removed: [[UInt8]] = []

    init(staged: UnsafeRawBufferPointer, published: UnsafeRawBufferPointer) throws(StagingError) {
        guard let new = try RowList.entries(staged), let old = try RowList.entries(published) else {
            throw .damaged("a list of rows")
        }
        isSent = new.map { !old.contains($0) }
        removed = old.filter { entry in !new.contains { $0.code == entry.code } }.map(\.code)
        if removed.isEmpty, !isSent.contains(true) { isSent = new.map { _ in true } }
    }
}
