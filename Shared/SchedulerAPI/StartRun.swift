public import CoreTypes
public import RPC

/// Starts a run by hand: same pipeline, same checks. The next scheduled run stays where it is.
public struct StartRun: RPCRequest {
    public static let method: MethodName = "scheduler.startRun"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition, .permissionDenied]
    public static let summary = "Starts a run by hand, with a reason; refused while one is active or switched off."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// Some of the connection's modules; nil for all that are switched on.
    public var modules: [Module]?
    /// Why; 1 to 200 characters.
    public var reason: String
    /// Start although something is switched off; for support only, and kept with the run. nil for no.
    public var override: Bool?

    public init(connectionID: ConnectionID, modules: [Module]? = nil, reason: String, override: Bool? = nil) {
        self.connectionID = connectionID
        self.modules = modules
        self.reason = reason
        self.override = override
    }

    public struct Response: Codable, Sendable, Equatable {
        public var runID: RunID
        public init(runID: RunID) { self.runID = runID }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, modules: [.prices], reason: "Prices were mended in SAP"),
            Response(runID: .example)
        )
    }
}

/// Stops a run: at once while it is queued, else as soon as its importer next reports, and within ``confirmedWithin``.
///
/// Cancelling a run that is being cancelled, or was, succeeds and changes nothing.
public struct CancelRun: RPCRequest {
    public static let method: MethodName = "scheduler.cancelRun"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary =
        "Stops a run that is queued or in hand, with a reason; too late once it is being published."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// How long it takes at most until a run in hand has ended, its staged rows gone and the shop as it was.
    ///
    /// Its importer hears of it with the next heartbeat (0.8 s), lets go of whatever it waits for, and gives systems that
    /// hang five seconds to drop what was uploaded and to end the session; the rest is for files and a busy machine. Two
    /// things take longer: what stands half done at a shop without staging, of this run or of one before it, is brought to
    /// its end first, which takes as long as sending it did; and a run whose importer is gone is lost when its lease is
    /// over.
    public static let confirmedWithin: Duration = .seconds(10)

    public var runID: RunID
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(runID: RunID, reason: String) {
        self.runID = runID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        /// `finished` when it was still queued, else `cancelling`.
        public var state: RunState
        public init(state: RunState) { self.state = state }
    }

    public static var example: (request: Self, response: Response) {
        (Self(runID: .example, reason: "Wrong company database"), Response(state: .cancelling))
    }
}
