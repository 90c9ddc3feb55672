import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import Synchronization
import TestSupport
import Testing

/// The producer and the consumer of these tests.
private enum ConsumerAPI: RPCInterface {
    static let name = "consumer"
    static let requests: [any RPCRequest.Type] = [DeliverEvents<ConsumerAPI>.self]
}

private struct Happened: EventMessage {
    static let type = "producer.happened"
    var number: Int
}

/// A consumer with its own database: each event adds one row.
private struct Consumer {
    let database: ServiceDatabase
    let poisoned = Poisoned()

    init() throws {
        var migrator = DatabaseMigrator()
        Inbox.registerMigrations(&migrator)
        migrator.registerMigration("001") { db in
            try db.create(table: "effect") { table in table.column("body", .text).notNull() }
        }
        database = try ServiceDatabase(.memory, migrator: migrator)
    }

    func receive(_ delivery: DeliverEvents<ConsumerAPI>) async throws -> Int64 {
        try await database.write { db in
            try Inbox.receive(
                delivery, from: .service(name: "producer", instance: "1"), at: .utc(2026, 3, 2), in: db,
                report: { [poisoned] event in poisoned.add(event) }
            ) { event, db in
                if event.body == #"{"number":13}"# { throw ServiceError(.invalidArgument, reason: "unlucky") }
                try db.execute(sql: "INSERT INTO effect VALUES (?)", arguments: [event.body])
            }.receivedUpTo
        }
    }

    func effects() async throws -> [String] {
        try await database.read { db in try String.fetchAll(db, sql: "SELECT body FROM effect ORDER BY rowid") }
    }
}

/// What the inbox reported.
private final class Poisoned: Sendable {
    private let state = Mutex<[PoisonedEvent]>([])

    var events: [PoisonedEvent] { state.withLock { $0 } }

    func add(_ event: PoisonedEvent) { state.withLock { $0.append(event) } }
}

/// A courier that does to each delivery what the test's script says.
private final class ScriptedCourier: Courier {
    enum Step { case deliver, loseOnTheWay, loseTheReceipt, claimMore }

    private let consumer: Consumer
    private let steps: Mutex<[Step]>

    init(_ consumer: Consumer, _ steps: [Step]) {
        self.consumer = consumer
        self.steps = Mutex(steps)
    }

    func deliver(_ batch: EventBatch, to name: String) async throws -> Int64 {
        let step = steps.withLock { $0.isEmpty ? .deliver : $0.removeFirst() }
        if step == .claimMore { return (batch.events.last?.sequence ?? 0) + 1 }
        if step == .loseOnTheWay { throw ServiceError(.unavailable, reason: "connection_lost") }
        let receipt = try await consumer.receive(
            DeliverEvents(generation: batch.generation, events: batch.events))
        if step == .loseTheReceipt { throw ServiceError(.unavailable, reason: "connection_lost") }
        return receipt
    }
}

@Suite struct DeliveryTests {
    private let clock = ManualClock()
    private let producer: ServiceDatabase
    private let consumer: Consumer

    init() throws {
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        producer = try ServiceDatabase(.memory, migrator: migrator)
        consumer = try Consumer()
    }

    private func append(_ numbers: ClosedRange<Int>) async throws {
        try await producer.write { db in
            for number in numbers {
                try Outbox.append(
                    Happened(number: number), to: ["consumer"], traceparent: nil, at: .utc(2026, 3, 2), db)
            }
        }
    }

    private func dispatcher(_ steps: [ScriptedCourier.Step] = []) -> OutboxDispatcher {
        OutboxDispatcher(
            database: producer, courier: ScriptedCourier(consumer, steps), clock: clock, randomness: .seeded(1))
    }

    @Test func `what is told takes effect once and in order, and leaves the outbox empty`() async throws {
        try await append(1...250)
        let dispatcher = dispatcher()
        while try await dispatcher.pass() {}
        let effects = try await consumer.effects()
        #expect(effects.count == 249)  // The one it cannot take is set aside.
        #expect(effects.first == #"{"number":1}"#)
        #expect(try await producer.read { db in try Outbox.backlog(db).count } == 0)
    }

    @Test func `a lost delivery and a lost receipt are sent again without a second effect`() async throws {
        try await append(1...5)
        let dispatcher = dispatcher([.loseOnTheWay, .loseTheReceipt, .deliver])
        for _ in 0..<3 {
            _ = try await dispatcher.pass()
            clock.advance(by: .seconds(60))
        }
        #expect(try await consumer.effects().count == 5)
        #expect(try await producer.read { db in try Outbox.backlog(db).count } == 0)
    }

    @Test func `after a failure the consumer is left alone for a while`() async throws {
        try await append(1...1)
        let dispatcher = dispatcher([.loseOnTheWay])
        #expect(try await dispatcher.pass() == false)
        #expect(try await dispatcher.pass() == false)
        #expect(try await consumer.effects().isEmpty)
        clock.advance(by: .seconds(1))
        #expect(try await dispatcher.pass() == true)
    }

