import CoreTypes
import SchedulerAPI

/// The tables of a staging file.
///
/// Rows are only appended while reading. Where the keys did not come in order, an index is built at the end
/// (`StagingFile.seal`): inserting into one in the random order of keys costs several times the whole import.
enum StagingSchema {
    static let version = "4"

    /// Nothing here survives the machine, so nothing waits for the disk; a killed process loses what it has not committed.
    ///
    /// A rollback journal holds the few pages that appending changes; a WAL would write every page twice.
    /// Nobody else looks into the file before it is sealed, so it is not locked and looked at anew for every page.
    static let settings = """
        PRAGMA page_size = 8192;
        PRAGMA journal_mode = PERSIST;
        PRAGMA synchronous = OFF;
        PRAGMA cache_size = -2000;
        PRAGMA temp_store = FILE;
        """

    static let alone = "PRAGMA locking_mode = EXCLUSIVE"
    /// The lock is let go of by the next look into the file.
    static let shared = "PRAGMA locking_mode = NORMAL; SELECT count(*) FROM meta"

    static let tables = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE page(
            number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, unreadable INTEGER NOT NULL, firstKey TEXT, lastKey TEXT,
            hash TEXT NOT NULL, bytes INTEGER NOT NULL, products INTEGER NOT NULL, prices INTEGER NOT NULL,
            stock INTEGER NOT NULL, nextBlock INTEGER NOT NULL, cursor TEXT, zeroPrices INTEGER NOT NULL,
            stockSum TEXT);
        CREATE TABLE item(
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, products BLOB, prices BLOB, stock BLOB,
            priceRows BLOB, stockRows BLOB, block INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL);
        CREATE TABLE block(id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE unreadable(page INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT, reason TEXT NOT NULL);
        CREATE TABLE sweep(key TEXT NOT NULL);
        CREATE TABLE sweepPage(number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, unreadable INTEGER NOT NULL);
        """

    /// For keys that did not come in order. Holds all that tally, digest and difference read, so that they go through it
    /// in order and through nothing else.
    static let index = "CREATE INDEX IF NOT EXISTS itemByKey ON item(key, products, prices, stock)"

    static let insertItem = """
        INSERT INTO item(key, name, products, prices, stock, priceRows, stockRows, block, offset, length)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

/// How a sealed set is gone through in the order of its keys.
enum KeyOrder: String {
    /// The keys came in order, each once: in the order they were read.
    case asRead
    /// Through the index.
    case byIndex

    /// What follows FROM.
    ///
    /// - Parameter item: the table, with an alias if it has one.
    func items(_ item: String) -> String {
        switch self {
        case .asRead: "\(item) ORDER BY id"
        case .byIndex: "\(item) INDEXED BY itemByKey ORDER BY key"
        }
    }
}
