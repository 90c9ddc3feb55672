public import CoreTypes
public import RPC
public import SchedulerAPI

/// Shows how the last runs of a connection ended.
public struct DescribeHealth: RPCRequest {
    public static let method: MethodName = "monitor.describeHealth"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Shows how the last runs of a connection ended and since when they succeed or fail."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var connectionID: ConnectionID
    /// How many runs to list: 1 to 200; 20 when left out.
    public var limit: Int?

    public init(connectionID: ConnectionID, limit: Int? = nil) {
        self.connectionID = connectionID
        self.limit = limit
    }

    public struct Response: Codable, Sendable, Equatable {
        /// nil before the first run.
        public var lastSuccessAt: Instant?
        /// When the present row of unsuccessful runs began; nil while the last run succeeded.
        public var failingSince: Instant?
        /// Unsuccessful runs since the last success; cancelled ones are not counted.
        public var consecutiveFailures: Int
        /// The newest first.
        public var runs: [RememberedRun]

        public init(
            lastSuccessAt: Instant?, failingSince: Instant?, consecutiveFailures: Int, runs: [RememberedRun]
        ) {
            self.lastSuccessAt = lastSuccessAt
            self.failingSince = failingSince
            self.consecutiveFailures = consecutiveFailures
            self.runs = runs
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(connectionID: .example, limit: 20),
            Response(
                lastSuccessAt: .example, failingSince: .example + .seconds(3600), consecutiveFailures: 1,
                runs: [
                    RememberedRun(
                        runID: .example, outcome: .refused, verdict: .incomplete, failure: nil,
                        reason: "run_incomplete", startedAt: .example + .seconds(3590),
                        finishedAt: .example + .seconds(3600), read: 49_983, expected: 50_000)
                ])
        )
    }
}

/// What the monitor remembers of a run, whether or not it judged it.
public struct RememberedRun: Codable, Sendable, Equatable {
    public var runID: RunID
    public var outcome: RunOutcome
    public var verdict: Verdict?
    public var failure: FailureClass?
    /// Catalogue key.
    public var reason: String
    public var startedAt: Instant
    public var finishedAt: Instant
    public var read: Int
    /// Items the source said it had.
    public var expected: Int?

    public init(
        runID: RunID, outcome: RunOutcome, verdict: Verdict?, failure: FailureClass?, reason: String,
        startedAt: Instant, finishedAt: Instant, read: Int, expected: Int?
    ) {
        self.runID = runID
        self.outcome = outcome
        self.verdict = verdict
        self.failure = failure
        self.reason = reason
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.read = read
        self.expected = expected
    }
}
