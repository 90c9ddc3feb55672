import Crypto
import SchedulerAPI

/// The hot path: bytes of a page in, rows of the staging file out.
///
/// One value with all its buffers, so that nothing is counted or checked twice for each item.
struct PageRecorder: ~Copyable {
    enum Mode { case reading, sweeping }

    /// Bytes looked at in one go; larger pieces are cut, so that no buffer follows the size of what is fed.
    private static let sliceBytes = 64 << 10

    private(set) var mode = Mode.reading
    private let compressor: Compressor
    private let has: (products: Bool, prices: Bool, stock: Bool)
    private var scanner: ItemScanner
    private var mapper: ItemMapper
    private(set) var originals = OriginalBytes(nextBlock: 1)
    /// Room for the three content hashes of the item in hand.
    private let hashes = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * ContentHash.length)
    private let insertItem: SQLiteStatement
    private let insertUnreadable: SQLiteStatement
    private let insertBlock: SQLiteStatement
    private let insertSweep: SQLiteStatement

    /// The statements that write a page.
    struct Inserts {
        let item: SQLiteStatement
        let unreadable: SQLiteStatement
        let block: SQLiteStatement
        let sweep: SQLiteStatement

        init(_ file: SQLiteFile) throws(StagingError) {
            item = try file.prepare(StagingSchema.insertItem)
            unreadable = try file.prepare("INSERT INTO unreadable(page, position, key, reason) VALUES(?, ?, ?, ?)")
            block = try file.prepare("INSERT INTO block(id, bytes, body) VALUES(?, ?, ?)")
            sweep = try file.prepare("INSERT INTO sweep(key) VALUES(?)")
        }
    }

    // Figures of the page in hand.
    private var number = 0
    private var pageHash = SHA256()
    private var pageBytes = 0
    private var rows = 0
    private var unreadable = 0
    private var firstKey: String?
    private var lastKey = GrowingBytes(capacity: 256)
    private(set) var shopRows: (products: Int, prices: Int, stock: Int) = (0, 0, 0)
    /// Prices that are 0, and the sum of what is available.
    private(set) var zeroPrices = 0
    private(set) var stock = ExactSum()

    init(_ inserts: Inserts, _ compressor: Compressor, _ mapping: CompiledMapping, _ pages: PageLayout) {
        self.compressor = compressor
        has = (mapping.product != nil, mapping.prices != nil, mapping.stock != nil)
        scanner = ItemScanner(pages)
        mapper = ItemMapper(mapping)
        (insertItem, insertUnreadable) = (inserts.item, inserts.unreadable)
        (insertBlock, insertSweep) = (inserts.block, inserts.sweep)
    }

    deinit { hashes.deallocate() }

    mutating func begin(_ mode: Mode, page: Int, nextBlock: Int) {
        self.mode = mode
        number = page
        pageHash = SHA256()
        (pageBytes, rows, unreadable) = (0, 0, 0)
        firstKey = nil
        shopRows = (0, 0, 0)
        zeroPrices = 0
        stock = ExactSum()
        scanner.reset()
        originals.beginPage(nextBlock: nextBlock)
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(StagingError) {
        pageHash.update(bufferPointer: bytes)
        pageBytes += bytes.count
        var at = 0
        while at < bytes.count {
            let slice = UnsafeRawBufferPointer(rebasing: bytes[at..<min(at + Self.sliceBytes, bytes.count)])
            at += slice.count
            if mode == .reading { originals.append(slice) }
            while let item = try nextItem(in: slice) { try record(item) }
        }
    }

    mutating func finish() throws(StagingError) -> ReadPage {
        do throws(ScanFailure) {
            try scanner.finish()
        } catch {
            throw .page(error)
        }
        if mode == .reading { try cutBlock(atEnd: true) }
        return ReadPage(
            number: number, rows: rows, unreadable: unreadable, firstKey: firstKey,
            lastKey: firstKey == nil ? nil : String(decoding: lastKey.bytes, as: UTF8.self),
            hash: ContentHash.hex(pageHash.finalize().prefix(16)), bytes: pageBytes, members: scanner.members)
    }

    // MARK: Items

    @inline(__always)
    private mutating func nextItem(in slice: UnsafeRawBufferPointer) throws(StagingError) -> ScannedItem? {
        do throws(ScanFailure) {
            return try scanner.next(in: slice)
        } catch {
            throw .page(error)
        }
    }

    private mutating func record(_ item: ScannedItem) throws(StagingError) {
        rows &+= 1
        let isSweep = mode == .sweeping
        let place = isSweep ? nil : originals.place(of: item)
        do throws(UnreadableReason) {
            try mapper.map(item, keyOnly: isSweep)
        } catch {
            return try recordUnreadable(item, error)
        }
        if firstKey == nil { firstKey = String(decoding: mapper.key.bytes, as: UTF8.self) }
        lastKey.clear()
        lastKey.append(mapper.key.bytes)
        guard let place else {
            insertSweep.bindText(1, mapper.key.bytes)
            return try insertSweep.run()
        }
        try insert(place)
        if originals.isFull { try cutBlock(atEnd: false) }
    }

    @inline(__always)
    private mutating func insert(_ place: OriginalBytes.Place) throws(StagingError) {
        insertItem.bindText(1, mapper.key.bytes)
        insertItem.bindText(2, mapper.name.bytes)
        if has.products {
            ContentHash.write(mapper.products.bytes.bytes, to: hashes)
            insertItem.bindBlob(3, hashes, ContentHash.length)
            shopRows.products &+= 1
        }
        if has.prices {
            let hash = hashes + ContentHash.length
            mapper.withRows(of: .prices) { rows in
                ContentHash.write(rows.bytes.bytes, to: hash)
                insertItem.bindBlob(6, rows.list.base, rows.list.count)
            }
            insertItem.bindBlob(4, hash, ContentHash.length)
            shopRows.prices &+= mapper.withRows(of: .prices) { $0.count }
            zeroPrices &+= mapper.withRows(of: .prices) { $0.zeroPrices }
        }
        if has.stock {
            let hash = hashes + 2 &* ContentHash.length
            mapper.withRows(of: .stock) { rows in
                ContentHash.write(rows.bytes.bytes, to: hash)
                insertItem.bindBlob(7, rows.list.base, rows.list.count)
            }
            insertItem.bindBlob(5, hash, ContentHash.length)
            shopRows.stock &+= mapper.withRows(of: .stock) { $0.count }
            stock.add(mapper.withRows(of: .stock) { $0.stock })
        }
        insertItem.bind(8, place.block)
        insertItem.bind(9, place.offset)
        insertItem.bind(10, place.length)
        try insertItem.run()
    }

    private mutating func recordUnreadable(_ item: ScannedItem, _ reason: UnreadableReason) throws(StagingError) {
        unreadable += 1
        guard mode == .reading else { return }
        insertUnreadable.bind(1, number)
        insertUnreadable.bind(2, item.position)
        let known = String(decoding: mapper.key.bytes.prefix(400), as: UTF8.self)
        try insertUnreadable.bind(3, known.isEmpty ? nil : known)
        try insertUnreadable.bind(4, reason.rawValue)
        try insertUnreadable.run()
    }

    private mutating func cutBlock(atEnd: Bool) throws(StagingError) {
        try originals.cut(atEnd: atEnd) { (block, bytes) throws(StagingError) in
            try compressor.pack(bytes) { (packed) throws(StagingError) in
                insertBlock.bind(1, block)
                insertBlock.bind(2, bytes.count)
                insertBlock.bindBlob(3, packed.baseAddress!.assumingMemoryBound(to: UInt8.self), packed.count)
                try insertBlock.run()
            }
        }
    }
}
