import Crypto
import SchedulerAPI

extension StagingFile {
    /// Bytes looked at in one go; larger pieces are cut, so that no buffer follows the size of what is fed.
    private static let sliceBytes = 64 << 10

    /// Starts the next page of the read, or of the sweep between ``beginSweep()`` and ``finishSweep()``.
    public func beginPage() throws(StagingError) {
        precondition(page == nil, "the page before has been neither committed nor abandoned")
        precondition(mode == .sweeping || !isSealed, "the read has been sealed")
        try file.execute("BEGIN")
        page = PageInHand(number: (mode == .reading ? pageCount : sweepPages) + 1)
        scanner.reset()
        if mode == .reading {
            originals.beginPage(nextBlock: originals.nextBlock)
            if insertItem == nil { insertItem = try file.prepare(StagingSchema.insertItem) }
        } else if insertSweep == nil {
            insertSweep = try file.prepare("INSERT INTO sweep(key) VALUES(?)")
        }
    }

    /// Takes a piece of the page's body, of any size.
    ///
    /// - Throws: `.page` when the body is not what it should be; then ``abandonPage()``.
    public func feed(_ bytes: UnsafeRawBufferPointer) throws(StagingError) {
        precondition(page != nil, "no page has been begun")
        page!.hash.update(bufferPointer: bytes)
        page!.bytes += bytes.count
        var at = 0
        while at < bytes.count {
            let slice = UnsafeRawBufferPointer(rebasing: bytes[at..<min(at + Self.sliceBytes, bytes.count)])
            at += slice.count
            if mode == .reading { originals.append(slice) }
            while let item = try nextItem(in: slice) { try record(item) }
        }
    }

    public func feed(_ bytes: [UInt8]) throws(StagingError) {
        try bytes.withUnsafeBytes { bytes in Result { () throws(StagingError) in try feed(bytes) } }.get()
    }

    /// Checks that the body is complete, and tells what the page held.
    public func finishPage() throws(StagingError) -> ReadPage {
        guard let page else { preconditionFailure("no page has been begun") }
        do throws(ScanFailure) {
            try scanner.finish()
        } catch {
            throw .page(error)
        }
        if mode == .reading { try cutBlock(atEnd: true) }
        let lastKey = page.firstKey == nil ? nil : String(decoding: lastKey.bytes, as: UTF8.self)
        let read = ReadPage(
            number: page.number, rows: page.rows, unreadable: page.unreadable, firstKey: page.firstKey,
            lastKey: lastKey, hash: ContentHash.hex(page.hash.finalize().prefix(16)), bytes: page.bytes,
            members: scanner.members)
        self.page?.finished = read
        return read
    }

    /// Makes the page part of the set, together with the place to go on from.
    ///
    /// - Parameter cursor: how to ask for the next page; nil when this was the last.
    public func commitPage(cursor: String?) throws(StagingError) {
        guard let page, let read = page.finished else { preconditionFailure("the page has not been finished") }
        if mode == .reading {
            try insertPage(read, page, cursor)
        } else {
            let insert = try file.prepare("INSERT INTO sweepPage(number, rows, unreadable) VALUES(?, ?, ?)")
            insert.bind(1, read.number)
            insert.bind(2, read.rows)
            insert.bind(3, read.unreadable)
            try insert.run()
        }
        try file.execute("COMMIT")
        self.page = nil
        if mode == .reading {
            (pageCount, lastCursor) = (read.number, cursor)
            rowsRead += read.rows
        } else {
            sweepPages = read.number
        }
    }

    /// Forgets the page in hand, as if it had never been begun.
    public func abandonPage() throws(StagingError) {
        guard page != nil else { return }
        page = nil
        try file.execute("ROLLBACK")
        if mode == .reading {
            let next = try file.integer("SELECT nextBlock FROM page ORDER BY number DESC LIMIT 1")
            originals.beginPage(nextBlock: max(next, 1))
        }
    }

    // MARK: Items

    @inline(__always)
    private func nextItem(in slice: UnsafeRawBufferPointer) throws(StagingError) -> ScannedItem? {
        do throws(ScanFailure) {
            return try scanner.next(in: slice)
        } catch {
            throw .page(error)
        }
    }

