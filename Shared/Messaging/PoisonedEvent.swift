import CoreTypes
import GRDB
public import Logging
import Persistence

/// An event that a consumer could not take and set aside.
public struct PoisonedEvent: Sendable, Equatable {
    public var producer: String
    public var generation: Int64
    public var sequence: Int64
    public var type: String
    /// What the consumer's own code said to it.
    public var reason: String

    /// One line at error for each: what it should have done has not happened.
    public func log(to logger: Logger) {
        logger.error(
            "An event could not be taken in and was set aside.",
            metadata: [
                "producer": "\(producer)", "generation": "\(generation)", "sequence": "\(sequence)",
                "type": "\(type)", "reason": "\(reason)",
            ])
    }

    func keep(_ body: String, at now: Instant, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO inboxPoison
                (producer, generation, sequence, type, body, reason, receivedAt) VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: [producer, generation, sequence, type, body, reason, now])
    }
}
