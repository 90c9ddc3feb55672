public import CoreTypes
public import RPC
public import SchedulerAPI

/// Agrees that a held import is published in spite of what holds it.
///
/// The agreement covers at most the figures the person was shown, and ends after a day at most. It publishes nothing: the
/// run that releases the import is judged once more and carries it. The same agreement again is answered alike until it
/// has expired.
public struct ApproveImport: RPCRequest {
    public static let method: MethodName = "monitor.approveImport"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument, .notFound, .failedPrecondition]
    public static let summary = "Agrees to publish a held import for at most the figures shown, for a limited time."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// The held run.
    public var runID: RunID
    /// What the person was shown, as `describeEvidence` gave it. Refused (`approval_figures_differ`) when the run was
    /// held for anything else.
    public var holds: [Hold]
    /// Why, in the person's words; 1 to 200 characters.
    public var reason: String
    /// How long it is good for: 60 s to 24 h, 4 h when left out. Never longer than 24 h after judging.
    public var validSeconds: Int?
    /// The person, when a service asks on somebody's behalf; 1 to 100 characters. An operator is named by certificate.
    public var approvedBy: String?

    public init(
        runID: RunID, holds: [Hold], reason: String, validSeconds: Int? = nil, approvedBy: String? = nil
    ) {
        self.runID = runID
        self.holds = holds
        self.reason = reason
        self.validSeconds = validSeconds
        self.approvedBy = approvedBy
    }

    public struct Response: Codable, Sendable, Equatable {
        public var approval: Approval
        /// The verdict of the held run with the approval in it, for the record: the same staged set, run and claim.
        public var verdict: SignedVerdict

        public init(approval: Approval, verdict: SignedVerdict) {
            self.approval = approval
            self.verdict = verdict
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(
                runID: .example, holds: [.example], reason: "The summer range really ended", validSeconds: 3600),
            Response(approval: .example, verdict: .example)
        )
    }
}

/// Lists what shadow mode let pass, the newest first.
public struct ListShadowStops: RPCRequest {
    public static let method: MethodName = "monitor.listShadowStops"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists imports that shadow mode let pass and that would have been stopped otherwise."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// 1 to 200; 50 when left out.
    public var limit: Int?
    /// Only those with a lower sequence, to read on.
    public var before: Int64?

    public init(connectionID: ConnectionID, limit: Int? = nil, before: Int64? = nil) {
        self.connectionID = connectionID
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var stops: [ShadowStop]
        public init(stops: [ShadowStop]) { self.stops = stops }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, limit: 20),
            Response(
                stops: [
                    ShadowStop(
                        sequence: 41, runID: .example, judgedAt: .example, verdict: .incomplete,
                        reason: "run_incomplete", holds: [], distinctKeys: 983, expected: 1000)
                ])
        )
    }
}

/// An import that shadow mode let pass.
public struct ShadowStop: Codable, Sendable, Equatable {
    public var sequence: Int64
    public var runID: RunID
    public var judgedAt: Instant
    /// What the verdict would have been.
    public var verdict: Verdict
    /// Catalogue key.
    public var reason: String
    /// The kinds of things that would have held it; their figures are in its evidence.
    public var holds: [Hold.Kind]
    public var distinctKeys: Int
    public var expected: Int?

    public init(
        sequence: Int64, runID: RunID, judgedAt: Instant, verdict: Verdict, reason: String, holds: [Hold.Kind],
        distinctKeys: Int, expected: Int?
    ) {
        self.sequence = sequence
        self.runID = runID
        self.judgedAt = judgedAt
        self.verdict = verdict
        self.reason = reason
        self.holds = holds
        self.distinctKeys = distinctKeys
        self.expected = expected
    }
}
