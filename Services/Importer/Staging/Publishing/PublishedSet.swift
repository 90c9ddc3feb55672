public import CoreTypes
public import SchedulerAPI

/// What the shop has of one connection: keys, names and content hashes of everything that was published.
///
/// A durable file (WAL, `synchronous=FULL`), changed in one transaction after each commit of the shop. A crash between
/// the two leaves the older set: the next difference is then larger than it need be, never smaller.
public final class PublishedSet {
    let file: SQLiteFile
    /// The staging file that is attached as `staged`.
    private var attached: StagingFile?
    /// Number of the difference whose changes stand in the temporary tables, and the modules it is of.
    var prepared = 0
    var preparedModules: [Module]?

    /// Opens the set of a connection in `folder`, which must exist; creates an empty one when there is none.
    ///
    /// - Throws: `.damaged` when the file is of a newer version, or would not be durable.
    public init(folder: String, connection: ConnectionID) throws(StagingError) {
        file = try SQLiteFile("\(folder)/\(connection.rawValue).published", creates: true)
        try file.execute(PublishedSchema.settings)
        guard try file.text("PRAGMA journal_mode") == "wal", try file.integer("PRAGMA synchronous") == 2 else {
            throw .damaged("the published set cannot be kept durably")
        }
        let version = try file.integer("PRAGMA user_version")
        guard version <= PublishedSchema.version else { throw .damaged("the published set is of a newer version") }
        if version == 0 {
            try file.transaction { () throws(StagingError) in try file.execute(PublishedSchema.tables) }
        }
        let owner = try file.text("SELECT value FROM meta WHERE name = 'connection'")
        guard owner == nil || owner == connection.rawValue else { throw .otherRun }
        try setMeta("connection", connection.rawValue)
    }

    public func close() {
        attached = nil
        prepared += 1
        file.close()
    }

    // MARK: State

    /// What was published last; nil when nothing ever was, or it has been forgotten.
    public var state: PublishedState? {
        get throws(StagingError) {
            guard let run = try meta("run").flatMap(RunID.init), let token = try meta("token").flatMap({ Int64($0) }),
                let at = try meta("publishedAt").flatMap({ Int64($0) })
            else { return nil }
            var versions: [Module: String] = [:]
            var known: Set<Module> = []
            for module in Module.allCases {
                versions[module] = try meta("version.\(module.rawValue)")
                if try meta("known.\(module.rawValue)") != nil { known.insert(module) }
            }
            return PublishedState(
                run: run, token: token, publishedAt: Instant(milliseconds: at), versions: versions, known: known)
        }
    }

    /// How many items of these modules the shop has.
    public func itemCount(modules: [Module]) throws(StagingError) -> Int {
        guard !modules.isEmpty else { return 0 }
        return try file.integer("SELECT count(*) FROM item WHERE \(PublishedSchema.hasAny(of: modules, "item"))")
    }

    /// The items of these modules that the shop has and a read did not bring, in key order.
    ///
    /// - Parameter limit: how many are named; the count is of all.
    public func missing(
        from staged: StagingFile, modules: [Module], limit: Int = 1000
    ) throws(StagingError) -> (items: [MissingItem], count: Int) {
        guard !modules.isEmpty else { return ([], 0) }
        try attach(staged)
        let gone = """
            FROM item WHERE \(PublishedSchema.hasAny(of: modules, "item"))
            AND NOT EXISTS(SELECT * FROM staged.item AS s INDEXED BY itemByKey WHERE s.key = item.key)
            """
        let select = try file.prepare("SELECT key, name \(gone) ORDER BY key LIMIT \(limit)")
        var items: [MissingItem] = []
        while try select.step() {
            items.append(MissingItem(key: select.text(0) ?? "", name: select.text(1) ?? ""))
        }
        let count = items.count < limit ? items.count : try file.integer("SELECT count(*) \(gone)")
        return (items, count)
    }

    /// Forgets everything, for a shop whose live version is not the one that was published from here.
    ///
    /// The highest token seen stays: a run that has been overtaken cannot come back by this.
    public func forget() throws(StagingError) {
        try file.transaction { () throws(StagingError) in
            try file.execute(
                "DELETE FROM item; DELETE FROM meta WHERE name NOT IN ('connection', 'token')")
        }
    }

    // MARK: Parts

    func meta(_ name: String) throws(StagingError) -> String? {
        try file.text("SELECT value FROM meta WHERE name = ?", name)
    }

    func setMeta(_ name: String, _ value: String?) throws(StagingError) {
        let set = try file.prepare(
            value == nil ? "DELETE FROM meta WHERE name = ?" : "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)")
        try set.bind(1, name)
        if let value { try set.bind(2, value) }
        try set.run()
    }

    /// Makes a sealed set readable from here under the name `staged`.
    func attach(_ staged: StagingFile) throws(StagingError) {
        guard staged.isSealed else { throw .notSealed }
        guard attached !== staged else { return }
        try detach()
        let attach = try file.prepare("ATTACH ? AS staged")
        try attach.bind(1, staged.path)
        try attach.run()
        attached = staged
    }

    /// Lets go of the set that was attached, if any, so that its file can be removed.
    func detach() throws(StagingError) {
        prepared += 1
        preparedModules = nil
        guard attached != nil else { return }
        file.resetStatements()
        try file.execute("DETACH staged")
        attached = nil
    }
}

/// What was published last from here.
public struct PublishedState: Sendable, Equatable {
    public let run: RunID
    public let token: Int64
    public let publishedAt: Instant
    /// What the shop called its live datasets after our commit; another name there now means someone else has written.
    public let versions: [Module: String]
    /// Modules whose content at the shop is known from here. The others were never published from here, or only their
    /// keys are known from the shop's own list: they have to be published in full mode.
    public let known: Set<Module>
}

enum PublishedSchema {
    static let version = 1

    static let settings = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -8000;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA temp_store = FILE;
        """

    /// In key order, so that it is compared and changed from one end to the other.
    static let tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE item(
            key TEXT PRIMARY KEY, name TEXT NOT NULL, products BLOB, prices BLOB, stock BLOB, priceRows BLOB,
            stockRows BLOB) WITHOUT ROWID;
        PRAGMA user_version = 1;
        """

    /// An item belongs to a module's set when it has a hash of it, even if it has no rows there.
    static func hasAny(of modules: [Module], _ table: String) -> String {
        "(" + modules.map { "\(table).\($0.rawValue) IS NOT NULL" }.joined(separator: " OR ") + ")"
    }

    /// The column of a module's row list; products have one row an item and need none.
    static func rowList(_ module: Module) -> String? {
        switch module {
        case .products: nil
        case .prices: "priceRows"
        case .stock: "stockRows"
        }
    }
}
