public import CoreTypes
public import RPC

/// A merchant's integration, in one line.
public struct MerchantSummary: Codable, Sendable, Equatable {
    public var merchantID: MerchantID
    public var name: String
    /// The merchant's number in the provider's books.
    public var number: String?
    /// The language of what the merchant is told.
    public var language: Language
    /// IANA name; schedules without a zone of their own follow it.
    public var timeZone: String
    /// The integration's own switch; off stops everything of the merchant.
    public var isOn: Bool
    public var connectionCount: Int
    public var createdAt: Instant

    public init(
        merchantID: MerchantID, name: String, number: String?, language: Language, timeZone: String, isOn: Bool,
        connectionCount: Int, createdAt: Instant
    ) {
        self.merchantID = merchantID
        self.name = name
        self.number = number
        self.language = language
        self.timeZone = timeZone
        self.isOn = isOn
        self.connectionCount = connectionCount
        self.createdAt = createdAt
    }

    public static var example: MerchantSummary {
        MerchantSummary(
            merchantID: .example, name: "Nordlys Lamper ApS", number: "10042", language: .danish,
            timeZone: "Europe/Copenhagen", isOn: true, connectionCount: 1, createdAt: .example)
    }
}

/// Opens a merchant's integration. It is switched on and has no systems yet.
public struct CreateMerchant: RPCRequest {
    public static let method: MethodName = "scheduler.createMerchant"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .alreadyExists, .failedPrecondition]
    public static let summary = "Opens a merchant's integration."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// 1 to 100 characters; no two merchants have the same, capitals aside.
    public var name: String
    /// 1 to 40 characters.
    public var number: String?
    public var language: Language
    /// IANA name, e.g. `Europe/Copenhagen`.
    public var timeZone: String

    public init(name: String, number: String? = nil, language: Language, timeZone: String) {
        self.name = name
        self.number = number
        self.language = language
        self.timeZone = timeZone
    }

    public struct Response: Codable, Sendable, Equatable {
        public var merchant: MerchantSummary
        public init(merchant: MerchantSummary) { self.merchant = merchant }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(name: "Nordlys Lamper ApS", number: "10042", language: .danish, timeZone: "Europe/Copenhagen"),
            Response(merchant: .example)
        )
    }
}

/// The merchants by name, all or those that match.
public struct ListMerchants: RPCRequest {
    public static let method: MethodName = "scheduler.listMerchants"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists merchants by name."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// Part of a name or number, or a whole id; nil lists all.
    public var query: String?
    /// 1 to 500; nil for 100.
    public var limit: Int?
    /// Only merchants whose name comes after this one: the last name of the page before.
    public var afterName: String?

    public init(query: String? = nil, limit: Int? = nil, afterName: String? = nil) {
        self.query = query
        self.limit = limit
        self.afterName = afterName
    }

    public struct Response: Codable, Sendable, Equatable {
        public var merchants: [MerchantSummary]
        public init(merchants: [MerchantSummary]) { self.merchants = merchants }
    }

    public static var example: (request: Self, response: Response) {
        (Self(query: "nordlys"), Response(merchants: [.example]))
    }
}

/// All there is to know about one integration on one page.
public struct DescribeMerchant: RPCRequest {
    public static let method: MethodName = "scheduler.describeMerchant"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows a merchant's switches, systems and connections with their effective state."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID

    public init(merchantID: MerchantID) { self.merchantID = merchantID }

    public struct Response: Codable, Sendable, Equatable {
        public var merchant: MerchantSummary
        /// The integration, each module, each connection: in that order, also those never touched.
        public var switches: [SwitchState]
        public var systems: [SystemSummary]
        public var connections: [ConnectionSummary]

        public init(
            merchant: MerchantSummary, switches: [SwitchState], systems: [SystemSummary],
            connections: [ConnectionSummary]
        ) {
            self.merchant = merchant
            self.switches = switches
            self.systems = systems
            self.connections = connections
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example),
            Response(
                merchant: .example, switches: [.example], systems: [.example(.sapBusinessOne)],
                connections: [.example])
        )
    }
}
