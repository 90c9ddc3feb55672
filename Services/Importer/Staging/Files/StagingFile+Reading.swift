import CoreTypes

extension StagingFile {
    /// Starts the next page of the read, or of the sweep between ``beginSweep()`` and ``finishSweep()``.
    public func beginPage() throws(StagingError) {
        precondition(page == .none, "the page before has been neither committed nor abandoned")
        if open == nil {
            try statements.begin.run()
            open = (0, 0)
        } else {
            try statements.savepoint.run()
        }
        page = .open
        let number = (isSweeping ? sweepPages : pageCount) + 1
        recorder.begin(isSweeping ? .sweeping : .reading, page: number, nextBlock: nextBlock)
    }

    /// Whether a page has been begun and neither committed nor abandoned.
    public var hasPage: Bool { page != .none }

    /// Takes a piece of the page's body, of any size.
    ///
    /// - Throws: `.page` when the body is not what it should be; then ``abandonPage()``.
    public func feed(_ bytes: UnsafeRawBufferPointer) throws(StagingError) {
        precondition(page == .open, "no page has been begun")
        try recorder.feed(bytes)
    }

    public func feed(_ bytes: [UInt8]) throws(StagingError) {
        try bytes.withUnsafeBytes { bytes in Result { () throws(StagingError) in try feed(bytes) } }.get()
    }

    /// Checks that the body is complete, and tells what the page held.
    public func finishPage() throws(StagingError) -> ReadPage {
        precondition(page == .open, "no page has been begun")
        let read = try recorder.finish()
        page = .finished(read)
        return read
    }

    /// Makes the page part of the set, together with the place to go on from. Small pages are committed to the file
    /// several at a time.
    ///
    /// - Parameter cursor: how to ask for the next page; nil when this was the last.
    public func commitPage(cursor: String?) throws(StagingError) {
        guard case .finished(let read) = page else { preconditionFailure("the page has not been finished") }
        if isSweeping {
            try insertSweepPage(read)
        } else {
            try insertPage(read, cursor)
        }
        if let open, open.pages > 0 { try statements.release.run() }
        page = .none
        open = open.map { ($0.pages + 1, $0.rows + read.rows) }
        if isSweeping {
            sweepPages = read.number
        } else {
            (pageCount, lastCursor, nextBlock) = (read.number, cursor, recorder.originals.nextBlock)
            rowsRead += read.rows
        }
        if cursor == nil || open?.rows ?? 0 >= Self.commitsAfter { try commitWholePages() }
    }

    func commitWholePages() throws(StagingError) {
        guard open != nil else { return }
        try statements.commit.run()
        open = nil
    }

    /// Forgets the page in hand, as if it had never been begun.
    public func abandonPage() throws(StagingError) {
        guard page != .none else { return }
        page = .none
        guard let open, open.pages > 0 else {
            open = nil
            return try file.execute("ROLLBACK")
        }
        try file.execute("ROLLBACK TO page; RELEASE page")
    }

    private func insertSweepPage(_ read: ReadPage) throws(StagingError) {
        let insert = statements.insertSweepPage
        insert.bind(1, read.number)
        insert.bind(2, read.rows)
        insert.bind(3, read.unreadable)
        try insert.run()
    }

    private func insertPage(_ read: ReadPage, _ cursor: String?) throws(StagingError) {
        let insert = statements.insertPage
        insert.bind(1, read.number)
        insert.bind(2, read.rows)
        insert.bind(3, read.unreadable)
        try insert.bind(4, read.firstKey)
        try insert.bind(5, read.lastKey)
        try insert.bind(6, read.hash)
        insert.bind(7, read.bytes)
        insert.bind(8, recorder.shopRows.products)
        insert.bind(9, recorder.shopRows.prices)
        insert.bind(10, recorder.shopRows.stock)
        insert.bind(11, recorder.originals.nextBlock)
        try insert.bind(12, cursor)
        insert.bind(13, recorder.zeroPrices)
        try insert.bind(14, recorder.stock.value?.description)
        try insert.run()
    }
}

/// The statements around a page.
struct PageStatements {
    let begin, savepoint, release, commit, insertPage, insertSweepPage: SQLiteStatement

    init(_ file: SQLiteFile) throws(StagingError) {
        begin = try file.prepare("BEGIN")
        savepoint = try file.prepare("SAVEPOINT page")
        release = try file.prepare("RELEASE page")
        commit = try file.prepare("COMMIT")
        insertPage = try file.prepare("INSERT INTO page VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        insertSweepPage = try file.prepare("INSERT INTO sweepPage(number, rows, unreadable) VALUES(?, ?, ?)")
    }
}
