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
///
/// What the disk refuses is thrown as ``StorageFault``. After a failed fsync the process does not go on: what it
/// remembers of the file may not be what the disk holds.
public struct ServiceDatabase: Sendable {
    public let writer: any DatabaseWriter
    private let watch: StorageWatch
    private let upkeep: Upkeep

    /// How long a statement waits for whoever holds the file.
    static let busySeconds: Int32 = 5

    /// Opens the file, brings its schema up to date and proves that commits are durable.
    ///
    /// - Parameter onLostTrust: Called when the disk did not keep what was written; as a rule it ends the process.
    /// - Throws: ``DatabaseOpeningError``, ``StorageFault`` when the disk is at fault, or SQLite's error.
    public init(
        _ location: DatabaseLocation, migrator: DatabaseMigrator,
        onLostTrust: @escaping @Sendable (StorageFault) -> Void = ServiceDatabase.endProcess
    ) throws {
        SQLiteLibrary.prepare()
        switch location {
        case .memory:
            watch = StorageWatch(path: ":memory:", onLostTrust: onLostTrust)
            upkeep = Upkeep(watch)
            writer = try DatabaseQueue(configuration: Self.configuration(upkeep))
            try migrator.migrate(writer)
        case .file(let path):
            watch = StorageWatch(path: path, onLostTrust: onLostTrust)
            upkeep = Upkeep(watch)
            do {
                writer = try DatabasePool(path: path, configuration: Self.configuration(upkeep))
                try Self.makeDurable(writer, path: path)
                try Self.bringLogIntoFile(writer, watch)
                try writer.read { db in
                    if try migrator.hasBeenSuperseded(db) { throw DatabaseOpeningError.newerVersion(path: path) }
                }
                try migrator.migrate(writer)
            } catch {
                throw watch.note(error)
            }
        }
    }

    private static func configuration(_ upkeep: Upkeep) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(busySeconds))
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            if !db.configuration.readonly { try upkeep.attach(to: db) }
        }
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

    /// What a process before this one left in the log is written anew and flushed, so that nothing rests on pages an
    /// earlier fsync may have lost.
    private static func bringLogIntoFile(_ writer: any DatabaseWriter, _ watch: StorageWatch) throws {
        do {
            _ = try writer.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            // It can still be read; writing goes on when there is room.
            _ = watch.note(error)
        }
    }

    public func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await writer.read(body)
        } catch {
            throw watch.note(error)
        }
    }

    /// One transaction: committed to the disk when this returns, rolled back when `body` throws.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await writer.writeWithoutTransaction { [watch, upkeep] db in
                var value: Value?
                try db.inTransaction {
                    value = try body(db)
                    return .commit
                }
                watch.wrote()
                upkeep.afterCommit(db)
                guard let value else { preconditionFailure("a committed transaction has a value") }
                return value
            }
        } catch {
            throw watch.note(error)
        }
    }

    /// Copies the database, consistent and while it is in use, into a new file.
    public func backUp(to path: String) async throws {
        let copy = try DatabaseQueue(path: path)
        try writer.backup(to: copy)
        try copy.close()
    }

    /// What is wrong with the disk; nil while the database can be read and written. Part of a service's health.
    ///
    /// A disk with hardly any room counts as full before a write fails. After a fault this writes a little, to see
    /// whether it is over: so a service that looks at its own health recovers without a call that has to fail first.
    public func fault() async -> StorageFault? {
        do {
            _ = try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
            if let lack = watch.lackOfRoom { return lack }
            guard let known = watch.fault else { return nil }
            if known.kind == .damaged {
                guard try await isSound() else { return known }
                watch.foundSound()
            }
            try await write { db in
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            return nil
        } catch let fault as StorageFault {
            return fault
        } catch is CancellationError {
            // Whoever asked has gone; that says nothing of the disk.
            return watch.fault
        } catch {
            return StorageFault(.failing, code: 0, message: "\(error)", path: "")
        }
    }

    /// A disk that fails to read makes SQLite call a sound file malformed: only a look at all of it tells.
    private func isSound() async throws -> Bool {
        try await read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") } == "ok"
    }

    /// Waits for running transactions and closes the file.
    public func close() throws { try writer.close() }
}
