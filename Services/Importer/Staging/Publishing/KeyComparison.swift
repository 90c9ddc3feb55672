public import SchedulerAPI

/// Compares the keys a shop lists of one dataset with those that were staged, page by page, in bounded memory.
///
/// The first walk through the list only tells whether the two are equal. Where they are not, a second one after
/// ``beginNaming()`` collects the keys on disk, to say which differ.
public final class KeyComparison {
    private let staged: StagingFile
    private let module: Module
    private let expected: KeyFigures
    private var reader: ShopKeyReader
    private var listed = KeyFigures()
    private var insert: SQLiteStatement?

    /// - Parameter staged: sealed, and what the shop was made to show.
    public init(_ staged: StagingFile, _ module: Module) throws(StagingError) {
        self.staged = staged
        self.module = module
        reader = ShopKeyReader(module)
        expected = try staged.keyFigures(of: module)
    }

    /// Whether the pages so far, taken as the whole list, have each key that was staged once, and no other.
    public var isEqual: Bool { listed == expected }

    /// Rows listed so far.
    public var listedCount: Int { listed.count }

    /// Takes one page of the list.
    ///
    /// - Throws: `.page` when it is no such page; then nothing of it counts.
    public func read(_ page: [UInt8]) throws(StagingError) -> ShopKeyPage {
        guard let insert else {
            var figures = KeyFigures()
            let read = try scan(page) { figures.add($0) }
            listed.add(figures)
            return read
        }
        return try staged.file.transaction { () throws(StagingError) in
            try scan(page) { (key) throws(StagingError) in
                insert.bindText(1, key)
                try insert.run()
            }
        }
    }

    private func scan(
        _ page: [UInt8], _ body: (UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) -> ShopKeyPage {
        try page.withUnsafeBytes { bytes in
            Result { () throws(StagingError) in try reader.read(bytes, body) }
        }.get()
    }

    /// From here on the pages, from the first again, are collected.
    public func beginNaming() throws(StagingError) {
        try staged.file.execute(
            """
            DROP TABLE IF EXISTS temp.shopKey; DROP TABLE IF EXISTS temp.stagedKey;
            CREATE TEMP TABLE shopKey(key TEXT NOT NULL); CREATE TEMP TABLE stagedKey(key TEXT NOT NULL)
            """)
        insert = try staged.file.prepare("INSERT INTO temp.shopKey VALUES(?)")
    }

    /// What differs, after all pages were collected.
    ///
    /// - Parameter limit: how many keys are named of each kind; the counts are of all.
    public func difference(namingAtMost limit: Int = 20) throws(StagingError) -> KeyDifference {
        insert = nil
        try staged.file.transaction { () throws(StagingError) in
            let insert = try staged.file.prepare("INSERT INTO temp.stagedKey VALUES(?)")
            try staged.forEachRowKey(of: module) { (key) throws(StagingError) in
                insert.bindText(1, key)
                try insert.run()
            }
        }
        let missing = "SELECT key FROM temp.stagedKey EXCEPT SELECT key FROM temp.shopKey"
        let unexpected = "SELECT key FROM temp.shopKey EXCEPT SELECT key FROM temp.stagedKey"
        let repeated = "SELECT key FROM temp.shopKey GROUP BY key HAVING count(*) > 1"
        let difference = KeyDifference(
            missing: try names(missing, limit), missingCount: try count(missing),
            unexpected: try names("\(unexpected) UNION \(repeated)", limit),
            unexpectedCount: try count(unexpected)
                + staged.file.integer("SELECT count(*) - count(DISTINCT key) FROM temp.shopKey"))
        try staged.file.execute("DROP TABLE temp.shopKey; DROP TABLE temp.stagedKey")
        return difference
    }

    private func names(_ keys: String, _ limit: Int) throws(StagingError) -> [String] {
        let select = try staged.file.prepare("\(keys) ORDER BY 1 LIMIT \(limit)")
        var names: [String] = []
        while try select.step() { names.append(RowKey.words(select.text(0) ?? "")) }
        return names
    }

    private func count(_ keys: String) throws(StagingError) -> Int {
        try staged.file.integer("SELECT count(*) FROM (\(keys))")
    }
}

/// Which rows a shop lacks, and which it has that were not published.
public struct KeyDifference: Sendable, Equatable {
    /// The first of them, in key order; the parts of a key with ` / ` between them.
    public var missing: [String]
    public var missingCount: Int
    /// Keys that were not published, or are listed more than once.
    public var unexpected: [String]
    public var unexpectedCount: Int

    public init(missing: [String], missingCount: Int, unexpected: [String], unexpectedCount: Int) {
        self.missing = missing
        self.missingCount = missingCount
        self.unexpected = unexpected
        self.unexpectedCount = unexpectedCount
    }
}
