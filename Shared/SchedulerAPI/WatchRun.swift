public import CoreTypes
public import RPC

/// What somebody watching a run sees at one moment.
public struct RunSnapshot: Codable, Sendable, Equatable {
    public var runID: RunID
    public var state: RunState
    public var outcome: RunOutcome?
    public var progress: RunProgress
    /// Which importer holds it.
    public var leaseOwner: String?
    public var at: Instant

    public init(
        runID: RunID, state: RunState, outcome: RunOutcome? = nil, progress: RunProgress, leaseOwner: String? = nil,
        at: Instant
    ) {
        self.runID = runID
        self.state = state
        self.outcome = outcome
        self.progress = progress
        self.leaseOwner = leaseOwner
        self.at = at
    }
}

/// Follows a run until it ends.
///
/// The first item is how it is now, also for a run that is over; the last is how it ended. In between a slow watcher
/// sees the latest, not each. When the scheduler restarts the stream breaks off; asking again goes on from the present.
public struct WatchRun: RPCStreamRequest {
    public static let method: MethodName = "scheduler.watchRun"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Streams the progress of a run, and ends with its final description."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public typealias Item = RunSnapshot

    public var runID: RunID

    public init(runID: RunID) { self.runID = runID }

    public struct Response: Codable, Sendable, Equatable {
        public var run: RunDescription
        public init(run: RunDescription) { self.run = run }
    }

    public static var example: (request: Self, response: Response) { (Self(runID: .example), Response(run: .example)) }

    public static var exampleItem: RunSnapshot {
        RunSnapshot(
            runID: .example, state: .running,
            progress: RunProgress(phase: .extracting, fetched: 12_000, expected: 50_000, page: 24),
            leaseOwner: "importer/1", at: .example)
    }
}
