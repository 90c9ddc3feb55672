import Foundation
import GRDB
import Persistence
import Synchronization
import Testing

@testable import SchedulerService

@Suite struct SharedCommitsTests {
    private struct Refused: Error {}

    private final class Done: Sendable {
        private let added = Mutex<Set<Int>>([])
        var numbers: [Int] { added.withLock { $0.sorted() } }
        func add(_ number: Int) { added.withLock { _ = $0.insert(number) } }
    }

    private final class CommitCounter: TransactionObserver, Sendable {
        private let commits = Mutex(0)
        var count: Int { commits.withLock { $0 } }
        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseDidCommit(_ db: Database) { commits.withLock { $0 += 1 } }
        func databaseDidRollback(_ db: Database) {}
    }

    private func database() throws -> ServiceDatabase {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("only") { db in
            try db.execute(sql: "CREATE TABLE note (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        }
        return try ServiceDatabase(.memory, migrator: migrator)
    }

    /// Holds the file until as many writes wait as are expected, then lets them go.
    private func gather(_ database: ServiceDatabase, _ work: @escaping @Sendable () async -> Void) async throws {
        let isFree = DispatchSemaphore(value: 0)
        let holder = Task { try await database.write { _ in isFree.wait() } }
        let worker = Task { await work() }
        for _ in 0..<2000 { await Task.yield() }
        isFree.signal()
        try await holder.value
        await worker.value
    }

    @Test func `writes that wait at the same time share a commit`() async throws {
        let database = try database()
        let counter = CommitCounter()
        try await database.write { db in db.add(transactionObserver: counter, extent: .databaseLifetime) }
        let before = counter.count
        let commits = SharedCommits(database)
        try await gather(database) {
            await withTaskGroup(of: Void.self) { group in
                for number in 1...50 {
                    group.addTask {
                        try? await commits.write { db in
                            try db.execute(sql: "INSERT INTO note VALUES (?, 'x')", arguments: [number])
                        }
                    }
                }
            }
        }
        let count = try await database.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM note") }
        #expect(count == 50)
        // The first, perhaps a few that came late, and the rest by 32.
        #expect(counter.count - before < 25)
    }

    @Test func `one that is refused undoes its own work and no other's`() async throws {
        let database = try database()
        let commits = SharedCommits(database)
        let done = Done()
        try await gather(database) {
            await withTaskGroup(of: Void.self) { group in
                for number in 1...20 {
                    group.addTask {
                        do {
                            try await commits.write { (db: Database) -> Void in
                                try db.execute(sql: "INSERT INTO note VALUES (?, 'x')", arguments: [number])
                                if number % 3 == 0 { throw Refused() }
                                // The same row again: a constraint, which is this write's own fault too.
                                guard number % 3 == 1 else { return }
                                try db.execute(sql: "INSERT INTO note VALUES (?, 'x')", arguments: [number])
                            }
                            done.add(number)
                        } catch {}
                    }
                }
            }
        }
        let kept = try await database.read { db in try Int.fetchAll(db, sql: "SELECT number FROM note ORDER BY 1") }
        let right = (1...20).filter { $0 % 3 == 2 }
        #expect(kept == right)
        #expect(done.numbers == right)
    }
}
