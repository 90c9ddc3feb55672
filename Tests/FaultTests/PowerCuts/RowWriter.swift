import GRDB
import Persistence
import Synchronization

/// Commits numbered rows one by one, and knows the last one that was committed.
final class RowWriter: Sendable {
    private let database: ServiceDatabase
    private let committed = Mutex(0)

    /// - Parameter level: SQLite's `synchronous`; anything but FULL is what the product never does.
    init(at path: String, synchronous level: String) throws {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001") { db in try db.execute(sql: "CREATE TABLE row (number INTEGER PRIMARY KEY)") }
        database = try ServiceDatabase(.file(path), migrator: migrator)
        guard level != "FULL" else { return }
        try database.writer.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = \(level)") }
    }

    var last: Int { committed.withLock { $0 } }

    func run(during body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    let number = self.last + 1
                    try await self.database.write { db in
                        try db.execute(sql: "INSERT INTO row VALUES (?)", arguments: [number])
                    }
                    self.committed.withLock { $0 = number }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func commits(_ more: Int) async throws {
        let goal = last + more
        _ = try await eventually("\(more) commits", every: .milliseconds(1)) { self.last >= goal ? true : nil }
    }

    func close() throws { try database.close() }

    /// - Throws: When SQLite finds the file damaged, whatever its rows.
    static func isLost(upTo last: Int, in path: String) throws -> Bool {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check")
            guard verdict == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: verdict) }
            guard try db.tableExists("row") else { return true }
            return try Int.fetchOne(db, sql: "SELECT count(*) FROM row WHERE number <= ?", arguments: [last]) != last
        }
    }
}
