extension StagingFile {
    /// Starts a second reading of the source that takes keys only; forgets one made before.
    ///
    /// Pages are then fed with the same calls as those of the read. The set itself does not change.
    public func beginSweep() throws(StagingError) {
        precondition(page == .none, "a page is still in hand")
        guard isSealed else { throw .notSealed }
        try file.execute("DELETE FROM sweep; DELETE FROM sweepPage")
        sweepPages = 0
        isSweeping = true
    }

    /// Ends the sweep and compares its keys with those of the read.
    public func finishSweep() throws(StagingError) -> SweepFigures {
        precondition(page == .none && isSweeping, "no sweep has been begun, or a page is still in hand")
        guard let keyOrder else { throw .notSealed }
        isSweeping = false
        try commitWholePages()
        let keys = try compareKeys(keyOrder)
        return SweepFigures(
            rowsRead: try file.integer("SELECT sum(rows) FROM sweepPage"), distinctKeys: keys.swept,
            notReadBefore: keys.notReadBefore, goneSince: keys.goneSince, sameDuplicates: keys.sameDuplicates,
            unreadableCount: try file.integer("SELECT sum(unreadable) FROM sweepPage"))
    }

    /// Keys that came in order are compared as they came; others are sorted first.
    private func compareKeys(_ order: KeyOrder) throws(StagingError) -> SweepWalk.Figures {
        for swept in ["rowid", "key"] {
            let read = try RisingKeys(file.prepare("SELECT key FROM \(order.items("item"))"))
            let swept = try RisingKeys(file.prepare("SELECT key FROM sweep ORDER BY \(swept)"))
            if let figures = try SweepWalk(read, swept).compared() { return figures }
        }
        throw .damaged("the order of a staged set")
    }
}

/// Steps through the keys of the read and those of the sweep together, and looks at each once.
private struct SweepWalk: ~Copyable {
    struct Figures {
        /// Different keys of the sweep.
        var swept = 0
        var notReadBefore = 0
        var goneSince = 0
        var sameDuplicates = true
    }

    private var read: RisingKeys
    private var swept: RisingKeys

    init(_ read: consuming RisingKeys, _ swept: consuming RisingKeys) {
        self.read = read
        self.swept = swept
    }

    /// nil when the keys of one of them are not in order.
    consuming func compared() throws(StagingError) -> Figures? {
        var figures = Figures()
        try read.next()
        try swept.next()
        while let order = order() {
            if order < 0 {
                figures.goneSince &+= 1
            } else {
                figures.swept &+= 1
                if order > 0 { figures.notReadBefore &+= 1 }
            }
            // A key that only one of them has cannot be there twice in both.
            let twice = (order <= 0 && read.isRepeated, order >= 0 && swept.isRepeated)
            if twice.0 != twice.1 { figures.sameDuplicates = false }
            if order <= 0 { try read.next() }
            if order >= 0 { try swept.next() }
        }
        return read.areInOrder && swept.areInOrder ? figures : nil
    }

    /// Which of the two keys in hand comes first; nil at the end of both, or where one has lost its order.
    private func order() -> Int? {
        guard read.areInOrder, swept.areInOrder, read.hasKey || swept.hasKey else { return nil }
        guard read.hasKey, swept.hasKey else { return read.hasKey ? -1 : 1 }
        return ShortBytes.order(read.key, swept.key)
    }
}

/// Keys one after the other, each once, and whether it came more than once.
private struct RisingKeys: ~Copyable {
    private let keys: SQLiteStatement
    private var current = GrowingBytes(capacity: 256)
    /// Whether the statement stands on the next key.
    private var isAhead: Bool
    private(set) var hasKey = false
    private(set) var isRepeated = false
    private(set) var areInOrder = true

    init(_ keys: SQLiteStatement) throws(StagingError) {
        self.keys = keys
        isAhead = try keys.step()
    }

    var key: UnsafeRawBufferPointer { current.bytes }

    /// Goes on to the next key, and past those that are the same.
    @inline(__always)
    mutating func next() throws(StagingError) {
        hasKey = isAhead
        isRepeated = false
        guard hasKey else { return }
        current.clear()
        current.append(keys.bytes(0))
        isAhead = try keys.step()
        while isAhead {
            let above = ShortBytes.order(keys.bytes(0), current.bytes)
            if above < 0 { areInOrder = false }
            guard above == 0 else { return }
            isRepeated = true
            isAhead = try keys.step()
        }
    }
}
