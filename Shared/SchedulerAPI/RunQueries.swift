public import CoreTypes
public import RPC

/// Where a run is in its life.
public enum RunState: String, Codable, Sendable, CaseIterable {
    /// Waits for an importer.
    case queued
    /// An importer holds its lease.
    case running
    /// In hand, and the importer has been asked to stop.
    case cancelling
    /// Has its outcome.
    case finished
    /// Was due but never started; its reason says why.
    case skipped

    /// Whether the run may still change. A connection has at most one such run.
    public var isActive: Bool { self == .queued || self == .running || self == .cancelling }
}

/// One run in one line.
public struct RunSummary: Codable, Sendable, Equatable {
    public var runID: RunID
    public var merchantID: MerchantID
    public var connectionID: ConnectionID
    public var connectionLabel: String
    public var modules: [Module]
    public var trigger: RunTrigger
    public var state: RunState
    /// Set once the run is finished.
    public var outcome: RunOutcome?
    /// Catalogue key of what happened, or of why the run was skipped.
    public var reason: String?
    /// The scheduled time it stands for; nil for other triggers.
    public var dueAt: Instant?
    public var queuedAt: Instant
    /// How long after its scheduled time it was queued; nil when on time (less than a minute) or not scheduled.
    public var lateMs: Int64?
    public var startedAt: Instant?
    public var finishedAt: Instant?
    /// Who started it by hand, and why.
    public var startedBy: String?
    public var startReason: String?
    /// Set while the run is in hand and nothing of it moves.
    public var stalledSince: Instant?
    /// nil for an import.
    public var task: RunTask?

    public init(
        runID: RunID, merchantID: MerchantID, connectionID: ConnectionID, connectionLabel: String, modules: [Module],
        trigger: RunTrigger, state: RunState, outcome: RunOutcome? = nil, reason: String? = nil,
        dueAt: Instant? = nil, queuedAt: Instant, lateMs: Int64? = nil, startedAt: Instant? = nil,
        finishedAt: Instant? = nil, startedBy: String? = nil, startReason: String? = nil,
        stalledSince: Instant? = nil, task: RunTask? = nil
    ) {
        self.runID = runID
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.connectionLabel = connectionLabel
        self.modules = modules
        self.trigger = trigger
        self.state = state
        self.outcome = outcome
        self.reason = reason
        self.dueAt = dueAt
        self.queuedAt = queuedAt
        self.lateMs = lateMs
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.startedBy = startedBy
        self.startReason = startReason
        self.stalledSince = stalledSince
        self.task = task
    }

    public static var example: RunSummary {
        RunSummary(
            runID: .example, merchantID: .example, connectionID: .example, connectionLabel: "Our SAP > Our shop",
            modules: Module.allCases, trigger: .manual, state: .finished, outcome: .unchanged,
            reason: "run_unchanged", queuedAt: .example, startedAt: .example + .seconds(1),
            finishedAt: .example + .seconds(31), startedBy: "operator anna", startReason: "Prices were mended in SAP")
    }
}

/// All about one run.
public struct RunDescription: Codable, Sendable, Equatable {
    public var run: RunSummary
    public var merchantName: String
    public var sourceName: String
    public var targetName: String
    /// The figures; nil until the run is finished.
    public var report: RunReport?
    /// How far it is, as last reported; nil before it started.
    public var progress: RunProgress?
    /// Which importer holds or held it.
    public var leaseOwner: String?
    /// Set while in hand: without a sign of life until then it is lost.
    public var leaseEndsAt: Instant?
    public var fencingToken: Int64?
    /// Whether support started it although something is switched off.
    public var overridden: Bool
    public var cancel: Cancel?
    /// The lost run that this one was queued for.
    public var replaces: RunID?
    /// The run that was queued because this one was lost.
    public var replacedBy: RunID?
    public var traceparent: Traceparent
    /// For a run that was held. Of one that was to publish a held set and was held again: what has become of that set.
    public var held: HeldState?
    /// Modules of the connection that the run leaves out: switched off when it began, or not asked for.
    public var modulesLeftOut: [Module]?

    /// Who asked for a run to be cancelled.
    public struct Cancel: Codable, Sendable, Equatable {
        public var by: String
        public var at: Instant
        public var reason: String

        public init(by: String, at: Instant, reason: String) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    public init(
        run: RunSummary, merchantName: String, sourceName: String, targetName: String, report: RunReport? = nil,
        progress: RunProgress? = nil, leaseOwner: String? = nil, leaseEndsAt: Instant? = nil,
        fencingToken: Int64? = nil, overridden: Bool = false, cancel: Cancel? = nil, replaces: RunID? = nil,
        replacedBy: RunID? = nil, traceparent: Traceparent, held: HeldState? = nil
    ) {
        self.run = run
        self.merchantName = merchantName
        self.sourceName = sourceName
        self.targetName = targetName
        self.report = report
        self.progress = progress
        self.leaseOwner = leaseOwner
        self.leaseEndsAt = leaseEndsAt
        self.fencingToken = fencingToken
        self.overridden = overridden
        self.cancel = cancel
        self.replaces = replaces
        self.replacedBy = replacedBy
        self.traceparent = traceparent
        self.held = held
    }

    public static var example: RunDescription {
        RunDescription(
            run: .example, merchantName: "Nordlys Lamper ApS", sourceName: "Our SAP", targetName: "Our shop",
            report: RunReport(outcome: .unchanged, reason: "run_unchanged"),
            progress: RunProgress(phase: .finished, fetched: 50_000, expected: 50_000, page: 100),
            leaseOwner: "importer/1", fencingToken: 7, traceparent: .example)
    }
}

public struct ListRuns: RPCRequest {
    public static let method: MethodName = "scheduler.listRuns"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lists runs, newest first, also those that were skipped."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID?
    public var connectionID: ConnectionID?
    /// 1 to 500; nil for 50.
    public var limit: Int?
    /// Only runs older than this one: the last of the page before.
    public var before: RunID?

    public init(
        merchantID: MerchantID? = nil, connectionID: ConnectionID? = nil, limit: Int? = nil, before: RunID? = nil
    ) {
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var runs: [RunSummary]
        public init(runs: [RunSummary]) { self.runs = runs }
    }

    public static var example: (request: Self, response: Response) {
        (Self(connectionID: .example), Response(runs: [.example]))
    }
}

public struct DescribeRun: RPCRequest {
    public static let method: MethodName = "scheduler.describeRun"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows one run: who or what started it, how far it is, and its figures once finished."
    public static let callers = Callers.operatorsAndServices("dashboard", "monitor", "notifier")

    public var runID: RunID

    public init(runID: RunID) { self.runID = runID }

    public struct Response: Codable, Sendable, Equatable {
        public var run: RunDescription
        public init(run: RunDescription) { self.run = run }
    }

    public static var example: (request: Self, response: Response) { (Self(runID: .example), Response(run: .example)) }
}
