public import CoreTypes
public import RPC

/// The outside systems that can be simulated.
public enum SandboxKind: String, Codable, Sendable, Hashable, CaseIterable {
    case sapBusinessOne
    case genericWebshop
    /// A shop without staging: each row it is given is live at once.
    case directWebshop
}

/// How a simulated SAP Business One writes the link to the next page; real ones do either.
public enum NextLinkStyle: String, Codable, Sendable, CaseIterable {
    /// `Items?$skip=20`, to be resolved against the service root.
    case serviceRelative
    /// `/<system>/b1s/v2/Items?$skip=20`, to be resolved against the host.
    case serverRelative
}

/// Makes a simulated system; it answers at once below `/<name>/` of the sandbox's HTTPS address.
///
/// Sent again with the same values it changes nothing; a name in use for another definition is refused.
public struct CreateSystem: RPCRequest {
    public static let method: MethodName = "sandbox.createSystem"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .alreadyExists]
    public static let summary = "Makes a simulated SAP Business One, or a webshop with or without staging."
    public static let callers = Callers.operators

    /// 1 to 40 of `a`–`z`, `0`–`9` and `-`; the first component of every path of the system.
    public var name: String
    public var kind: SandboxKind
    /// Same seed, same catalogue. Default 1.
    public var seed: Int64?
    /// SAP: how many items can be sold, 0 to 2,000,000, default 50,000; another 2 % are frozen, invalid or not for sale.
    public var items: Int?
    /// SAP: price lists, 1 to 20, default 3.
    public var priceLists: Int?
    /// SAP: warehouses, 1 to 50, default 5.
    public var warehouses: Int?
    /// SAP: default `SBODEMO`.
    public var companyDatabase: String?
    /// SAP: default `manager`.
    public var user: String?
    /// SAP: default `sandbox`. Throw-away by nature, therefore in clear.
    public var password: String?
    /// SAP: idle minutes after which a session ends, default 30.
    public var sessionTimeoutMinutes: Int?
    /// SAP: the most rows a page has whatever is asked for, default 5,000.
    public var pageSizeMax: Int?
    /// SAP: default `serviceRelative`.
    public var nextLinks: NextLinkStyle?
    /// SAP: whether items carry the many fields real ones have; false keeps those that connectors read. Default true.
    public var allFields: Bool?
    /// Webshop: default `wsk_sandbox`.
    public var apiKey: String?
    /// Webshop: rights of the key; default all of `catalog:read`, `catalog:write`.
    public var scopes: [String]?
    /// Webshop: refill of the token bucket, default 500; twice as many may come in a burst.
    public var requestsPerSecond: Int?
    /// Webshop: by how many per cent a full import may shrink a set without `allow_shrink`, default 20.
    public var shrinkPercentMax: Int?

    public init(
        name: String, kind: SandboxKind, seed: Int64? = nil, items: Int? = nil, priceLists: Int? = nil,
        warehouses: Int? = nil, companyDatabase: String? = nil, user: String? = nil, password: String? = nil,
        sessionTimeoutMinutes: Int? = nil, pageSizeMax: Int? = nil, nextLinks: NextLinkStyle? = nil,
        allFields: Bool? = nil, apiKey: String? = nil, scopes: [String]? = nil, requestsPerSecond: Int? = nil,
        shrinkPercentMax: Int? = nil
    ) {
        self.name = name
        self.kind = kind
        self.seed = seed
        self.items = items
        self.priceLists = priceLists
        self.warehouses = warehouses
        self.companyDatabase = companyDatabase
        self.user = user
        self.password = password
        self.sessionTimeoutMinutes = sessionTimeoutMinutes
        self.pageSizeMax = pageSizeMax
        self.nextLinks = nextLinks
        self.allFields = allFields
        self.apiKey = apiKey
        self.scopes = scopes
        self.requestsPerSecond = requestsPerSecond
        self.shrinkPercentMax = shrinkPercentMax
    }

    public struct Response: Codable, Sendable, Equatable {
        public var system: SandboxSystem
        public init(system: SandboxSystem) { self.system = system }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(name: "demo-sap", kind: .sapBusinessOne, seed: 7, items: 50_000, priceLists: 3, warehouses: 5),
            Response(system: .example)
        )
    }
}

/// One simulated system as lists show it.
public struct SandboxSystem: Codable, Sendable, Equatable {
    public var name: String
    public var kind: SandboxKind
    /// What to append to the sandbox's HTTPS address for the base URL of a connection: `/demo-sap`.
    public var path: String
    /// SAP: items that can be sold. Webshop: live products.
    public var items: Int
    public var createdAt: Instant
    public var faults: [ActiveFault]

    public init(
        name: String, kind: SandboxKind, path: String, items: Int, createdAt: Instant, faults: [ActiveFault]
    ) {
        self.name = name
        self.kind = kind
        self.path = path
        self.items = items
        self.createdAt = createdAt
        self.faults = faults
    }

    public static var example: SandboxSystem {
        SandboxSystem(
            name: "demo-sap", kind: .sapBusinessOne, path: "/demo-sap", items: 50_000,
            createdAt: Instant(seconds: 1_772_431_200), faults: [])
    }
}

/// Forgets a system and everything in it.
public struct RemoveSystem: RPCRequest {
    public static let method: MethodName = "sandbox.removeSystem"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = []
    public static let summary = "Forgets a simulated system with all its data; one that is not there is no error."
    public static let callers = Callers.operators

    public var system: String

    public init(system: String) { self.system = system }

    public struct Response: Codable, Sendable, Equatable {
        public var removed: Bool
        public init(removed: Bool) { self.removed = removed }
    }

    public static var example: (request: Self, response: Response) {
        (Self(system: "demo-sap"), Response(removed: true))
    }
}

public struct ListSystems: RPCRequest {
    public static let method: MethodName = "sandbox.listSystems"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Lists the simulated systems by name, with what is broken in each."
    public static let callers = Callers.operators

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var systems: [SandboxSystem]
        /// What is broken in the mailbox.
        public var mailboxFaults: [ActiveFault]

        public init(systems: [SandboxSystem], mailboxFaults: [ActiveFault]) {
            self.systems = systems
            self.mailboxFaults = mailboxFaults
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(), Response(systems: [.example], mailboxFaults: []))
    }
}
