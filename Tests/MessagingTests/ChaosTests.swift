import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import TestSupport
import Testing

private enum LedgerAPI: RPCInterface {
    static let name = "ledger"
    static let requests: [any RPCRequest.Type] = [DeliverEvents<LedgerAPI>.self]
}

private struct Counted: EventMessage {
    static let type = "producer.counted"
    var number: Int
}

/// Events over a network that loses, repeats, delays and reorders: 100,000 deliveries in every run of the tests, 5 million
/// with `--long`.
@Suite struct ChaosTests {
    private let clock = ManualClock()
    private let producer: ServiceDatabase
    private let consumer: ServiceDatabase
    private let courier: ChaosCourier

    init() throws {
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        producer = try ServiceDatabase(.memory, migrator: migrator)
        var other = DatabaseMigrator()
        Inbox.registerMigrations(&other)
        // No key: a second effect would be a second row.
        other.registerMigration("001") { db in
            try db.execute(sql: "CREATE TABLE effect (body TEXT NOT NULL)")
        }
        let consumer = try ServiceDatabase(.memory, migrator: other)
        self.consumer = consumer
        courier = ChaosCourier(seed: 20_261_122) { batch, _ in try await Self.receive(batch, consumer) }
    }

    private static func receive(_ batch: EventBatch, _ consumer: ServiceDatabase) async throws -> Int64 {
        try await consumer.write { db in
            let insert = try db.cachedStatement(sql: "INSERT INTO effect VALUES (?)")
            return try Inbox.receive(
                DeliverEvents<LedgerAPI>(generation: batch.generation, events: batch.events),
                from: .service(name: "producer", instance: "1"), at: .utc(2026, 3, 2), in: db, report: { _ in }
            ) { event, _ in
                try insert.execute(arguments: [event.body])
            }.receivedUpTo
        }
    }

    private func tell(_ numbers: Range<Int>) async throws {
        try await producer.write { db in
            for number in numbers {
                try Outbox.append(Counted(number: number), to: ["ledger"], traceparent: nil, at: .utc(2026, 3, 2), db)
            }
        }
    }

    private func dispatcher(_ seed: UInt64) -> OutboxDispatcher {
        OutboxDispatcher(database: producer, courier: courier, clock: clock, randomness: .seeded(seed))
    }

    private func rows(_ table: String, _ database: ServiceDatabase) async throws -> Int? {
        try await database.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") }
    }

    private func pages(_ database: ServiceDatabase) async throws -> Int {
        try await database.read { db in try Int.fetchOne(db, sql: "PRAGMA page_count") } ?? 0
    }

    @Test func `whatever the network does, each event takes effect once, and nothing piles up`() async throws {
        let target = LongProof.count(100_000, long: 5_000_000)
        var told = 0
        var dispatcher = dispatcher(1)
        var outboxPages: [Int] = []
        while courier.deliveries < target {
            try await tell(told..<told + 300)
            told += 300
            for _ in 0..<4 {
                _ = try await dispatcher.pass()
                clock.advance(by: .seconds(60))
            }
            // A producer that was killed knows nothing of what it has tried.
            if told.isMultiple(of: 3_000) { dispatcher = self.dispatcher(UInt64(told)) }
            outboxPages.append(try await pages(producer))
        }
        while try await rows("outboxEvent", producer) != 0 {
            _ = try await dispatcher.pass()
            clock.advance(by: .seconds(60))
        }
        try await courier.deliverRest()
        let effects = try await consumer.read { db in try String.fetchAll(db, sql: "SELECT body FROM effect") }
        #expect(effects.count == told)
        #expect(effects == (0..<told).map { #"{"number":\#($0)}"# })
        #expect(try await rows("inboxProducer", consumer) == 1)
        #expect(try await rows("inboxPoison", consumer) == 0)
        // What was delivered makes room for what comes: the file is as large as its fullest moment and no larger.
        let (early, late) = (outboxPages[outboxPages.count / 4...outboxPages.count / 2], outboxPages.suffix(10))
        #expect((late.max() ?? 0) <= 2 * (early.max() ?? 0), "\(outboxPages)")
    }
}
