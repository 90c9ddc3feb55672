public import CoreTypes

/// A fact one service tells others, durably: written to its outbox in the transaction that caused it.
public protocol EventMessage: Codable, Sendable, Equatable {
    /// `producer.pastTense`, as `scheduler.runFinished`. Never reused for another meaning.
    static var type: String { get }
}

/// Hands a batch of events to a consumer, which answers after its own commit.
///
/// The producer is the caller's identity, not a parameter. Sending a batch again has no second effect.
public struct DeliverEvents<Consumer: RPCInterface>: RPCRequest {
    public static var method: MethodName { MethodName("\(Consumer.name).deliverEvents") }
    public static var effect: Effect { .idempotent }
    public static var failures: [StatusCode] { [.invalidArgument, .failedPrecondition] }
    public static var summary: String { "Hands over events of the calling service; answered once they are stored." }
    public static var callers: Callers { .services("scheduler", "importer", "monitor", "notifier", "billing") }

    /// Raised when the producer's database was restored; lower ones are refused for ever.
    public var generation: Int64
    /// In the producer's order, 1 to 100.
    public var events: [DeliveredEvent]

    public init(generation: Int64, events: [DeliveredEvent]) {
        self.generation = generation
        self.events = events
    }

    public struct Response: Codable, Sendable, Equatable {
        /// The highest sequence stored with all before it.
        public var receivedUpTo: Int64

        public init(receivedUpTo: Int64) { self.receivedUpTo = receivedUpTo }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                generation: 1, events: [DeliveredEvent(sequence: 41, type: "scheduler.runFinished", body: "{}")]),
            Response(receivedUpTo: 41)
        )
    }
}

public struct DeliveredEvent: Codable, Sendable, Equatable {
    /// Counts up from 1 per producer, consumer and generation, without gaps.
    public var sequence: Int64
    public var type: String
    /// The event as JSON text.
    public var body: String
    /// The trace of the work that caused it.
    public var traceparent: Traceparent?

    public init(sequence: Int64, type: String, body: String, traceparent: Traceparent? = nil) {
        self.sequence = sequence
        self.type = type
        self.body = body
        self.traceparent = traceparent
    }
}
