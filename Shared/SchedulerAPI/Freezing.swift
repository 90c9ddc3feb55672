public import CoreTypes
public import RPC

/// Nothing of a connection is published, while its imports are still fetched and judged, and then held.
public struct Freeze: Codable, Sendable, Equatable {
    public enum Cause: String, Codable, Sendable, CaseIterable {
        /// A person wants the shop to stay as it is, for a campaign say.
        case person
        /// An earlier set was brought back; the next import would undo that.
        case rollback
    }

    public var cause: Cause
    public var since: Instant
    public var by: String
    public var reason: String

    public init(cause: Cause, since: Instant, by: String, reason: String) {
        self.cause = cause
        self.since = since
        self.by = by
        self.reason = reason
    }

    public static var example: Freeze {
        Freeze(cause: .person, since: .example, by: "operator anna", reason: "Black Friday")
    }
}

/// Stops publishing for a connection, or lets it go on. Setting what already holds succeeds and changes nothing.
///
/// A run in hand that has not begun to change the shop is held as well. Letting go publishes nothing by itself: what is
/// held waits to be released, and the next import publishes as usual.
public struct SetFreeze: RPCRequest {
    public static let method: MethodName = "scheduler.setFreeze"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Stops publishing for a connection while it still imports and judges, or lets it go on."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    public var frozen: Bool
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(connectionID: ConnectionID, frozen: Bool, reason: String) {
        self.connectionID = connectionID
        self.frozen = frozen
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var connection: ConnectionSummary
        /// False when it already was as asked.
        public var changed: Bool

        public init(connection: ConnectionSummary, changed: Bool) {
            self.connection = connection
            self.changed = changed
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, frozen: true, reason: "Black Friday"),
            Response(connection: .example, changed: true)
        )
    }
}
