public import CoreTypes
public import RPC

/// An importer asks for the run that is due longest and may take it.
///
/// Claiming raises the connection's fencing token: every later write about the run carries it, and a lower one is
/// refused everywhere. A run is offered first to the importer that last published the connection.
public struct ClaimRun: RPCRequest {
    public static let method: MethodName = "scheduler.claimRun"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Hands the longest overdue run to an importer, under a lease."
    public static let callers = Callers.services("importer")

    /// Chosen by the importer for each claim it means to make, at most 64 characters. A claim sent again with the same
    /// value gets the same run and token, so that a lost answer costs nothing; nil gives that up.
    public var claimID: String?

    public init(claimID: String? = nil) { self.claimID = claimID }

    public struct Response: Codable, Sendable, Equatable {
        /// nil when nothing is due.
        public var run: ClaimedRun?
        public init(run: ClaimedRun?) { self.run = run }
    }

    public static var example: (request: Self, response: Response) { (Self(claimID: "7f3a"), Response(run: .example)) }
}

public struct ClaimedRun: Codable, Sendable, Equatable {
    public var runID: RunID
    /// Rises with every claim of any run of the connection.
    public var fencingToken: Int64
    /// The lease ends this long after the claim or its last renewal.
    public var leaseMs: Int64
    public var merchantID: MerchantID
    public var connectionID: ConnectionID
    public var connectionLabel: String
    public var source: SystemAccess
    public var target: SystemAccess
    public var settings: ConnectionSettings
    /// The modules to run now: those of the connection that are switched on, or those asked for by hand.
    public var modules: [Module]
    public var trigger: RunTrigger
    public var traceparent: Traceparent
    /// nil for an import.
    public var task: RunTask?
    /// Set when nothing may be published: the run is judged and held.
    public var freeze: Freeze?
    /// At a shop without staging: the highest token under which another importer has had the connection, 0 for none. What
    /// this importer has journaled since is still as it left it. nil at other shops, and from earlier versions.
    public var othersToken: Int64?

    public init(
        runID: RunID, fencingToken: Int64, leaseMs: Int64, merchantID: MerchantID, connectionID: ConnectionID,
        connectionLabel: String, source: SystemAccess, target: SystemAccess, settings: ConnectionSettings,
        modules: [Module], trigger: RunTrigger, traceparent: Traceparent, task: RunTask? = nil, freeze: Freeze? = nil,
        othersToken: Int64? = nil
    ) {
        self.runID = runID
        self.fencingToken = fencingToken
        self.leaseMs = leaseMs
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.connectionLabel = connectionLabel
        self.source = source
        self.target = target
        self.settings = settings
        self.modules = modules
        self.trigger = trigger
        self.traceparent = traceparent
        self.task = task
        self.freeze = freeze
        self.othersToken = othersToken
    }
}

/// What an importer needs to reach an outside system; the credentials stay sealed to the importers.
public struct SystemAccess: Codable, Sendable, Equatable {
    public var systemID: SystemID
    public var merchantID: MerchantID
    public var name: String
    public var kind: SystemKind
    public var baseURL: String
    /// Connector options that are no secrets, e.g. `companyDatabase`, `caFile`.
    public var options: [String: String]
    public var credentials: SealedText

    public init(
        systemID: SystemID, merchantID: MerchantID, name: String, kind: SystemKind, baseURL: String,
        options: [String: String], credentials: SealedText
    ) {
        self.systemID = systemID
        self.merchantID = merchantID
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.options = options
        self.credentials = credentials
    }
}

/// A text sealed (HPKE) to the importers' public key; base64. Bound to merchant, kind and base URL, so that
/// credentials cannot be sent to another host by changing a row.
public struct SealedText: Codable, Sendable, Equatable {
    /// Which key it was sealed to.
    public var keyID: String
    public var encapsulatedKey: String
    public var ciphertext: String

    public init(keyID: String, encapsulatedKey: String, ciphertext: String) {
        self.keyID = keyID
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }
}

/// Keeps a lease, and says how far the run is.
public struct RenewLease: RPCRequest {
    public static let method: MethodName = "scheduler.renewLease"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.notFound, .aborted]
    public static let summary = "Extends the lease of a run and reports its progress; aborted when it was taken over."
    public static let callers = Callers.services("importer")

    public var runID: RunID
    public var fencingToken: Int64
    public var progress: RunProgress

    public init(runID: RunID, fencingToken: Int64, progress: RunProgress) {
        self.runID = runID
        self.fencingToken = fencingToken
        self.progress = progress
    }

    public struct Response: Codable, Sendable, Equatable {
        /// True once somebody asked for the run to be cancelled; the importer then cleans up and finishes it so.
        public var cancelRequested: Bool
        /// Set since publishing was frozen: the run is held, unless it has begun to change the shop.
        public var freeze: Freeze?

        public init(cancelRequested: Bool, freeze: Freeze? = nil) {
            self.cancelRequested = cancelRequested
            self.freeze = freeze
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                runID: .example, fencingToken: 7,
                progress: RunProgress(phase: .extracting, fetched: 12_000, expected: 50_000, page: 24)),
            Response(cancelRequested: false)
        )
    }
}

/// Records the outcome of a run, once; the same report sent again is answered alike.
public struct FinishRun: RPCRequest {
    public static let method: MethodName = "scheduler.finishRun"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .aborted]
    public static let summary = "Records the outcome of a run; aborted when a newer claim has taken over."
    public static let callers = Callers.services("importer")

    public var runID: RunID
    public var fencingToken: Int64
    public var report: RunReport

    public init(runID: RunID, fencingToken: Int64, report: RunReport) {
        self.runID = runID
        self.fencingToken = fencingToken
        self.report = report
    }

    public struct Response: Codable, Sendable, Equatable {
        public var finishedAt: Instant
        public init(finishedAt: Instant) { self.finishedAt = finishedAt }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(runID: .example, fencingToken: 7, report: RunReport(outcome: .unchanged, reason: "run_unchanged")),
            Response(finishedAt: .example)
        )
    }
}