    private func record(_ item: ScannedItem) throws(StagingError) {
        page!.rows &+= 1
        let place = mode == .reading ? originals.place(of: item) : nil
        do throws(UnreadableReason) {
            try mapper.map(item, keyOnly: mode == .sweeping)
        } catch {
            return try recordUnreadable(item, error)
        }
        if page!.firstKey == nil { page!.firstKey = String(decoding: mapper.key.bytes, as: UTF8.self) }
        lastKey.clear()
        lastKey.append(mapper.key.bytes)
        guard let place else {
            insertSweep!.bindText(1, mapper.key.bytes)
            return try insertSweep!.run()
        }
        try insert(place)
        if originals.isFull { try cutBlock(atEnd: false) }
    }

    @inline(__always)
    private func insert(_ place: OriginalBytes.Place) throws(StagingError) {
        let insert = insertItem.unsafelyUnwrapped
        insert.bindText(1, mapper.key.bytes)
        insert.bindText(2, mapper.name.bytes)
        bindHash(insert, 3, .products, at: 0)
        bindHash(insert, 4, .prices, at: ContentHash.length)
        bindHash(insert, 5, .stock, at: 2 &* ContentHash.length)
        mapper.withRows(of: .prices) { insert.bindBlob(6, $0.list.base, $0.list.count) }
        mapper.withRows(of: .stock) { insert.bindBlob(7, $0.list.base, $0.list.count) }
        insert.bind(8, page!.number)
        insert.bind(9, place.block)
        insert.bind(10, place.offset)
        insert.bind(11, place.length)
        try insert.run()
        page!.shopRows.products &+= mapping.product == nil ? 0 : 1
        page!.shopRows.prices &+= mapper.withRows(of: .prices) { $0.count }
        page!.shopRows.stock &+= mapper.withRows(of: .stock) { $0.count }
    }

    /// The hash of an item's rows in a dataset; a dataset that is not part of the run has none.
    @inline(__always)
    private func bindHash(_ insert: SQLiteStatement, _ index: Int, _ module: Module, at offset: Int) {
        let isPart =
            switch module {
            case .products: mapping.product != nil
            case .prices: mapping.prices != nil
            case .stock: mapping.stock != nil
            }
        guard isPart else { return insert.bindNull(index) }
        mapper.withRows(of: module) { ContentHash.write($0.bytes.bytes, to: hashes + offset) }
        insert.bindBlob(index, hashes + offset, ContentHash.length)
    }

    private func recordUnreadable(_ item: ScannedItem, _ reason: UnreadableReason) throws(StagingError) {
        page!.unreadable += 1
        guard mode == .reading else { return }
        let insert = try file.prepare("INSERT INTO unreadable(page, position, key, reason) VALUES(?, ?, ?, ?)")
        insert.bind(1, page!.number)
        insert.bind(2, item.position)
        let known = String(decoding: mapper.key.bytes.prefix(400), as: UTF8.self)
        try insert.bind(3, known.isEmpty ? nil : known)
        try insert.bind(4, reason.rawValue)
        try insert.run()
    }

    private func cutBlock(atEnd: Bool) throws(StagingError) {
        let insert = try file.prepare("INSERT INTO block(id, bytes, body) VALUES(?, ?, ?)")
        try originals.cut(atEnd: atEnd) { (block, bytes) throws(StagingError) in
            try compressor.pack(bytes) { (packed) throws(StagingError) in
                insert.bind(1, block)
                insert.bind(2, bytes.count)
                insert.bindBlob(3, packed.baseAddress!.assumingMemoryBound(to: UInt8.self), packed.count)
                try insert.run()
            }
        }
    }

    private func insertPage(_ read: ReadPage, _ page: PageInHand, _ cursor: String?) throws(StagingError) {
        let insert = try file.prepare("INSERT INTO page VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insert.bind(1, read.number)
        insert.bind(2, read.rows)
        insert.bind(3, read.unreadable)
        try insert.bind(4, read.firstKey)
        try insert.bind(5, read.lastKey)
        try insert.bind(6, read.hash)
        insert.bind(7, read.bytes)
        insert.bind(8, page.shopRows.products)
        insert.bind(9, page.shopRows.prices)
        insert.bind(10, page.shopRows.stock)
        insert.bind(11, originals.nextBlock)
        try insert.bind(12, cursor)
        try insert.run()
    }
}
