public import CoreTypes
public import RPC
import SchedulerAPI

/// One thing that is wrong with one connection, from the first run that showed it to the run that succeeded again.
public struct Incident: Codable, Sendable, Equatable {
    public var incidentID: IncidentID
    /// Counts up with every incident.
    public var sequence: Int64
    public var merchantID: MerchantID
    public var merchantName: String
    public var connectionID: ConnectionID
    public var connectionLabel: String
    public var kind: NoticeKind
    /// Catalogue key; with the connection it makes one incident of many runs.
    public var reason: String
    public var openedAt: Instant
    /// The last run that showed it.
    public var lastSeenAt: Instant
    /// How many runs showed it.
    public var runCount: Int
    /// nil while it is open.
    public var closedAt: Instant?
    /// When the recipients are reminded; nil when closed.
    public var nextReminderAt: Instant?

    public init(
        incidentID: IncidentID, sequence: Int64, merchantID: MerchantID, merchantName: String,
        connectionID: ConnectionID, connectionLabel: String, kind: NoticeKind, reason: String, openedAt: Instant,
        lastSeenAt: Instant, runCount: Int, closedAt: Instant?, nextReminderAt: Instant?
    ) {
        self.incidentID = incidentID
        self.sequence = sequence
        self.merchantID = merchantID
        self.merchantName = merchantName
        self.connectionID = connectionID
        self.connectionLabel = connectionLabel
        self.kind = kind
        self.reason = reason
        self.openedAt = openedAt
        self.lastSeenAt = lastSeenAt
        self.runCount = runCount
        self.closedAt = closedAt
        self.nextReminderAt = nextReminderAt
    }

    public static var example: Incident {
        Incident(
            incidentID: .example, sequence: 3, merchantID: .example, merchantName: "Nordlys Cykler",
            connectionID: .example, connectionLabel: "Our SAP > Our shop", kind: .importRefused,
            reason: "run_incomplete", openedAt: .example, lastSeenAt: .example + .seconds(3600), runCount: 2,
            closedAt: .example + .seconds(7200), nextReminderAt: .example + .seconds(86_400))
    }
}

/// Lists incidents, the newest first.
public struct ListIncidents: RPCRequest {
    public static let method: MethodName = "notifier.listIncidents"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists incidents, the newest first; only the open ones when asked."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// nil for all merchants.
    public var merchantID: MerchantID?
    /// nil for all connections.
    public var connectionID: ConnectionID?
    public var onlyOpen: Bool?
    /// 1 to 200; 50 when left out.
    public var limit: Int?
    /// Only those with a lower sequence, to read on.
    public var before: Int64?

    public init(
        merchantID: MerchantID? = nil, connectionID: ConnectionID? = nil, onlyOpen: Bool? = nil, limit: Int? = nil,
        before: Int64? = nil
    ) {
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.onlyOpen = onlyOpen
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var incidents: [Incident]
        public init(incidents: [Incident]) { self.incidents = incidents }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, connectionID: .example, onlyOpen: true, limit: 20, before: 100),
            Response(incidents: [.example])
        )
    }
}

/// Shows one incident with the runs that showed it and the mails about it.
public struct DescribeIncident: RPCRequest {
    public static let method: MethodName = "notifier.describeIncident"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows one incident with its runs and every mail about it."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var incidentID: IncidentID

    public init(incidentID: IncidentID) { self.incidentID = incidentID }

    public struct Response: Codable, Sendable, Equatable {
        public var incident: Incident
        /// The runs that showed it, the newest first, at most 50.
        public var runs: [RunID]
        public var messages: [Message]

        public init(incident: Incident, runs: [RunID], messages: [Message]) {
            self.incident = incident
            self.runs = runs
            self.messages = messages
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(incidentID: .example),
            Response(incident: .example, runs: [.example], messages: [.example])
        )
    }
}
