import CoreTypes
import GRDB
import Persistence
import TestSupport
import Testing

@Suite struct ServiceDatabaseTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func migrator(versions: Int) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for version in 1...versions {
            migrator.registerMigration("00\(version)") { db in
                try db.create(table: "note\(version)") { table in table.column("text", .text).notNull() }
            }
        }
        return migrator
    }

    private func open(versions: Int = 1) throws -> ServiceDatabase {
        try ServiceDatabase(.file(folder.file("a.sqlite")), migrator: migrator(versions: versions))
    }

    @Test func `every commit reaches the disk before it counts`() async throws {
        let database = try open()
        let settings = try await database.writer.writeWithoutTransaction { db in
            (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        #expect(settings.0 == 2)
        #expect(settings.1 == "wal")
    }

    @Test func `rows survive the migration to the next version`() async throws {
        let old = try open()
        try await old.write { db in try db.execute(sql: "INSERT INTO note1 VALUES ('kept')") }
        try old.close()
        let new = try open(versions: 2)
        #expect(try await new.read { db in try String.fetchOne(db, sql: "SELECT text FROM note1") } == "kept")
    }

    @Test func `a file of a newer version is refused and left as it is`() throws {
        try open(versions: 2).close()
        #expect(throws: DatabaseOpeningError.newerVersion(path: folder.file("a.sqlite"))) { try open(versions: 1) }
        try open(versions: 2).close()
    }

    @Test func `a back-up taken while rows are written holds a consistent state`() async throws {
        let database = try open(versions: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<200 {
                    try await database.write { db in
                        try db.execute(sql: "INSERT INTO note1 VALUES (?)", arguments: ["\(number)"])
                        try db.execute(sql: "INSERT INTO note2 VALUES (?)", arguments: ["\(number)"])
                    }
                }
            }
            group.addTask { try await database.backUp(to: folder.file("copy.sqlite")) }
            try await group.waitForAll()
        }
        let copy = try ServiceDatabase(.file(folder.file("copy.sqlite")), migrator: migrator(versions: 2))
        let counts = try await copy.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM note1"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM note2"),
                try String.fetchOne(db, sql: "PRAGMA integrity_check")
            )
        }
        #expect(counts.0 == counts.1)
        #expect(counts.2 == "ok")
    }

    @Test func `instants, ids and decimals come back as they were stored`() async throws {
        let database = try open()
        let id: RunID = Randomness.seeded(3).makeID()
        let price = try #require(ExactDecimal("0.005"))
        try await database.write { db in
            let row = try #require(
                try Row.fetchOne(
                    db, sql: "SELECT ? AS id, ? AS at, ? AS price",
                    arguments: [id, Instant.utc(2026, 3, 2, hour: 6), price]))
            #expect(row["id"] == id)
            #expect(row["at"] == Instant.utc(2026, 3, 2, hour: 6))
            #expect(row["price"] == price)
        }
    }
}
