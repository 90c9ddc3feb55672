import CoreTypes
import Foundation
import GRDB
import Persistence
import Synchronization
import TestSupport
import Testing

/// Every call to the disk fails once, one after the other; whatever was acknowledged is there afterwards.
@Suite(.serialized) struct FailingDiskTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try #require(FailingDisk.installed)
    }

    private var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001") { db in try db.execute(sql: "CREATE TABLE row (number INTEGER, text TEXT)") }
        migrator.registerMigration("002") { db in
            try db.execute(sql: "CREATE INDEX rowByNumber ON row (number)")
            try db.execute(sql: "INSERT INTO row VALUES (0, 'of the migration')")
        }
        return migrator
    }

    /// A service's life: it opens, commits, checkpoints, commits, closes. The process "ends" when the disk lost a flush.
    ///
    /// - Returns: The rows that were acknowledged.
    private func live(in path: String) async -> Set<Int> {
        let isOver = Mutex(false)
        var acknowledged: Set<Int> = []
        guard
            let database = try? ServiceDatabase(
                .file(path), migrator: migrator, onLostTrust: { _ in isOver.withLock { $0 = true } })
        else { return [] }
        for number in 1...14 where !isOver.withLock({ $0 }) {
            let text = String(repeating: "text ", count: 300 * number)
            do {
                try await database.write { db in
                    try db.execute(sql: "INSERT INTO row VALUES (?, ?)", arguments: [number, text])
                }
                acknowledged.insert(number)
            } catch {
                #expect(error is StorageFault, "\(error)")
            }
            if number % 5 == 0 {
                _ = try? await database.writer.writeWithoutTransaction { db in try db.checkpoint(.passive) }
                _ = try? await database.read { db in try Int.fetchOne(db, sql: "SELECT sum(length(text)) FROM row") }
            }
        }
        try? database.close()
        return acknowledged
    }

    private func problems(of path: String, acknowledged: Set<Int>) async throws -> [String] {
        let database = try ServiceDatabase(.file(path), migrator: migrator)
        defer { try? database.close() }
        return try await database.read { db in
            let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let found = Set(try Int.fetchAll(db, sql: "SELECT number FROM row"))
            return faults + acknowledged.union([0]).subtracting(found).map { "row \($0) is lost" }
        }
    }

    /// 40 points of each kind of failure in every run, spread over all there are; every one with `--long`.
    @Test(arguments: FailingDisk.Failure.allCases)
    func `whichever call to the disk fails, the database is sound and complete at the next start`(
        failure: FailingDisk.Failure
    ) async throws {
        let calls = try await countCalls(failure)
        let step = max(1, calls / LongProof.count(40, long: calls))
        var refused = 0
        for number in stride(from: 1, through: calls, by: step) {
            let path = folder.file("failing-\(number).sqlite")
            var acknowledged: Set<Int> = []
            let wasHit = await FailingDisk.failing(failure, at: number) { acknowledged = await live(in: path) }
            #expect(try await problems(of: path, acknowledged: acknowledged) == [], "call \(number)")
            if wasHit, acknowledged.count < 14 { refused += 1 }
        }
        #expect(refused > 0, "no failure was noticed: the test shows nothing")
    }

    /// How many calls such a life makes.
    private func countCalls(_ failure: FailingDisk.Failure) async throws -> Int {
        var low = 1
        var high = 2
        while await isReached(high, failure) { high *= 2 }
        while low + 1 < high {
            let middle = (low + high) / 2
            if await isReached(middle, failure) { low = middle } else { high = middle }
        }
        return low
    }

    private func isReached(_ number: Int, _ failure: FailingDisk.Failure) async -> Bool {
        await FailingDisk.failing(failure, at: number) {
            _ = await live(in: folder.file("failing-count.sqlite-\(number)"))
        }
    }

    // MARK: What people and programs are told

    @Test func `a full disk is told as one, shows in the health, and is over with the first write that works`()
        async throws
    {
        let database = try ServiceDatabase(.file(folder.file("failing-full.sqlite")), migrator: migrator)
        let isHit = await FailingDisk.failing(.noRoom, at: 1) {
            let fault = await #expect(throws: StorageFault.self) { try await insert(1, database) }
            #expect(fault?.kind == .full)
            #expect(fault?.serviceError.status == .resourceExhausted)
            #expect(fault?.serviceError.reason == "storage_full")
            #expect(fault?.serviceError.retryAfterMs != nil)
        }
        #expect(isHit)
        // There is room on the disk itself: looking finds that writing works again.
        #expect(await database.fault() == nil)
        try await insert(2, database)
        #expect(try await database.read { db in try Int.fetchAll(db, sql: "SELECT number FROM row") } == [0, 2])
    }

    @Test func `a service is told of a flush that failed, once, before anything else is acknowledged`() async throws {
        let told = Mutex<[StorageFault.Kind]>([])
        let database = try ServiceDatabase(
            .file(folder.file("failing-flush.sqlite")), migrator: migrator,
            onLostTrust: { fault in told.withLock { $0.append(fault.kind) } })
        let isHit = await FailingDisk.failing(.flushFails, at: 1) {
            _ = await #expect(throws: StorageFault.self) { try await insert(1, database) }
        }
        #expect(isHit)
        #expect(told.withLock { $0 } == [.notKept])
    }

    @Test func `an error of ours stays one of ours`() async throws {
        let database = try ServiceDatabase(.memory, migrator: migrator)
        await #expect(throws: DatabaseError.self) { try await database.write { db in try db.execute(sql: "nonsense") } }
        #expect(await database.fault() == nil)
    }

    @Test func `a file that is no database is told as damaged`() throws {
        let path = folder.file("damaged.sqlite")
        try String(repeating: "This is no database. ", count: 500).write(
            toFile: path, atomically: true, encoding: .utf8)
        let fault = #expect(throws: StorageFault.self) { try ServiceDatabase(.file(path), migrator: migrator) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.serviceError.status == .dataLoss)
        #expect(fault?.description.contains("restore a back-up") == true)
    }

    @Test func `what a failing disk makes look damaged is usable again once all of it could be read`() async throws {
        let path = folder.file("failing-misread.sqlite")
        let first = try ServiceDatabase(.file(path), migrator: migrator)
        for number in 1...20 { try await insert(number, first) }
        try first.close()
        var seen: Set<StorageFault.Kind> = []
        for number in 1...12 {
            let database = try ServiceDatabase(.file(path), migrator: migrator)
            _ = await FailingDisk.failing(.misread, at: number) {
                do {
                    _ = try await database.read { db in try String.fetchAll(db, sql: "SELECT text FROM row") }
                } catch {
                    if let fault = error as? StorageFault { seen.insert(fault.kind) }
                }
            }
            #expect(await database.fault() == nil)
            try database.close()
        }
        #expect(seen.contains(.damaged))
    }

    private func insert(_ number: Int, _ database: ServiceDatabase) async throws {
        try await database.write { db in try db.execute(sql: "INSERT INTO row VALUES (?, 'x')", arguments: [number]) }
    }
}
