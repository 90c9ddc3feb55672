public import CoreTypes
public import RPC
public import SchedulerAPI

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

/// Shows how imports of a connection are judged, and everyone who ever changed that.
public struct DescribePolicy: RPCRequest {
    public static let method: MethodName = "monitor.describePolicy"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Shows how imports of a connection are judged, with the history of changes."
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

/// Sets how imports of a connection are judged; all rules at once.
///
/// Setting what already holds succeeds and changes nothing, so a caller may send it again.
public struct SetPolicy: RPCRequest {
    public static let method: MethodName = "monitor.setPolicy"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .aborted]
    public static let summary = "Sets tolerance, drop guard, limits, must-have items and shadow mode of a connection."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    public var on: Bool
    public var rules: PolicyRules
    /// The version these were made from. Refused (`policy_changed`) when somebody else has changed it since; nil to
    /// overwrite whatever holds.
    public var expectedVersion: Int64?
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(
        connectionID: ConnectionID, on: Bool, rules: PolicyRules, expectedVersion: Int64?, reason: String
    ) {
        self.connectionID = connectionID
        self.on = on
        self.rules = rules
        self.expectedVersion = expectedVersion
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var policy: MonitoringPolicy
        public init(policy: MonitoringPolicy) { self.policy = policy }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                connectionID: .example, on: true, rules: .example, expectedVersion: 2,
                reason: "Best-sellers of the season"),
            Response(policy: .example)
        )
    }
}

/// What an importer has to look for while it reads; asked before the first page.
public struct FetchRules: RPCRequest {
    public static let method: MethodName = "monitor.fetchRules"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Tells an importer which items of a connection it has to look for while reading."
    public static let callers = Callers.services("importer")

    public var connectionID: ConnectionID

    public init(connectionID: ConnectionID) { self.connectionID = connectionID }

    public struct Response: Codable, Sendable, Equatable {
        /// Names the list; to be sent back with what was found.
        public var listVersion: Int64
        /// Keys of must-have items, in order, each once.
        public var mustHave: [String]

        public init(listVersion: Int64, mustHave: [String]) {
            self.listVersion = listVersion
            self.mustHave = mustHave
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(connectionID: .example), Response(listVersion: 3, mustHave: ["A1", "A2"]))
    }
}

/// How imports of one connection are judged.
public struct MonitoringPolicy: Codable, Sendable, Equatable {
    public var connectionID: ConnectionID
    /// A connection that nobody has touched is monitored.
    public var on: Bool
    /// What holds now; the defaults while nobody has set them.
    public var rules: PolicyRules
    /// Counts the changes of the connection, from 0.
    public var version: Int64
    /// The changes, the newest first, at most 200; empty while the defaults hold.
    public var history: [MonitoringChange]
    /// Shadow mode that is under way or was the last, with what it has let pass; nil where `rules` set none.
    public var shadow: ShadowPeriod?

    public init(
        connectionID: ConnectionID, on: Bool, rules: PolicyRules = PolicyRules(), version: Int64 = 0,
        history: [MonitoringChange] = []
    ) {
        self.connectionID = connectionID
        self.on = on
        self.rules = rules
        self.version = version
        self.history = history
    }

    public static var example: MonitoringPolicy {
        MonitoringPolicy(
            connectionID: .example, on: true, rules: .example, version: 3,
            history: [
                MonitoringChange(
                    on: true, changedAt: .example, changedBy: "operator anna", reason: "Best-sellers of the season",
                    version: 3, changes: [PolicyChange(setting: "mustHave", before: "0", after: "2")])
            ])
    }
}

/// One change of a policy.
public struct MonitoringChange: Codable, Sendable, Equatable {
    public var on: Bool
    public var changedAt: Instant
    /// As the audit names people and services: `operator anna`.
    public var changedBy: String
    public var reason: String
    /// The version it made.
    public var version: Int64?
    /// What was changed.
    public var changes: [PolicyChange]?

    public init(
        on: Bool, changedAt: Instant, changedBy: String, reason: String, version: Int64? = nil,
        changes: [PolicyChange]? = nil
    ) {
        self.on = on
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.reason = reason
        self.version = version
        self.changes = changes
    }
}

/// One setting of a policy before and after a change.
public struct PolicyChange: Codable, Sendable, Equatable {
    /// A member of `PolicyRules`, or `on`.
    public var setting: String
    /// In words; of a list its length.
    public var before: String
    public var after: String

    public init(setting: String, before: String, after: String) {
        self.setting = setting
        self.before = before
        self.after = after
    }
}
