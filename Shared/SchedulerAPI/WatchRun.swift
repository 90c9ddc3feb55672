public import CoreTypes
public import RPC

/// What somebody watching a run sees at one moment.
public struct RunSnapshot: Codable, Sendable, Equatable {
    public var runID: RunID
    /// Counts what is shown of this run, from 1 and by one; nil from a scheduler that does not count yet.
    public var number: Int64?
    public var state: RunState
    public var outcome: RunOutcome?
    public var progress: RunProgress
    /// Which importer holds it.
    public var leaseOwner: String?
    /// When it was sent.
    public var at: Instant

    public init(
        runID: RunID, number: Int64? = nil, state: RunState, outcome: RunOutcome? = nil, progress: RunProgress,
        leaseOwner: String? = nil, at: Instant
    ) {
        self.runID = runID
        self.number = number
        self.state = state
        self.outcome = outcome
        self.progress = progress
        self.leaseOwner = leaseOwner
        self.at = at
    }
}

/// Follows a run until it ends.
///
/// The first item is how it is now, also for a run that is over; the last is how it ended. When the stream breaks off, as
/// by a restart of the scheduler, asking again with the last number seen goes on behind it: every change once, in order.
/// Numbers are only passed over where a run has changed a thousand times since, or ended more than an hour ago.
public struct WatchRun: RPCStreamRequest {
    public static let method: MethodName = "scheduler.watchRun"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Streams the progress of a run, and ends with its final description."
    public static let callers = Callers.operatorsAndServices("dashboard")
    public static let isWatch = true

    public typealias Item = RunSnapshot

    public var runID: RunID
    /// The number of the last item seen; nil to begin with how the run is now.
    public var after: Int64?

    public init(runID: RunID, after: Int64? = nil) {
        self.runID = runID
        self.after = after
    }

    public struct Response: Codable, Sendable, Equatable {
        public var run: RunDescription
        public init(run: RunDescription) { self.run = run }
    }

    public static var example: (request: Self, response: Response) { (Self(runID: .example), Response(run: .example)) }

    public static var exampleItem: RunSnapshot {
        RunSnapshot(
            runID: .example, number: 14, state: .running,
            progress: RunProgress(phase: .extracting, fetched: 12_000, expected: 50_000, page: 24),
            leaseOwner: "importer/1", at: .example)
    }
}
