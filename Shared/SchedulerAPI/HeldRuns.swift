public import CoreTypes
public import RPC

/// What has become of a run that was held.
public struct HeldState: Codable, Sendable, Equatable {
    public enum Decision: String, Codable, Sendable, CaseIterable {
        /// Its set is being published, or has been.
        case released
        /// A person did not want it; its set is gone.
        case refused
        /// A newer run of the connection was published or held.
        case superseded
        /// Nobody decided within a day.
        case expired
    }

    /// nil while it waits.
    public var decision: Decision?
    public var decidedAt: Instant?
    public var decidedBy: String?
    public var reason: String?
    /// Until when it can be released.
    public var waitsUntil: Instant
    /// The run that publishes its set.
    public var releasedBy: RunID?
    /// The last run that was to publish its set and was held for more than had been agreed to; its figures are those to
    /// agree to now. nil when there was none.
    public var heldAgainBy: RunID?

    public init(
        waitsUntil: Instant, decision: Decision? = nil, decidedAt: Instant? = nil, decidedBy: String? = nil,
        reason: String? = nil, releasedBy: RunID? = nil, heldAgainBy: RunID? = nil
    ) {
        self.waitsUntil = waitsUntil
        self.decision = decision
        self.decidedAt = decidedAt
        self.decidedBy = decidedBy
        self.reason = reason
        self.releasedBy = releasedBy
        self.heldAgainBy = heldAgainBy
    }
}

/// Publishes what a held run has staged, by a run of its own.
///
/// What was held by the monitor's limits needs its approval first (`monitor.approveImport`); the importer asks the monitor
/// again before it publishes, and compares the set with what the shop shows by then. When that is more than was agreed to,
/// the run is held again (`HeldState.heldAgainBy`): approve *its* figures and release once more.
public struct ReleaseRun: RPCRequest {
    public static let method: MethodName = "scheduler.releaseRun"
    public static let effect = Effect.once
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Publishes the set of a held run, with a reason; only while it waits to be decided."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// The held run, or a run that was to publish its set and was held again.
    public var runID: RunID
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(runID: RunID, reason: String) {
        self.runID = runID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        /// The run that publishes it.
        public var runID: RunID
        public init(runID: RunID) { self.runID = runID }
    }

    public static var example: (request: Self, response: Response) {
        (Self(runID: .example, reason: "The summer range really ended"), Response(runID: .example))
    }
}

/// Throws away what a held run has staged. Refusing it again succeeds and changes nothing.
public struct RefuseRun: RPCRequest {
    public static let method: MethodName = "scheduler.refuseRun"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Throws away the set of a held run, with a reason; the shop stays as it is."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var runID: RunID
    /// Why; 1 to 200 characters.
    public var reason: String

    public init(runID: RunID, reason: String) {
        self.runID = runID
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        public var held: HeldState
        public init(held: HeldState) { self.held = held }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(runID: .example, reason: "The price list was wrong"),
            Response(
                held: HeldState(
                    waitsUntil: .example, decision: .refused, decidedAt: .example, decidedBy: "operator anna",
                    reason: "The price list was wrong"))
        )
    }
}

/// Which of an importer's held sets may still be asked for.
public struct CheckHeldRuns: RPCRequest {
    public static let method: MethodName = "scheduler.checkHeldRuns"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Tells an importer which held sets to keep; the others can be thrown away."
    public static let callers = Callers.services("importer")

    /// At most 500.
    public var runIDs: [RunID]

    public init(runIDs: [RunID]) { self.runIDs = runIDs }

    public struct Response: Codable, Sendable, Equatable {
        /// Those that wait to be decided, or are being released.
        public var kept: [RunID]
        public init(kept: [RunID]) { self.kept = kept }
    }

    public static var example: (request: Self, response: Response) {
        (Self(runIDs: [.example]), Response(kept: [.example]))
    }
}
