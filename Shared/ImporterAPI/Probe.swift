public import CoreTypes
public import RPC
public import SchedulerAPI

/// Tries a system step by step, as the pre-flight of a run does: reach, log in, read one row of each endpoint.
public struct ProbeSystem: RPCRequest {
    public static let method: MethodName = "importer.probeSystem"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound, .unavailable]
    public static let summary = "Checks access to a system step by step, with the class of the first fault."
    public static let callers = Callers.operatorsAndServices("scheduler", "dashboard")

    public var systemID: SystemID

    public init(systemID: SystemID) { self.systemID = systemID }

    public struct Response: Codable, Sendable, Equatable {
        public var steps: [ProbeStep]
        /// The system's own name for its version, when it says.
        public var version: String?
        public init(steps: [ProbeStep], version: String? = nil) {
            self.steps = steps
            self.version = version
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(systemID: .example),
            Response(
                steps: [
                    ProbeStep(name: "reach", durationMs: 12, failure: nil, detail: "load balancer answers"),
                    ProbeStep(name: "login", durationMs: 48, failure: .login, detail: "Login failed"),
                ], version: "1000110")
        )
    }
}

/// One step of a probe. The steps end at the first failure.
public struct ProbeStep: Codable, Sendable, Equatable {
    /// `reach`, `login`, `read Items`, …
    public var name: String
    public var durationMs: Int64
    public var failure: FailureClass?
    /// What the system answered, shortened to 200 characters; never a credential.
    public var detail: String?
    /// Stable key in the text catalogue, where the class does not say enough; with what fills its sentences.
    public var reason: String?
    public var arguments: [String: String]?

    public init(
        name: String, durationMs: Int64, failure: FailureClass?, detail: String?, reason: String? = nil,
        arguments: [String: String]? = nil
    ) {
        self.name = name
        self.durationMs = durationMs
        self.failure = failure
        self.detail = detail
        self.reason = reason
        self.arguments = arguments
    }

    /// Key of what people are told of its failure; nil when it has not failed.
    public var textKey: String? { reason ?? failure.map { "run_failed_\($0.rawValue)" } }
}

/// The public key that credentials of outside systems are sealed to, before they leave the operator's machine.
public struct FetchSealingKey: RPCRequest {
    public static let method: MethodName = "importer.fetchSealingKey"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Returns the importers' public key for sealing credentials."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public init() {}

    public struct Response: Codable, Sendable, Equatable {
        public var keyID: String
        /// X25519 public key, base64.
        public var publicKey: String
        public init(keyID: String, publicKey: String) {
            self.keyID = keyID
            self.publicKey = publicKey
        }
    }

    public static var example: (request: Self, response: Response) {
        (Self(), Response(keyID: "importer-1", publicKey: "AAAA"))
    }
}
