import CoreTypes
import Persistence

/// The pages of a read that was cut off, out of the file its process has left, as the source had sent them.
///
/// Nothing of the file is believed. Its bytes are read as if they came from the source once more, and must make the very
/// pages that were noted; see ``StagingFile/takePage(from:)``. Not for several tasks at once.
public final class KeptPages {
    struct Page {
        var number: Int
        var rows: Int
        var unreadable: Int
        var firstKey: String?
        var lastKey: String?
        var hash: String
        var bytes: Int
        /// Blocks that hold its bytes.
        var blocks: Range<Int>
        var cursor: String?

        func isEqual(to read: ReadPage) -> Bool {
            number == read.number && rows == read.rows && unreadable == read.unreadable && firstKey == read.firstKey
                && lastKey == read.lastKey && hash == read.hash && bytes == read.bytes
        }
    }

    /// No block is longer, unpacked: what a damaged file says must not be asked of the memory.
    private static let blockBytesMax = 1 << 30

    private let file: SQLiteFile
    private let compressor = Compressor()
    private let selectPage: SQLiteStatement
    private let selectBlocks: SQLiteStatement
    private var taken = 0
    private var nextBlock = 1

    /// What a killed process had not committed is rolled back by it, and nobody can write to the file any more.
    ///
    /// - Throws: `.notFound`, `.otherRun`, `.otherMapping`, or `.damaged` whatever else is wrong.
    init(opening path: String, run: RunID, token: Int64, mapping: CompiledMapping) throws(StagingError) {
        file = try SQLiteFile(path, creates: false, onLostTrust: ServiceDatabase.endProcess)
        do throws(StagingError) {
            // Whoever holds it is at work on it; there is nothing to wait for.
            try file.execute("PRAGMA busy_timeout = 0")
            try file.execute(StagingSchema.settings)
            try file.execute(StagingSchema.alone)
            try file.execute("BEGIN IMMEDIATE")
            try StagingFile.check(file, run, token, mapping)
            selectPage = try file.prepare(
                """
                SELECT number, rows, unreadable, firstKey, lastKey, hash, bytes, nextBlock, cursor FROM page
                WHERE number > ? ORDER BY number LIMIT 1
                """)
            selectBlocks = try file.prepare("SELECT bytes, body FROM block WHERE id >= ? AND id < ? ORDER BY id")
        } catch {
            file.close()
            throw error.asDamage
        }
    }

    deinit { file.close() }

    /// The next page; nil behind the last.
    func next() throws(StagingError) -> Page? {
        do throws(StagingError) {
            selectPage.reset()
            selectPage.bind(1, taken)
            guard try selectPage.step() else { return nil }
        } catch {
            throw error.asDamage
        }
        let page = Page(
            number: selectPage.integer(0), rows: selectPage.integer(1), unreadable: selectPage.integer(2),
            firstKey: selectPage.text(3), lastKey: selectPage.text(4), hash: selectPage.text(5) ?? "",
            bytes: selectPage.integer(6), blocks: nextBlock..<max(nextBlock, selectPage.integer(7)),
            cursor: selectPage.text(8))
        selectPage.reset()
        taken += 1
        guard page.number == taken else { throw .damaged("page \(taken) is gone") }
        nextBlock = page.blocks.upperBound
        return page
    }

    /// Hands out the bytes of a page, block by block.
    func forEachBlock(
        of page: Page, _ body: (UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) {
        selectBlocks.reset()
        selectBlocks.bind(1, page.blocks.lowerBound)
        selectBlocks.bind(2, page.blocks.upperBound)
        defer { selectBlocks.reset() }
        while try hasBlock() {
            let count = selectBlocks.integer(0)
            guard count <= Self.blockBytesMax else { throw .damaged("an original page of \(count) bytes") }
            let bytes = try compressor.unpack(selectBlocks.bytes(1), count: count)
            try bytes.withUnsafeBytes { bytes in Result { () throws(StagingError) in try body(bytes) } }.get()
        }
    }

    private func hasBlock() throws(StagingError) -> Bool {
        do throws(StagingError) {
            return try selectBlocks.step()
        } catch {
            throw error.asDamage
        }
    }

    /// Lets go of the file and leaves it as it is.
    public func close() { file.close() }
}

extension StagingFile {
    /// Reads the next page of another file as if the source had sent it now. It is then to be committed, as any other.
    ///
    /// - Returns: The page, and how the next one was asked for; nil behind the last page.
    /// - Throws: `.damaged` when the file does not hold the page that was read; anything else is wrong with this one.
    public func takePage(from kept: KeptPages) throws(StagingError) -> (page: ReadPage, cursor: String?)? {
        guard let page = try kept.next() else { return nil }
        try beginPage()
        do throws(StagingError) {
            try kept.forEachBlock(of: page) { (bytes) throws(StagingError) in try feed(bytes) }
            let read = try finishPage()
            guard page.isEqual(to: read) else { throw .damaged("page \(page.number) is not what was read") }
            return (read, page.cursor)
        } catch {
            guard case .page(let failure) = error else { throw error }
            throw .damaged("page \(page.number) cannot be read: \(failure.kind.rawValue)")
        }
    }
}

extension StagingError {
    /// What went wrong with a file that has to be proven: whatever it is, its content is not.
    fileprivate var asDamage: StagingError {
        switch self {
        case .notFound, .otherRun, .otherMapping, .damaged: self
        default: .damaged("\(self)")
        }
    }
}
