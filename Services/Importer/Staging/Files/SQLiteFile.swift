import GRDBSQLite
import Persistence

/// One connection to a SQLite file, through the C interface: the item path binds bytes, no text is made of them.
///
/// Not for several threads at once.
final class SQLiteFile {
    private(set) var handle: OpaquePointer?
    let path: String
    private let onLostTrust: @Sendable (StorageFault) -> Void

    /// - Parameter onLostTrust: called when the disk did not keep what was flushed; only what a fresh start finds there
    ///   counts.
    init(
        _ path: String, creates: Bool, onLostTrust: @escaping @Sendable (StorageFault) -> Void
    ) throws(StagingError) {
        SQLiteLibrary.prepare()
        self.path = path
        self.onLostTrust = onLostTrust
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (creates ? SQLITE_OPEN_CREATE : 0)
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK else {
            close()
            throw code == SQLITE_CANTOPEN && !creates ? .notFound : failure(code, "cannot open the file")
        }
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit { close() }

    /// Ends the connection and all its statements; a transaction that is open is rolled back.
    func close() {
        guard handle != nil else { return }
        while let statement = sqlite3_next_stmt(handle, nil) { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Ends what statements are still reading, so that an attached file can be let go of.
    func resetStatements() {
        var statement = sqlite3_next_stmt(handle, nil)
        while statement != nil {
            sqlite3_reset(statement)
            statement = sqlite3_next_stmt(handle, statement)
        }
    }

    func execute(_ sql: String) throws(StagingError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    func prepare(_ sql: String) throws(StagingError) -> SQLiteStatement {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        guard let statement else { throw .database(code: SQLITE_MISUSE, message: "an empty statement") }
        return SQLiteStatement(statement, of: self)
    }

    @inline(__always)
    func check(_ code: Int32) throws(StagingError) {
        if code != SQLITE_OK, code != SQLITE_DONE, code != SQLITE_ROW { throw failure(code) }
    }

    @inline(never)
    private func failure(_ code: Int32) -> StagingError {
        let message = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "no connection"
        return failure(code, message)
    }

    private func failure(_ code: Int32, _ message: String) -> StagingError {
        guard let fault = StorageFault(code: code, message: message, path: path) else {
            return .database(code: code, message: message)
        }
        if fault.kind == .notKept { onLostTrust(fault) }
        return .storage(fault)
    }

    /// The one value of a query; nil for no row.
    func text(_ sql: String, _ arguments: String...) throws(StagingError) -> String? {
        let statement = try prepare(sql)
        for (index, argument) in arguments.enumerated() { try statement.bind(index + 1, argument) }
        return try statement.step() ? statement.text(0) : nil
    }

    func integer(_ sql: String, _ arguments: String...) throws(StagingError) -> Int {
        let statement = try prepare(sql)
        for (index, argument) in arguments.enumerated() { try statement.bind(index + 1, argument) }
        return try statement.step() ? statement.integer(0) : 0
    }

    /// Runs `body` in one transaction; after a throw nothing of it remains.
    func transaction<Result>(_ body: () throws(StagingError) -> Result) throws(StagingError) -> Result {
        try execute("BEGIN")
        do throws(StagingError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }
}

/// A prepared statement. Bound bytes are not copied: they must stay as they are until the step that uses them.
final class SQLiteStatement {
    private let statement: OpaquePointer
    private let file: SQLiteFile

    init(_ statement: OpaquePointer, of file: SQLiteFile) {
        self.statement = statement
        self.file = file
    }

    deinit {
        if file.handle != nil { sqlite3_finalize(statement) }
    }

    /// Goes on to the next row; false at the end. A statement at its end starts again only after ``reset()``.
    @inline(__always)
    func step() throws(StagingError) -> Bool {
        let code = sqlite3_step(statement)
        if code == SQLITE_ROW { return true }
        try file.check(code)
        return false
    }

    @inline(__always)
    func reset() { sqlite3_reset(statement) }

    /// Steps once and makes the statement ready for its next use.
    @inline(__always)
    func run() throws(StagingError) {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        try file.check(code)
    }

    // MARK: Arguments, from 1

    @inline(__always)
    func bind(_ index: Int, _ value: Int) { sqlite3_bind_int64(statement, Int32(index), Int64(value)) }

    @inline(__always)
    func bindText(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        sqlite3_bind_text(statement, Int32(index), start, Int32(truncatingIfNeeded: bytes.count), nil)
    }

    @inline(__always)
    func bindBlob(_ index: Int, _ start: UnsafePointer<UInt8>, _ length: Int) {
        sqlite3_bind_blob(statement, Int32(index), start, Int32(truncatingIfNeeded: length), nil)
    }

    @inline(__always)
    func bindNull(_ index: Int) { sqlite3_bind_null(statement, Int32(index)) }

    /// Copies the text; for what is bound once.
    func bind(_ index: Int, _ text: String?) throws(StagingError) {
        guard var text else { return bindNull(index) }
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                sqlite3_bind_text(
                    statement, Int32(index), characters.baseAddress, Int32(characters.count), transient)
            }
        }
        try file.check(code)
    }

    // MARK: Columns, from 0, valid until the next step

    @inline(__always)
    func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(column))) }

    @inline(__always)
    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    @inline(__always)
    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, Int32(column))
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column))))
    }

    func text(_ column: Int) -> String? {
        isNull(column) ? nil : String(decoding: bytes(column), as: UTF8.self)
    }
}
