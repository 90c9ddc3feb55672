public import CoreTypes
public import GRDB
import Persistence
public import RPC

/// Remembers what a consumer has stored of each producer, so that an event takes effect once however often it comes.
public enum Inbox {
    public static func registerMigrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("messaging-002-inbox") { db in
            try db.create(table: "inboxProducer") { table in
                table.column("name", .text).primaryKey()
                table.column("generation", .integer).notNull()
                table.column("lastSequence", .integer).notNull()
            }
            try db.create(table: "inboxPoison") { table in
                table.column("producer", .text).notNull()
                table.column("generation", .integer).notNull()
                table.column("sequence", .integer).notNull()
                table.column("type", .text).notNull()
                table.column("body", .text).notNull()
                table.column("reason", .text).notNull()
                table.column("receivedAt", .integer).notNull()
                table.primaryKey(["producer", "generation", "sequence"])
            }
        }
    }

    /// Applies the new events of a delivery, in the caller's write transaction.
    ///
    /// An event that `handle` cannot take (it throws) is set aside as poison with its reason and does not stop the
    /// ones behind it; its own changes are undone. `report` hears of each, to log it: somebody must mend what it left.
    /// - Throws: `permissionDenied` when the caller is no service; `failedPrecondition` for an old generation
    ///   (`event_generation_old`) or a missing event (`event_gap`).
    public static func receive<Consumer>(
        _ delivery: DeliverEvents<Consumer>, from peer: PeerIdentity, at now: Instant, in db: Database,
        report: (PoisonedEvent) -> Void, handle: (DeliveredEvent, Database) throws -> Void
    ) throws -> DeliverEvents<Consumer>.Response {
        guard case .service(let producer, _) = peer else {
            throw ServiceError(.permissionDenied, reason: "permission_denied")
        }
        var last = try lastSequence(of: producer, generation: delivery.generation, db)
        for event in delivery.events where event.sequence > last {
            guard event.sequence == last + 1 else {
                throw ServiceError(
                    .failedPrecondition, reason: "event_gap",
                    arguments: ["producer": producer, "expected": "\(last + 1)", "received": "\(event.sequence)"])
            }
            if let reason = try apply(event, db, handle: handle) {
                let poisoned = PoisonedEvent(
                    producer: producer, generation: delivery.generation, sequence: event.sequence, type: event.type,
                    reason: reason)
                try poisoned.keep(event.body, at: now, db)
                report(poisoned)
            }
            last = event.sequence
        }
        try db.execute(
            sql: "UPDATE inboxProducer SET lastSequence = ? WHERE name = ?", arguments: [last, producer])
        return DeliverEvents<Consumer>.Response(receivedUpTo: last)
    }

    /// How many events could not be taken: shown by the service's health.
    public static func poisonCount(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM inboxPoison") ?? 0
    }

    /// What people should know of this inbox, for the service's health; empty when all is well.
    public static func healthNotes(_ db: Database) throws -> [String] {
        let count = try poisonCount(db)
        guard count > 0 else { return [] }
        return [
            "\(count) \(count == 1 ? "event" : "events") from other services could not be taken in and "
                + "\(count == 1 ? "was" : "were") set aside (table inboxPoison). The log of this service names each."
        ]
    }

    private static func lastSequence(of producer: String, generation: Int64, _ db: Database) throws -> Int64 {
        let known = try Row.fetchOne(
            db, sql: "SELECT generation, lastSequence FROM inboxProducer WHERE name = ?", arguments: [producer])
        let knownGeneration: Int64 = known?["generation"] ?? 0
        guard generation >= knownGeneration else {
            throw ServiceError(
                .failedPrecondition, reason: "event_generation_old",
                arguments: ["producer": producer, "generation": "\(generation)", "known": "\(knownGeneration)"])
        }
        if generation == knownGeneration { return known?["lastSequence"] ?? 0 }
        try db.execute(
            sql: """
                INSERT INTO inboxProducer (name, generation, lastSequence) VALUES (?, ?, 0)
                ON CONFLICT (name) DO UPDATE SET generation = excluded.generation, lastSequence = 0
                """, arguments: [producer, generation])
        return 0
    }

    /// - Returns: Why the event could not be taken, its changes being undone; nil when it was.
    private static func apply(
        _ event: DeliveredEvent, _ db: Database, handle: (DeliveredEvent, Database) throws -> Void
    ) throws -> String? {
        do {
            try db.inSavepoint {
                try handle(event, db)
                return .commit
            }
            return nil
        } catch let error as DatabaseError {
            throw error  // The disk's fault, not the event's: the whole delivery is tried again.
        } catch {
            return "\(error)"
        }
    }
}