    @Test func `a fact whose transaction was rolled back is never told`() async throws {
        await #expect(throws: ServiceError.self) {
            try await producer.write { db in
                try Outbox.append(Happened(number: 1), to: ["consumer"], traceparent: nil, at: .utc(2026, 3, 2), db)
                throw ServiceError(.aborted, reason: "test")
            }
        }
        try await append(2...2)
        _ = try await dispatcher().pass()
        #expect(try await consumer.effects() == [#"{"number":2}"#])
    }

    @Test func `an event the consumer cannot take is set aside and blocks nothing`() async throws {
        try await append(12...14)
        _ = try await dispatcher().pass()
        #expect(try await consumer.effects() == [#"{"number":12}"#, #"{"number":14}"#])
        #expect(try await consumer.database.read { db in try Inbox.poisonCount(db) } == 1)
    }

    @Test func `an event that was set aside is reported with its origin and reason, and health tells`() async throws {
        try await append(1...1)
        _ = try await dispatcher().pass()
        #expect(try await consumer.database.read { db in try Inbox.healthNotes(db) } == [])
        try await append(13...13)
        _ = try await dispatcher().pass()
        let event = try #require(consumer.poisoned.events.first)
        #expect(consumer.poisoned.events.count == 1)
        #expect(event.producer == "producer")
        #expect(event.sequence == 2)
        #expect(event.type == Happened.type)
        #expect(event.reason.contains("unlucky"))
        let notes = try await consumer.database.read { db in try Inbox.healthNotes(db) }
        #expect(notes.first?.hasPrefix("1 event from other services could not be taken in") == true)
    }

    @Test func `a receipt for more than was sent deletes nothing and is reported`() async throws {
        try await append(1...3)
        let errors = Mutex<[String]>([])
        let dispatcher = OutboxDispatcher(
            database: producer, courier: ScriptedCourier(consumer, [.claimMore]), clock: clock, randomness: .seeded(1)
        ) { _, _, error in errors.withLock { $0.append((error as? ServiceError)?.reason ?? "\(error)") } }
        #expect(try await dispatcher.pass() == false)
        #expect(errors.withLock { $0 } == ["event_receipt_too_high"])
        #expect(try await producer.read { db in try Outbox.backlog(db).count } == 3)
        clock.advance(by: .seconds(60))
        _ = try await dispatcher.pass()
        #expect(try await consumer.effects().count == 3)
    }

    @Test func `health tells of events that wait for more than five minutes, and for whom`() async throws {
        try await append(1...2)
        let written = Instant.utc(2026, 3, 2)
        #expect(try await producer.read { db in try Outbox.healthNotes(at: written + .seconds(300), db) } == [])
        let notes = try await producer.read { db in try Outbox.healthNotes(at: written + .seconds(420), db) }
        #expect(notes.first?.hasPrefix("2 events wait for consumer, the oldest for 7 minutes.") == true)
        _ = try await dispatcher().pass()
        #expect(try await producer.read { db in try Outbox.healthNotes(at: written + .seconds(420), db) } == [])
    }

    @Test func `a gap is refused and nothing behind it takes effect`() async throws {
        let event = DeliveredEvent(sequence: 2, type: Happened.type, body: "{}")
        let error = await #expect(throws: ServiceError.self) {
            try await consumer.receive(DeliverEvents(generation: 1, events: [event]))
        }
        #expect(error?.reason == "event_gap")
        #expect(try await consumer.effects().isEmpty)
    }

    @Test func `after a restore the new generation is taken and the old one refused`() async throws {
        try await append(1...3)
        _ = try await dispatcher().pass()
        try await append(4...5)
        try await producer.write { db in try Outbox.raiseGeneration(db) }
        _ = try await dispatcher().pass()
        #expect(try await consumer.effects().count == 5)
        let old = DeliveredEvent(sequence: 4, type: Happened.type, body: "{}")
        let error = await #expect(throws: ServiceError.self) {
            try await consumer.receive(DeliverEvents(generation: 1, events: [old]))
        }
        #expect(error?.reason == "event_generation_old")
    }

    @Test func `only services may tell events`() async throws {
        let error = await #expect(throws: ServiceError.self) {
            try await consumer.database.write { db in
                _ = try Inbox.receive(
                    DeliverEvents<ConsumerAPI>(generation: 1, events: []), from: .operator(name: "anna"),
                    at: .utc(2026, 3, 2), in: db, report: { _ in }
                ) { _, _ in }
            }
        }
        #expect(error?.status == .permissionDenied)
    }
}

@Suite struct FenceTests {
    @Test func `a lower token than one seen before is refused, per resource`() async throws {
        var migrator = DatabaseMigrator()
        Fence.registerMigrations(&migrator)
        let database = try ServiceDatabase(.memory, migrator: migrator)
        try await database.write { db in
            try Fence.check("a", token: 1, db)
            try Fence.check("a", token: 3, db)
            try Fence.check("a", token: 3, db)
            try Fence.check("b", token: 1, db)
        }
        let error = await #expect(throws: ServiceError.self) {
            try await database.write { db in try Fence.check("a", token: 2, db) }
        }
        #expect(error?.reason == "run_superseded")
        #expect(error?.status == .aborted)
    }
}
