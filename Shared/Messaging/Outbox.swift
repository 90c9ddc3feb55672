public import CoreTypes
public import GRDB
import JSON
import Persistence
public import RPC

/// Facts on their way to other services, kept until the consumer's receipt.
public enum Outbox {
    public static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("messaging-001-outbox") { db in
            try db.create(table: "outboxGeneration") { table in
                table.column("only", .integer).primaryKey().check { $0 == 1 }
                table.column("generation", .integer).notNull()
            }
            try db.execute(sql: "INSERT INTO outboxGeneration VALUES (1, 1)")
            try db.create(table: "outboxConsumer") { table in
                table.column("name", .text).primaryKey()
                table.column("lastSequence", .integer).notNull()
            }
            try db.create(table: "outboxEvent") { table in
                table.column("consumer", .text).notNull()
                table.column("sequence", .integer).notNull()
                table.column("type", .text).notNull()
                table.column("body", .text).notNull()
                table.column("traceparent", .text)
                table.column("createdAt", .integer).notNull()
                table.primaryKey(["consumer", "sequence"])
            }
        }
    }

    /// Queues `event` for each consumer, in the caller's transaction.
    public static func append(
        _ event: some EventMessage, to consumers: [String], traceparent: Traceparent?, at now: Instant, _ db: Database
    ) throws {
        let body = try JSON.encodeText(event)
        for consumer in consumers {
            let sequence = try Int64.fetchOne(
                db,
                sql: """
                    INSERT INTO outboxConsumer (name, lastSequence) VALUES (?, 1)
                    ON CONFLICT (name) DO UPDATE SET lastSequence = lastSequence + 1 RETURNING lastSequence
                    """, arguments: [consumer])
            try db.execute(
                sql: """
                    INSERT INTO outboxEvent (consumer, sequence, type, body, traceparent, createdAt)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [consumer, sequence, type(of: event).type, body, traceparent?.rawValue, now])
        }
    }

    /// Begins a new count after the database was restored from a back-up; consumers refuse the old one from then on.
    ///
    /// What still waits is renumbered from 1, in order.
    public static func raiseGeneration(_ db: Database) throws {
        try db.execute(sql: "UPDATE outboxGeneration SET generation = generation + 1")
        for consumer in try String.fetchAll(db, sql: "SELECT name FROM outboxConsumer") {
            let waiting = try Int64.fetchAll(
                db, sql: "SELECT sequence FROM outboxEvent WHERE consumer = ? ORDER BY sequence", arguments: [consumer])
            for (index, sequence) in waiting.enumerated() {
                try db.execute(
                    sql: "UPDATE outboxEvent SET sequence = ? WHERE consumer = ? AND sequence = ?",
                    arguments: [index + 1, consumer, sequence])
            }
            try db.execute(
                sql: "UPDATE outboxConsumer SET lastSequence = ? WHERE name = ?", arguments: [waiting.count, consumer])
        }
    }

    /// How many events wait, and since when the oldest does: part of a service's health.
    public static func backlog(_ db: Database) throws -> (count: Int, oldest: Instant?) {
        let row = try Row.fetchOne(db, sql: "SELECT count(*), min(createdAt) FROM outboxEvent")
        return (row?[0] ?? 0, row?[1])
    }

    /// What people should know of this outbox, for the service's health; empty when all is well.
    ///
    /// Events wait a moment as a rule; after five minutes a consumer is down or refuses them.
    public static func healthNotes(at now: Instant, _ db: Database) throws -> [String] {
        let (count, oldest) = try backlog(db)
        guard let oldest, now - oldest > .seconds(5 * 60) else { return [] }
        let minutes = (now - oldest).components.seconds / 60
        let consumers = try waitingConsumers(db).joined(separator: ", ")
        return [
            "\(count) \(count == 1 ? "event waits" : "events wait") for \(consumers), the oldest for \(minutes) minutes. "
                + "Check those services; the log of this one says what they answer."
        ]
    }

    static func waitingConsumers(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT DISTINCT consumer FROM outboxEvent ORDER BY consumer")
    }

    /// The oldest waiting events of a consumer, at most `limit` and about 512 KiB, so that a batch fits into a frame.
    static func nextBatch(for consumer: String, limit: Int, _ db: Database) throws -> EventBatch? {
        let generation = try Int64.fetchOne(db, sql: "SELECT generation FROM outboxGeneration") ?? 1
        var events: [DeliveredEvent] = []
        var bytes = 0
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT sequence, type, body, traceparent FROM outboxEvent WHERE consumer = ?
                ORDER BY sequence LIMIT ?
                """, arguments: [consumer, limit])
        while let row = try rows.next() {
            let body: String = row["body"]
            bytes += body.utf8.count
            if bytes > 512 * 1024, !events.isEmpty { break }
            events.append(
                DeliveredEvent(
                    sequence: row["sequence"], type: row["type"], body: body,
                    traceparent: (row["traceparent"] as String?).flatMap { Traceparent($0) }))
        }
        return events.isEmpty ? nil : EventBatch(generation: generation, events: events)
    }

    static func remove(upTo sequence: Int64, for consumer: String, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM outboxEvent WHERE consumer = ? AND sequence <= ?", arguments: [consumer, sequence])
    }
}

/// Events of one producer to one consumer, in order.
public struct EventBatch: Sendable, Equatable {
    public var generation: Int64
    public var events: [DeliveredEvent]

    public init(generation: Int64, events: [DeliveredEvent]) {
        self.generation = generation
        self.events = events
    }
}
