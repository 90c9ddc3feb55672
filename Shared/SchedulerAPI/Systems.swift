public import CoreTypes
public import RPC

/// An outside system as people see it: never with its credentials, not even sealed.
public struct SystemSummary: Codable, Sendable, Equatable {
    public var systemID: SystemID
    public var merchantID: MerchantID
    public var name: String
    public var kind: SystemKind
    public var baseURL: String
    public var options: [String: String]
    /// Which of the importers' keys the credentials are sealed to.
    public var sealedTo: String
    public var credentialsChangedAt: Instant

    public init(
        systemID: SystemID, merchantID: MerchantID, name: String, kind: SystemKind, baseURL: String,
        options: [String: String], sealedTo: String, credentialsChangedAt: Instant
    ) {
        self.systemID = systemID
        self.merchantID = merchantID
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.options = options
        self.sealedTo = sealedTo
        self.credentialsChangedAt = credentialsChangedAt
    }

    public static func example(_ kind: SystemKind) -> SystemSummary {
        let access = SystemAccess.example(kind)
        return SystemSummary(
            systemID: access.systemID, merchantID: access.merchantID, name: access.name, kind: kind,
            baseURL: access.baseURL, options: access.options, sealedTo: access.credentials.keyID,
            credentialsChangedAt: .example)
    }
}

/// Tells the scheduler of a merchant's system. The credentials are sealed before they get here.
public struct CreateSystem: RPCRequest {
    public static let method: MethodName = "scheduler.createSystem"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .alreadyExists, .failedPrecondition]
    public static let summary = "Adds a merchant's ERP or webshop, with sealed credentials."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// 1 to 100 characters, its own within the merchant.
    public var name: String
    public var kind: SystemKind
    /// `https://host[:port][/path]` without query, user or closing slash; at most 300 characters.
    public var baseURL: String
    /// Connector options that are no secrets; at most 20, names to 50 and values to 500
    /// characters. nil for none; a system of kind `sapBusinessOne` needs `companyDatabase`.
    public var options: [String: String]?
    /// Sealed to the importers' key, bound to `merchantID/kind/baseURL`.
    public var credentials: SealedText

    public init(
        merchantID: MerchantID, name: String, kind: SystemKind, baseURL: String, options: [String: String]? = nil,
        credentials: SealedText
    ) {
        self.merchantID = merchantID
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.options = options
        self.credentials = credentials
    }

    public struct Response: Codable, Sendable, Equatable {
        public var system: SystemSummary
        public init(system: SystemSummary) { self.system = system }
    }

    public static var example: (request: Self, response: Response) {
        let access = SystemAccess.example(.sapBusinessOne)
        return (
            Self(
                merchantID: access.merchantID, name: access.name, kind: access.kind, baseURL: access.baseURL,
                options: access.options, credentials: access.credentials),
            Response(system: .example(.sapBusinessOne))
        )
    }
}

/// Changes where a system is or how to log in. Takes effect with the next run.
public struct UpdateSystem: RPCRequest {
    public static let method: MethodName = "scheduler.updateSystem"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Changes the address, options or credentials of a system."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var systemID: SystemID
    /// A new address needs credentials sealed anew, because they are bound to it.
    public var baseURL: String?
    public var options: [String: String]?
    public var credentials: SealedText?
    /// Why; 1 to 200 characters, kept with the change.
    public var reason: String

    public init(
        systemID: SystemID, baseURL: String? = nil, options: [String: String]? = nil, credentials: SealedText? = nil,
        reason: String
    ) {
        self.systemID = systemID
        self.baseURL = baseURL
        self.options = options
        self.credentials = credentials
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var system: SystemSummary
        public init(system: SystemSummary) { self.system = system }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                systemID: .example, credentials: SystemAccess.example(.sapBusinessOne).credentials,
                reason: "The password was changed"),
            Response(system: .example(.sapBusinessOne))
        )
    }
}

public struct ListSystems: RPCRequest {
    public static let method: MethodName = "scheduler.listSystems"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Lists a merchant's systems, without credentials."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID

    public init(merchantID: MerchantID) { self.merchantID = merchantID }

    public struct Response: Codable, Sendable, Equatable {
        public var systems: [SystemSummary]
        public init(systems: [SystemSummary]) { self.systems = systems }
    }

    public static var example: (request: Self, response: Response) {
        (Self(merchantID: .example), Response(systems: [.example(.sapBusinessOne), .example(.genericWebshop)]))
    }
}

/// Hands a system with its sealed credentials to an importer, which alone can open them; for probes.
public struct FetchSystem: RPCRequest {
    public static let method: MethodName = "scheduler.fetchSystem"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Hands a system with its sealed credentials to an importer."
    public static let callers = Callers.services("importer")

    public var systemID: SystemID

    public init(systemID: SystemID) { self.systemID = systemID }

    public struct Response: Codable, Sendable, Equatable {
        public var system: SystemAccess
        public init(system: SystemAccess) { self.system = system }
    }

    public static var example: (request: Self, response: Response) {
        (Self(systemID: .example), Response(system: .example(.sapBusinessOne)))
    }
}
