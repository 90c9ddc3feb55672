import Crypto
import SchedulerAPI

extension StagingFile {
    /// Whether the read is complete, and the set can be gone through in the order of its keys.
    var isSealed: Bool { keyOrder != nil }

    /// Ends the read and tells what it brought. Called again, for a held run too, it looks again and tells the same.
    public func seal() throws(StagingError) -> StagedFigures {
        precondition(page == .none, "a page is still in hand")
        try commitWholePages()
        let walk = try walkInOrder()
        var rows: [Module: Int] = [:]
        for module in mapping.modules {
            rows[module] = try file.integer("SELECT sum(\(module.rawValue)) FROM page")
        }
        let unreadableCount = try file.integer("SELECT sum(unreadable) FROM page")
        return StagedFigures(
            rowsRead: rowsRead, distinctKeys: walk.distinct, duplicates: try pages(ofKeys: walk.duplicates),
            duplicateKeyCount: walk.duplicateCount, unreadable: try unreadableItems(),
            unreadableCount: unreadableCount, digest: walk.digest, rows: rows)
    }

    /// Tells the evidence of all pages, in order.
    public func forEachPage(_ body: (PageRecord) -> Void) throws(StagingError) {
        let select = try file.prepare("SELECT number, rows, firstKey, lastKey, hash FROM page ORDER BY number")
        while try select.step() {
            body(
                PageRecord(
                    number: select.integer(0), rows: select.integer(1), firstKey: select.text(2),
                    lastKey: select.text(3), hash: select.text(4) ?? ""))
        }
    }

    private struct KeyWalk {
        var distinct = 0
        var duplicates: [String] = []
        var duplicateCount = 0
        var digest = ""

        mutating func noteDuplicate(_ key: UnsafeRawBufferPointer) {
            duplicateCount += 1
            guard duplicates.count < StagedFigures.namedMax else { return }
            duplicates.append(String(decoding: key, as: UTF8.self))
        }
    }

    /// Keys that came in order need no index: the walk itself shows that each is above the one before. Otherwise the
    /// index is built, and gone through.
    private func walkInOrder() throws(StagingError) -> KeyWalk {
        if keyOrder != .byIndex, let walk = try walkKeys(.asRead) {
            try noteSealed(.asRead)
            return walk
        }
        try file.execute(StagingSchema.index)
        guard let walk = try walkKeys(.byIndex) else { throw .damaged("the index of a staging file") }
        try noteSealed(.byIndex)
        return walk
    }

    /// From now on the published set looks into the file too.
    private func noteSealed(_ order: KeyOrder) throws(StagingError) {
        let note = try file.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES('sealed', ?)")
        try note.bind(1, order.rawValue)
        try note.run()
        try file.execute(StagingSchema.shared)
        keyOrder = order
    }

    /// Goes through all keys in order, once: counts them, finds those that come twice, and hashes keys and hashes.
    ///
    /// - Returns: nil when the keys are not in this order, or without an index are there twice.
    private func walkKeys(_ order: KeyOrder) throws(StagingError) -> KeyWalk? {
        let select = try file.prepare("SELECT key, products, prices, stock FROM \(order.items("item"))")
        var walk = KeyWalk()
        var hash = SHA256()
        var pending = GrowingBytes(capacity: 1 << 16)
        var last = GrowingBytes(capacity: 256)
        var repeated = 0
        while try select.step() {
            let key = select.bytes(0)
            let above = ShortBytes.order(key, last.bytes)
            if above > 0 {
                walk.distinct &+= 1
                repeated = 0
                last.clear()
                last.append(key)
            } else {
                guard above == 0, order == .byIndex else { return nil }
                repeated &+= 1
                if repeated == 1 { walk.noteDuplicate(key) }
            }
            pending.append(littleEndian: UInt32(truncatingIfNeeded: key.count))
            pending.append(key)
            for column in 1...3 {
                let content = select.bytes(column)
                pending.append(UInt8(truncatingIfNeeded: content.count))
                pending.append(content)
            }
            if pending.count > 60_000 {
                hash.update(bufferPointer: pending.bytes)
                pending.clear()
            }
        }
        hash.update(bufferPointer: pending.bytes)
        walk.digest = ContentHash.hex(hash.finalize())
        return walk
    }

    private func pages(ofKeys keys: [String]) throws(StagingError) -> [DuplicateKey] {
        let select = try file.prepare(
            """
            SELECT (SELECT min(number) FROM page WHERE nextBlock > block) FROM item WHERE key = ?
            ORDER BY id LIMIT \(StagedFigures.pagesPerKeyMax)
            """)
        var duplicates: [DuplicateKey] = []
        for key in keys {
            select.reset()
            try select.bind(1, key)
            var pages: [Int] = []
            while try select.step() { pages.append(select.integer(0)) }
            duplicates.append(DuplicateKey(key: key, pages: pages))
        }
        return duplicates
    }

    private func unreadableItems() throws(StagingError) -> [UnreadableItem] {
        let select = try file.prepare(
            "SELECT page, position, key, reason FROM unreadable ORDER BY rowid LIMIT \(StagedFigures.namedMax)")
        var items: [UnreadableItem] = []
        while try select.step() {
            items.append(
                UnreadableItem(
                    page: select.integer(0), position: select.integer(1), key: select.text(2),
                    reason: select.text(3) ?? ""))
        }
        return items
    }
}
