public import CoreTypes
public import RPC

/// A connection that failed badly too often in a row. Nothing of it starts, by schedule or by hand, until it is released.
public struct Parking: Codable, Sendable, Equatable {
    public var since: Instant
    /// How many tries in a row failed.
    public var tries: Int
    /// The last of them.
    public var lastRunID: RunID

    public init(since: Instant, tries: Int, lastRunID: RunID) {
        self.since = since
        self.tries = tries
        self.lastRunID = lastRunID
    }

    public static var example: Parking { Parking(since: .example, tries: 5, lastRunID: .example) }
}

/// Lets a parked connection start again. Released twice it is released once.
public struct ReleaseConnection: RPCRequest {
    public static let method: MethodName = "scheduler.releaseConnection"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lets a connection that was parked after failed tries start again, with a reason."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(connectionID: ConnectionID, reason: String) {
        self.connectionID = connectionID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var connection: ConnectionSummary
        /// False when it was not parked.
        public var wasParked: Bool

        public init(connection: ConnectionSummary, wasParked: Bool) {
            self.connection = connection
            self.wasParked = wasParked
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, reason: "SAP was mended"),
            Response(connection: .example, wasParked: true)
        )
    }
}

/// Somebody let a parked connection start again; told to the notifier.
public struct ConnectionReleased: EventMessage {
    public static let type = "scheduler.connectionReleased"

    public var merchantID: MerchantID
    public var connectionID: ConnectionID
    public var releasedAt: Instant
    public var releasedBy: String

    public init(merchantID: MerchantID, connectionID: ConnectionID, releasedAt: Instant, releasedBy: String) {
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.releasedAt = releasedAt
        self.releasedBy = releasedBy
    }
}
