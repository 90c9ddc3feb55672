import CoreTypes
import SchedulerAPI

/// The tables of a staging file.
///
/// Rows are only appended while reading; the one index is built at the end (`StagingFile.seal`), because inserting into
/// an index in the random order of keys costs several times the whole import.
enum StagingSchema {
    static let version = "2"

    /// Nothing here survives the machine, so nothing waits for the disk; a killed process loses the page in hand only.
    ///
    /// A rollback journal holds the few pages that appending changes; a WAL would write every page twice.
    static let settings = """
        PRAGMA page_size = 8192;
        PRAGMA journal_mode = PERSIST;
        PRAGMA synchronous = OFF;
        PRAGMA journal_size_limit = 1048576;
        PRAGMA cache_size = -2000;
        PRAGMA temp_store = FILE;
        """

    static let tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE page(
            number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, unreadable INTEGER NOT NULL, firstKey TEXT, lastKey TEXT,
            hash TEXT NOT NULL, bytes INTEGER NOT NULL, products INTEGER NOT NULL, prices INTEGER NOT NULL,
            stock INTEGER NOT NULL, nextBlock INTEGER NOT NULL, cursor TEXT);
        CREATE TABLE item(
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, products BLOB, prices BLOB, stock BLOB,
            priceRows BLOB, stockRows BLOB, block INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL);
        CREATE TABLE block(id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE unreadable(page INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT, reason TEXT NOT NULL);
        CREATE TABLE sweep(key TEXT NOT NULL);
        CREATE TABLE sweepPage(number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, unreadable INTEGER NOT NULL);
        """

    /// Holds all that tally, digest and difference read, so that they go through it in order and through nothing else.
    static let index = "CREATE INDEX IF NOT EXISTS itemByKey ON item(key, products, prices, stock)"

    static let insertItem = """
        INSERT INTO item(key, name, products, prices, stock, priceRows, stockRows, block, offset, length)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}
