public import CoreTypes
public import RPC
import SchedulerAPI

/// Switches the completeness check of a connection on or off.
///
/// Switching to what already holds succeeds and changes nothing, so a caller may send it again. Off means that imports
/// of the connection are published without a judgement: access is checked, figures are kept, and an import of nothing
/// is still refused where the shop has items.
public struct SetMonitoring: RPCRequest {
    public static let method: MethodName = "monitor.setMonitoring"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Switches the completeness check of a connection on or off; who and why is kept."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    public var on: Bool
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(connectionID: ConnectionID, on: Bool, reason: String) {
        self.connectionID = connectionID
        self.on = on
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var policy: MonitoringPolicy
        public init(policy: MonitoringPolicy) { self.policy = policy }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, on: false, reason: "Test import of the new price list"),
            Response(policy: .example)
        )
    }
}

/// Shows whether a connection is monitored, and everyone who ever changed that.
public struct DescribePolicy: RPCRequest {
    public static let method: MethodName = "monitor.describePolicy"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Shows whether imports of a connection are judged, with the history of that switch."
    public static let callers = Callers.operatorsAndServices("dashboard", "scheduler")

    public var connectionID: ConnectionID

    public init(connectionID: ConnectionID) { self.connectionID = connectionID }

    public struct Response: Codable, Sendable, Equatable {
        public var policy: MonitoringPolicy
        public init(policy: MonitoringPolicy) { self.policy = policy }
    }

    public static var example: (request: Self, response: Response) {
        (Self(connectionID: .example), Response(policy: .example))
    }
}

/// How imports of one connection are judged.
public struct MonitoringPolicy: Codable, Sendable, Equatable {
    public var connectionID: ConnectionID
    /// A connection that nobody has touched is monitored.
    public var on: Bool
    /// The changes of the switch, the newest first; empty while the default holds.
    public var history: [MonitoringChange]

    public init(connectionID: ConnectionID, on: Bool, history: [MonitoringChange] = []) {
        self.connectionID = connectionID
        self.on = on
        self.history = history
    }

    public static var example: MonitoringPolicy {
        MonitoringPolicy(
            connectionID: .example, on: false,
            history: [
                MonitoringChange(
                    on: false, changedAt: .example, changedBy: "operator anna",
                    reason: "Test import of the new price list")
            ])
    }
}

/// One change of the switch.
public struct MonitoringChange: Codable, Sendable, Equatable {
    public var on: Bool
    public var changedAt: Instant
    /// As the audit names people and services: `operator anna`.
    public var changedBy: String
    public var reason: String

    public init(on: Bool, changedAt: Instant, changedBy: String, reason: String) {
        self.on = on
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.reason = reason
    }
}
