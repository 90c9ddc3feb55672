public import CoreTypes
public import RPC

/// One connection with what people ask about it: does it run, when did it, when will it.
public struct ConnectionSummary: Codable, Sendable, Equatable {
    public var connectionID: ConnectionID
    public var merchantID: MerchantID
    public var merchantName: String
    /// As the merchant knows it: "Our SAP > Our shop".
    public var label: String
    /// Which way the data goes.
    public var source: Endpoint
    public var target: Endpoint
    public var modules: [Module]
    /// The connection's own switch.
    public var isOn: Bool
    public var effectiveState: EffectiveState
    public var schedule: Schedule
    /// The last run that started, finished or not; nil before the first.
    public var lastRun: RunSummary?
    /// nil while paused and without a schedule.
    public var nextRunAt: Instant?
    /// When the shop last received a set of this connection.
    public var lastPublishedAt: Instant?
    /// Set while nothing starts because too many tries failed.
    public var parked: Parking?
    /// Set while nothing is published.
    public var freeze: Freeze?
    /// The source as it was at this time is what the shop has, all modules together; nil before a run has told.
    public var asOf: Instant?
    /// Until when that is as fresh as was promised; nil while nothing is promised.
    public var promisedUntil: Instant?

    /// One end of a connection.
    public struct Endpoint: Codable, Sendable, Equatable {
        public var systemID: SystemID
        public var name: String
        public var kind: SystemKind

        public init(systemID: SystemID, name: String, kind: SystemKind) {
            self.systemID = systemID
            self.name = name
            self.kind = kind
        }
    }

    public init(
        connectionID: ConnectionID, merchantID: MerchantID, merchantName: String, label: String, source: Endpoint,
        target: Endpoint, modules: [Module], isOn: Bool, effectiveState: EffectiveState, schedule: Schedule,
        lastRun: RunSummary?, nextRunAt: Instant?, lastPublishedAt: Instant?, parked: Parking? = nil,
        freeze: Freeze? = nil, asOf: Instant? = nil, promisedUntil: Instant? = nil
    ) {
        self.connectionID = connectionID
        self.merchantID = merchantID
        self.merchantName = merchantName
        self.label = label
        self.source = source
        self.target = target
        self.modules = modules
        self.isOn = isOn
        self.effectiveState = effectiveState
        self.schedule = schedule
        self.lastRun = lastRun
        self.nextRunAt = nextRunAt
        self.lastPublishedAt = lastPublishedAt
        self.parked = parked
        self.freeze = freeze
        self.asOf = asOf
        self.promisedUntil = promisedUntil
    }

    public static var example: ConnectionSummary {
        ConnectionSummary(
            connectionID: .example, merchantID: .example, merchantName: "Nordlys Lamper ApS",
            label: "Our SAP > Our shop",
            source: Endpoint(systemID: .example, name: "Our SAP", kind: .sapBusinessOne),
            target: Endpoint(systemID: .example, name: "Our shop", kind: .genericWebshop),
            modules: Module.allCases, isOn: true, effectiveState: .example, schedule: .every(seconds: 900),
            lastRun: .example, nextRunAt: .example + .seconds(900), lastPublishedAt: .example)
    }
}

/// Joins a source and a target of one merchant. The connection is switched on; its schedule starts now.
public struct CreateConnection: RPCRequest {
    public static let method: MethodName = "scheduler.createConnection"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .alreadyExists, .failedPrecondition]
    public static let summary = "Joins an ERP and a webshop of one merchant, with mapping and schedule."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// 1 to 100 characters, its own within the merchant; nil makes "source > target".
    public var label: String?
    public var sourceID: SystemID
    public var targetID: SystemID
    public var settings: ConnectionSettings
    public var schedule: Schedule

    public init(
        merchantID: MerchantID, label: String? = nil, sourceID: SystemID, targetID: SystemID,
        settings: ConnectionSettings = ConnectionSettings(), schedule: Schedule
    ) {
        self.merchantID = merchantID
        self.label = label
        self.sourceID = sourceID
        self.targetID = targetID
        self.settings = settings
        self.schedule = schedule
    }

    public struct Response: Codable, Sendable, Equatable {
        public var connection: ConnectionSummary
        public init(connection: ConnectionSummary) { self.connection = connection }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                merchantID: .example, sourceID: .example,
                targetID: SystemID(bytes: (0x0197_4e5e_b3c0_7000, 0x8000_0000_0000_0002)),
                schedule: .every(seconds: 900)),
            Response(connection: .example)
        )
    }
}

/// Changes mapping, reading or schedule. A run in hand keeps the settings it began with.
public struct UpdateConnection: RPCRequest {
    public static let method: MethodName = "scheduler.updateConnection"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Changes a connection's settings or schedule, with a reason that is kept."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// nil leaves them.
    public var settings: ConnectionSettings?
    /// nil leaves it, and the next run with it.
    public var schedule: Schedule?
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(
        connectionID: ConnectionID, settings: ConnectionSettings? = nil, schedule: Schedule? = nil, reason: String
    ) {
        self.connectionID = connectionID
        self.settings = settings
        self.schedule = schedule
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var connection: ConnectionSummary
        public init(connection: ConnectionSummary) { self.connection = connection }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, schedule: .cron("0 6 * * *"), reason: "Once a day is enough"),
            Response(connection: .example)
        )
    }
}

public struct DescribeConnection: RPCRequest {
    public static let method: MethodName = "scheduler.describeConnection"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows one connection with its settings and who set them."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID

    public init(connectionID: ConnectionID) { self.connectionID = connectionID }

    public struct Response: Codable, Sendable, Equatable {
        public var connection: ConnectionSummary
        public var settings: ConnectionSettings
        /// Counts up from 1 with each change of the settings.
        public var settingsVersion: Int
        public var settingsChangedBy: String
        public var settingsChangedAt: Instant

        public init(
            connection: ConnectionSummary, settings: ConnectionSettings, settingsVersion: Int,
            settingsChangedBy: String, settingsChangedAt: Instant
        ) {
            self.connection = connection
            self.settings = settings
            self.settingsVersion = settingsVersion
            self.settingsChangedBy = settingsChangedBy
            self.settingsChangedAt = settingsChangedAt
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example),
            Response(
                connection: .example, settings: .example, settingsVersion: 1,
                settingsChangedBy: "operator anna", settingsChangedAt: .example)
        )
    }
}

public struct ListConnections: RPCRequest {
    public static let method: MethodName = "scheduler.listConnections"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lists connections with direction, effective state, last and next run."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// nil lists those of all merchants.
    public var merchantID: MerchantID?
    /// 1 to 500; nil for 100.
    public var limit: Int?
    /// Only connections created after this one: the last of the page before.
    public var after: ConnectionID?

    public init(merchantID: MerchantID? = nil, limit: Int? = nil, after: ConnectionID? = nil) {
        self.merchantID = merchantID
        self.limit = limit
        self.after = after
    }

    public struct Response: Codable, Sendable, Equatable {
        /// In the order they were created.
        public var connections: [ConnectionSummary]
        public init(connections: [ConnectionSummary]) { self.connections = connections }
    }

    public static var example: (request: Self, response: Response) {
        (Self(merchantID: .example), Response(connections: [.example]))
    }
}
