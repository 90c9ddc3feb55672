public import CoreTypes
public import RPC

/// The schedule of one connection: last run and next run, from the very row the scheduler works from.
public struct JobSummary: Codable, Sendable, Equatable {
    public var connectionID: ConnectionID
    public var merchantID: MerchantID
    public var merchantName: String
    public var connectionLabel: String
    public var modules: [Module]
    public var schedule: Schedule
    /// In the caller's language.
    public var scheduleInWords: String
    /// The last run that started: its start, end and outcome.
    public var lastRun: RunSummary?
    /// nil while paused and without a schedule.
    public var nextRunAt: Instant?
    /// Set while something is switched off that keeps the job from running.
    public var paused: Pause?
    /// Set while nothing starts because too many tries failed.
    public var parked: Parking?
    /// Why the connection does or does not transfer; nil from an older scheduler.
    public var state: EffectiveState?

    /// Who paused a job, since when and why.
    public struct Pause: Codable, Sendable, Equatable {
        public var level: SwitchLevel
        public var by: String
        public var since: Instant
        public var reason: String

        public init(level: SwitchLevel, by: String, since: Instant, reason: String) {
            self.level = level
            self.by = by
            self.since = since
            self.reason = reason
        }
    }

    public init(
        connectionID: ConnectionID, merchantID: MerchantID, merchantName: String, connectionLabel: String,
        modules: [Module], schedule: Schedule, scheduleInWords: String, lastRun: RunSummary?, nextRunAt: Instant?,
        paused: Pause?, parked: Parking? = nil, state: EffectiveState? = nil
    ) {
        self.connectionID = connectionID
        self.merchantID = merchantID
        self.merchantName = merchantName
        self.connectionLabel = connectionLabel
        self.modules = modules
        self.schedule = schedule
        self.scheduleInWords = scheduleInWords
        self.lastRun = lastRun
        self.nextRunAt = nextRunAt
        self.paused = paused
        self.parked = parked
        self.state = state
    }

    public static var example: JobSummary {
        JobSummary(
            connectionID: .example, merchantID: .example, merchantName: "Nordlys Lamper ApS",
            connectionLabel: "Our SAP > Our shop", modules: Module.allCases, schedule: .every(seconds: 900),
            scheduleInWords: "every 15 minutes", lastRun: .example, nextRunAt: nil,
            paused: Pause(level: .connection, by: "operator anna", since: .example, reason: "Stock-taking"))
    }
}

public struct ListJobs: RPCRequest {
    public static let method: MethodName = "scheduler.listJobs"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument, .notFound]
    public static let summary = "Lists jobs: schedule in words, last run, next run, or who paused it and why."
    public static let callers = Callers.operatorsAndServices("dashboard")

    /// nil lists those of all merchants.
    public var merchantID: MerchantID?
    /// 1 to 500; nil for 100.
    public var limit: Int?
    /// Only jobs of connections created after this one.
    public var after: ConnectionID?

    public init(merchantID: MerchantID? = nil, limit: Int? = nil, after: ConnectionID? = nil) {
        self.merchantID = merchantID
        self.limit = limit
        self.after = after
    }

    public struct Response: Codable, Sendable, Equatable {
        public var jobs: [JobSummary]
        public init(jobs: [JobSummary]) { self.jobs = jobs }
    }

    public static var example: (request: Self, response: Response) {
        (Self(merchantID: .example), Response(jobs: [.example]))
    }
}
