public import CoreTypes
public import Persistence
public import SchedulerAPI

/// What the shop has of one connection: keys, names and content hashes of everything that was published.
///
/// A durable file (WAL, `synchronous=FULL`), changed in one transaction after each commit of the shop. A crash between
/// the two leaves the older set: the next difference is then larger than it need be, never smaller.
public final class PublishedSet {
    let file: SQLiteFile
    /// The staging file that is attached as `staged`.
    private var attached: StagingFile?
    /// Number of the difference that may read the temporary tables.
    var prepared = 0
    /// What the temporary tables hold: the version of this set that the attached one was compared with, the modules, and
    /// what was found. SQLite counts the version up when somebody else writes; what is written here forgets it.
    var compared: (version: Int, modules: [Module], comparison: SetComparison)?

    /// Opens the set of a connection in `folder`, which must exist; creates an empty one when there is none.
    ///
    /// - Parameter onLostTrust: as of ``ServiceDatabase``: what a failed flush should have kept is never asked for again.
    /// - Throws: `.damaged` when the file is of a newer version, or would not be durable.
    public init(
        folder: String, connection: ConnectionID,
        onLostTrust: @escaping @Sendable (StorageFault) -> Void = ServiceDatabase.endProcess
    ) throws(StagingError) {
        file = try SQLiteFile(
            "\(folder)/\(connection.rawValue).published", creates: true, onLostTrust: onLostTrust)
        try file.execute(PublishedSchema.settings)
        guard try file.text("PRAGMA journal_mode") == "wal", try file.integer("PRAGMA synchronous") == 2 else {
            throw .damaged("the published set cannot be kept durably")
        }
        let version = try file.integer("PRAGMA user_version")
        guard version <= PublishedSchema.version else { throw .damaged("the published set is of a newer version") }
        if version < PublishedSchema.version {
            try file.transaction { () throws(StagingError) in
                if version > 0 { try file.execute(PublishedSchema.emptying) }
                try file.execute(PublishedSchema.tables)
            }
        }
        let owner = try file.text("SELECT value FROM meta WHERE name = 'connection'")
        guard owner == nil || owner == connection.rawValue else { throw .otherRun }
        try setMeta("connection", connection.rawValue)
    }

    public func close() {
        attached = nil
        forgetComparison()
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

    /// Forgets everything, for a shop whose live version is not the one that was published from here.
    ///
    /// The highest token seen stays: a run that has been overtaken cannot come back by this.
    public func forget() throws(StagingError) {
        forgetComparison()
        try file.transaction { () throws(StagingError) in
            try file.execute(
                "DELETE FROM item; DELETE FROM meta WHERE name NOT IN ('connection', 'token')")
        }
    }

    // MARK: Parts

    /// The temporary tables are not what they were, or not true any more.
    func forgetComparison() {
        prepared += 1
        compared = nil
    }

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
        forgetComparison()
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
    static let version = 2
    /// Name of the sum of all stock that was published.
    static let stockSum = "stockSum"

    static let settings = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -2000;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA temp_store = FILE;
        """

    /// In key order, so that it is compared and changed from one end to the other.
    static let tables = """
        CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE item(
            key TEXT PRIMARY KEY, name TEXT NOT NULL, products BLOB, prices BLOB, stock BLOB, priceRows BLOB,
            stockRows BLOB) WITHOUT ROWID;
        PRAGMA user_version = 2;
        """

    /// What an older version kept of rows cannot be compared with. The next publication sends everything.
    static let emptying = "DROP TABLE item; DELETE FROM meta WHERE name NOT IN ('connection', 'token')"

    /// The column of a module's row list; products have one row an item and need none.
    static func rowList(_ module: Module) -> String? {
        switch module {
        case .products: nil
        case .prices: "priceRows"
        case .stock: "stockRows"
        }
    }
}
