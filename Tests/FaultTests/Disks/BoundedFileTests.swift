import CoreTypes
import Foundation
import GRDB
import Messaging
import Persistence
import RPC
import Synchronization
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// Files stay small however long a service runs: what is pruned is used again or given back, and the write-ahead log
    /// begins anew although somebody always reads.
    @Suite struct BoundedFileTests {
        /// Database and log together, in bytes: 16 MiB of free pages, 16 MiB of log, and as much again for what is
        /// being written meanwhile.
        static let bytesMax = 64 << 20

        /// 50,000 events in every run, 1,000,000 with `--long`.
        @Test(.timeLimit(.minutes(30)))
        func `an outbox that is filled and emptied all day stays small, whoever reads meanwhile`() async throws {
            let outbox = try OutboxUnderLoad()
            let events = LongProof.count(50_000, long: 1_000_000)
            var largest = 0
            try await outbox.withReadersWithoutAGap {
                for _ in 0..<events / 1000 {
                    try await outbox.append(1000)
                    try await outbox.deliverAll()
                    largest = max(largest, try outbox.bytes)
                }
            }
            #expect(largest < Self.bytesMax)
            print("\(events) events: at most \(largest >> 10) KiB")
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that grew while a consumer was down gives the room back, without a restart`() async throws {
            let outbox = try OutboxUnderLoad()
            try await outbox.append(80_000, perCommit: 1000)
            let grown = try outbox.bytes
            #expect(grown > Self.bytesMax, "too few events to show anything")
            try await outbox.deliverAll()
            for _ in 0..<30 { try await outbox.append(500) }
            try await outbox.deliverAll()
            let after = try outbox.bytes
            #expect(after < Self.bytesMax)
            print("an outbox of \(grown >> 20) MiB shrank to \(after >> 20) MiB")
        }
    }
}

/// A service's outbox with a consumer that takes everything.
private final class OutboxUnderLoad: Sendable {
    private let folder: TemporaryFolder
    private let database: ServiceDatabase
    private let dispatcher: OutboxDispatcher

    private struct Happened: EventMessage {
        static let type = "test.happened"
        var text: String
    }

    private struct Taker: Courier {
        func deliver(_ batch: EventBatch, to consumer: String) async throws -> Int64 {
            batch.events.last?.sequence ?? 0
        }
    }

    init() throws {
        // In memory where there is such a place: here the size counts, not the flushing.
        folder = try TemporaryFolder("sluice-bounded")
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        database = try ServiceDatabase(.file(folder.file("outbox.sqlite")), migrator: migrator)
        dispatcher = OutboxDispatcher(
            database: database, courier: Taker(), clock: ContinuousClock(), randomness: .seeded(1))
    }

    func append(_ count: Int, perCommit: Int = 20) async throws {
        for _ in 0..<count / perCommit {
            try await database.write { db in
                for _ in 0..<perCommit {
                    try Outbox.append(
                        Happened(text: String(repeating: "What happened. ", count: 60)), to: ["billing"],
                        traceparent: nil, at: Instant(seconds: 0), db)
                }
            }
        }
    }

    func deliverAll() async throws {
        while try await dispatcher.pass() {}
    }

    /// One reader begins before the other ends, so that at no moment nobody reads.
    func withReadersWithoutAGap(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shift in 0..<2 {
                group.addTask {
                    if shift == 1 { try? await Task.sleep(for: .milliseconds(20)) }
                    while !Task.isCancelled {
                        try await self.database.read { db in
                            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM outboxEvent")
                            // The read transaction lasts, as that of a long list does.
                            usleep(40_000)
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Of the database and its log.
    var bytes: Int {
        get throws {
            try ["", "-wal"].reduce(0) { sum, ending in
                let path = folder.file("outbox.sqlite\(ending)")
                return sum + ((try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
            }
        }
    }
}
