public import CoreTypes
public import RPC

/// The settings a connection has had; a run says which version it began with by its time.
public struct ListSettings: RPCRequest {
    public static let method: MethodName = "scheduler.listSettings"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lists the versions of a connection's settings, newest first, with who set them."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// Only this version; nil for all.
    public var version: Int?
    /// 1 to 50; nil for 20. A version may be some kilobytes long.
    public var limit: Int?
    /// Only versions before this one: the last of the page before.
    public var before: Int?

    public init(connectionID: ConnectionID, version: Int? = nil, limit: Int? = nil, before: Int? = nil) {
        self.connectionID = connectionID
        self.version = version
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var versions: [SettingsVersion]
        public init(versions: [SettingsVersion]) { self.versions = versions }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, limit: 5),
            Response(versions: [
                SettingsVersion(
                    version: 1, settings: .example, changedBy: "operator anna", changedAt: .example,
                    reason: "created")
            ])
        )
    }
}

public struct SettingsVersion: Codable, Sendable, Equatable {
    /// Counts up from 1; the highest is in force.
    public var version: Int
    public var settings: ConnectionSettings
    public var changedBy: String
    public var changedAt: Instant
    public var reason: String

    public init(version: Int, settings: ConnectionSettings, changedBy: String, changedAt: Instant, reason: String) {
        self.version = version
        self.settings = settings
        self.changedBy = changedBy
        self.changedAt = changedAt
        self.reason = reason
    }
}
