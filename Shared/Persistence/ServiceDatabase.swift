public import GRDB

/// Where a service keeps its database.
public enum DatabaseLocation: Sendable, Equatable {
    /// A SQLite file; its folder must exist. The service is the only process that opens it.
    case file(String)
    /// Gone with the value; for tests.
    case memory
}

/// Why a database was not opened.
public enum DatabaseOpeningError: Error, Equatable, CustomStringConvertible {
    /// The file was last written by a newer version of the service; this one would damage it.
    case newerVersion(path: String)
    /// SQLite did not take `synchronous=FULL`: acknowledged rows could be lost at a power cut.
    case notDurable(path: String)

    public var description: String {
        switch self {
        case .newerVersion(let path):
            "\(path) was written by a newer version of this service. Install that version again, or restore a back-up."
        case .notDurable(let path):
            "\(path) cannot be opened durably (synchronous=FULL was not taken). Check the file system it lies on."
        }
    }
}

/// The SQLite database of one service: WAL, every commit on the disk before it counts, migrated when opened.
public struct ServiceDatabase: Sendable {
    public let writer: any DatabaseWriter

    /// Opens the file, brings its schema up to date and proves that commits are durable.
    ///
    /// - Throws: ``DatabaseOpeningError``, or SQLite's error when the file cannot be opened or migrated.
    public init(_ location: DatabaseLocation, migrator: DatabaseMigrator) throws {
        switch location {
        case .memory:
            writer = try DatabaseQueue(configuration: Self.configuration)
        case .file(let path):
            writer = try DatabasePool(path: path, configuration: Self.configuration)
            try Self.makeDurable(writer, path: path)
            try writer.read { db in
                if try migrator.hasBeenSuperseded(db) { throw DatabaseOpeningError.newerVersion(path: path) }
            }
        }
        try migrator.migrate(writer)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        return configuration
    }

    /// GRDB's pool sets `synchronous=NORMAL` after `prepareDatabase`, and NORMAL loses acknowledged rows at a power
    /// cut. So it is set here, after opening, and read back.
    private static func makeDurable(_ writer: any DatabaseWriter, path: String) throws {
        let level = try writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        guard level == 2 else { throw DatabaseOpeningError.notDurable(path: path) }
    }

    public func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await writer.read(body)
    }

    /// One transaction: committed to the disk when this returns, rolled back when `body` throws.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await writer.write(body)
    }

    /// Copies the database, consistent and while it is in use, into a new file.
    public func backUp(to path: String) async throws {
        let copy = try DatabaseQueue(path: path)
        try writer.backup(to: copy)
        try copy.close()
    }

    /// Whether the database answers and is writable: part of a service's health.
    public func isUsable() async -> Bool {
        (try? await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1") }) == 1
    }

    /// Waits for running transactions and closes the file.
    public func close() throws { try writer.close() }
}
