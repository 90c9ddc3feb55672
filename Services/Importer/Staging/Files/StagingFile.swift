public import CoreTypes
import Persistence
import SchedulerAPI

/// Everything one run has read, in a SQLite file of its own that nobody else sees and that is thrown away by unlinking.
///
/// Reading goes page by page: ``beginPage()``, ``feed(_:)-swift.method``, ``finishPage()``, ``commitPage(cursor:)``;
/// the last takes the page, its evidence and the place to go on from together. After the last page ``seal()`` tells
/// what was read. Not for several tasks at once.
public final class StagingFile {
    public let run: RunID
    public let token: Int64
    /// The mapping the set is staged under.
    public let mapping: CompiledMapping
    let path: String
    let file: SQLiteFile

    /// After so many items the pages that are whole are committed together; larger pages one by one.
    public static let commitsAfter = 1000

    /// Where to go on after the last whole page; nil before the first page and after the last.
    public internal(set) var lastCursor: String?
    /// Whole pages.
    public internal(set) var pageCount = 0
    /// Items of the whole pages, those that cannot be read included.
    public internal(set) var rowsRead = 0

    /// The page in hand.
    enum Page: Equatable { case none, open, finished(ReadPage) }

    /// Whole pages that are not committed yet, and their items; nil outside of a transaction.
    var open: (pages: Int, rows: Int)?
    /// How the set is gone through in the order of its keys; nil until it is sealed.
    var keyOrder: KeyOrder?
    var page = Page.none
    var isSweeping = false
    var sweepPages = 0
    /// First block of the page that follows.
    var nextBlock = 1
    var recorder: PageRecorder
    let compressor = Compressor()
    let statements: PageStatements

    init(
        creating path: String, run: RunID, token: Int64, mapping: CompiledMapping, pages: PageLayout
    ) throws(StagingError) {
        file = try SQLiteFile(path, creates: true, onLostTrust: ServiceDatabase.endProcess)
        (self.path, self.run, self.token, self.mapping) = (path, run, token, mapping)
        try file.execute(StagingSchema.settings)
        try file.execute(StagingSchema.alone)
        try file.execute(StagingSchema.tables)
        recorder = PageRecorder(try PageRecorder.Inserts(file), compressor, mapping, pages)
        statements = try PageStatements(file)
        try file.transaction { () throws(StagingError) in
            let insert = try file.prepare("INSERT INTO meta(name, value) VALUES(?, ?)")
            for (name, value) in Self.identity(run, token, mapping) {
                try insert.bind(1, name)
                try insert.bind(2, value)
                try insert.run()
            }
        }
    }

    init(
        opening path: String, run: RunID, token: Int64, mapping: CompiledMapping, pages: PageLayout
    ) throws(StagingError) {
        file = try SQLiteFile(path, creates: false, onLostTrust: ServiceDatabase.endProcess)
        (self.path, self.run, self.token, self.mapping) = (path, run, token, mapping)
        try file.execute(StagingSchema.settings)
        try Self.check(file, run, token, mapping)
        recorder = PageRecorder(try PageRecorder.Inserts(file), compressor, mapping, pages)
        statements = try PageStatements(file)
        keyOrder = try file.text("SELECT value FROM meta WHERE name = 'sealed'").flatMap(KeyOrder.init)
        if keyOrder == nil { try file.execute(StagingSchema.alone) }
        try readPosition()
    }

    /// Refuses a file of another run, claim or mapping.
    static func check(
        _ file: SQLiteFile, _ run: RunID, _ token: Int64, _ mapping: CompiledMapping
    ) throws(StagingError) {
        for (name, value) in identity(run, token, mapping) {
            let stored = try file.text("SELECT value FROM meta WHERE name = ?", name)
            guard stored == value else { throw name == "mapping" ? .otherMapping : .otherRun }
        }
    }

    private static func identity(
        _ run: RunID, _ token: Int64, _ mapping: CompiledMapping
    ) -> [(name: String, value: String)] {
        [
            ("version", StagingSchema.version), ("run", run.rawValue), ("token", "\(token)"),
            ("mapping", mapping.fingerprint),
        ]
    }

    /// How far the file has come: all that a process needs to go on where another was killed.
    private func readPosition() throws(StagingError) {
        let last = try file.prepare(
            "SELECT number, cursor, nextBlock, (SELECT sum(rows) FROM page) FROM page ORDER BY number DESC LIMIT 1")
        guard try last.step() else { return }
        pageCount = last.integer(0)
        lastCursor = last.text(1)
        nextBlock = last.integer(2)
        rowsRead = last.integer(3)
    }

    /// The source's own bytes of an item, or nil when the set has no such key. Looks through all items.
    public func original(of key: String) throws(StagingError) -> [UInt8]? {
        let find = try file.prepare("SELECT block, offset, length FROM item WHERE key = ? LIMIT 1")
        try find.bind(1, key)
        guard try find.step() else { return nil }
        let reader = try OriginalReader(file, schema: "main", compressor)
        return Array(try reader.item(block: find.integer(0), offset: find.integer(1), length: find.integer(2)))
    }

    /// Closes the file and keeps it, for a run that is held. Before ``seal()`` the last pages may be lost by it.
    public func close() {
        page = .none
        file.close()
    }

    /// Throws all of it away. The shop and the published set know nothing of it.
    public func discard() {
        close()
        StagingFolder.remove(path)
    }
}

/// Reads items back out of the compressed blocks, keeping the block of the last one.
final class OriginalReader {
    private let select: SQLiteStatement
    private let compressor: Compressor
    private var block = -1
    private var bytes: [UInt8] = []

    init(_ file: SQLiteFile, schema: String, _ compressor: Compressor) throws(StagingError) {
        select = try file.prepare("SELECT bytes, body FROM \(schema).block WHERE id = ?")
        self.compressor = compressor
    }

    func item(block wanted: Int, offset: Int, length: Int) throws(StagingError) -> ArraySlice<UInt8> {
        if wanted != block {
            select.reset()
            select.bind(1, wanted)
            guard try select.step() else { throw .damaged("an original page is gone") }
            bytes = []
            bytes = try compressor.unpack(select.bytes(1), count: select.integer(0))
            block = wanted
            select.reset()
        }
        guard offset >= 0, length >= 0, offset + length <= bytes.count else {
            throw .damaged("an item lies outside of its page")
        }
        return bytes[offset..<(offset + length)]
    }
}
