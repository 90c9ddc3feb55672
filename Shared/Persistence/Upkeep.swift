import GRDB
import GRDBSQLite
import Synchronization

/// Keeps a database's files small while it runs: brings the write-ahead log into the file, and gives pages that rows
/// left behind back to the disk. Runs on the writer, after commits.
final class Upkeep: Sendable {
    /// Of 4 KiB: the log is brought into the file when it has so many pages, as SQLite would by itself.
    static let logPages = 1000
    /// Past so many (32 MiB) somebody reads without end, and the log can only begin anew once they are waited for.
    static let logPagesPinned = 8192
    /// The log's file is cut to this when it begins anew, in bytes.
    static let logBytesKept = 16 << 20
    /// Free pages the file may keep for the next rows (16 MiB).
    static let freePagesKept: Int64 = 4096

    private struct State {
        var pages = 0
        var commits = 0
    }

    private let state = Mutex(State())
    private let watch: StorageWatch

    init(_ watch: StorageWatch) { self.watch = watch }

    /// Before the connection's first statement. Whoever calls keeps the value as long as the connection.
    func attach(to db: Database) throws {
        // Taken by a new file only; an older one keeps its free pages for later rows.
        try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try db.execute(sql: "PRAGMA journal_size_limit = \(Self.logBytesKept)")
        // Instead of SQLite's own checkpoint, whose errors nobody hears of.
        sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                if let context { Unmanaged<Upkeep>.fromOpaque(context).takeUnretainedValue().committed(pages) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func committed(_ pages: Int32) {
        state.withLock { state in
            state.pages = Int(pages)
            state.commits += 1
        }
    }

    /// The transaction before this counts whatever happens here: faults are noted, never thrown.
    func afterCommit(_ db: Database) {
        let (pages, commits) = state.withLock { ($0.pages, $0.commits) }
        do {
            if commits % 16 == 0 { try shrink(db) }
            guard pages >= Self.logPages else { return }
            let log = try db.checkpoint(.passive)
            guard pages >= Self.logPagesPinned, log.checkpointedFrameCount < log.walFrameCount else { return }
            try beginLogAnew(db)
        } catch {
            _ = watch.note(error)
        }
    }

    /// Readers that follow each other without a gap would keep the log growing: this waits, a moment only, until none
    /// reads from it.
    private func beginLogAnew(_ db: Database) throws {
        sqlite3_busy_timeout(db.sqliteConnection, 250)
        defer { sqlite3_busy_timeout(db.sqliteConnection, ServiceDatabase.busySeconds * 1000) }
        do {
            _ = try db.checkpoint(.truncate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Tried again with the next commit.
        }
    }

    /// Gives back 2 MiB at a time, so that no caller waits long.
    private func shrink(_ db: Database) throws {
        let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        guard free > Self.freePagesKept else { return }
        // Stepped to its end: it frees one page a row.
        _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(512)")
    }
}
