public import CoreTypes
public import RPC

/// A run has its final outcome; told once to monitor, notifier and billing.
public struct RunFinished: EventMessage {
    public static let type = "scheduler.runFinished"

    public var runID: RunID
    public var merchantID: MerchantID
    public var merchantName: String
    public var connectionID: ConnectionID
    /// As the merchant knows it: "SAP Business One > webshop".
    public var connectionLabel: String
    public var sourceName: String
    public var targetName: String
    public var modules: [Module]
    public var trigger: RunTrigger
    /// Who started it by hand and why; nil for scheduled runs.
    public var startedBy: String?
    public var startReason: String?
    public var startedAt: Instant
    public var finishedAt: Instant
    /// When the shop last received a set of this connection; what is live now dates from then.
    public var lastPublishedAt: Instant?
    public var nextRunAt: Instant?
    public var report: RunReport
    public var traceparent: Traceparent
    /// Set when this run was the last of so many failed tries in a row that the connection was parked.
    public var parkedAfter: Int?
    /// What the run was there to do; nil for an import, and from an older scheduler.
    public var task: RunTask?
    /// The token of its claim; nil from an older scheduler.
    public var fencingToken: Int64?
    /// Whether it has made the shop as fresh as was promised; nil from an older scheduler.
    public var madeFresh: Bool?

    public init(
        runID: RunID, merchantID: MerchantID, merchantName: String, connectionID: ConnectionID,
        connectionLabel: String, sourceName: String, targetName: String, modules: [Module], trigger: RunTrigger,
        startedBy: String?, startReason: String?, startedAt: Instant, finishedAt: Instant, lastPublishedAt: Instant?,
        nextRunAt: Instant?, report: RunReport, traceparent: Traceparent, parkedAfter: Int? = nil,
        task: RunTask? = nil, fencingToken: Int64? = nil
    ) {
        self.runID = runID
        self.merchantID = merchantID
        self.merchantName = merchantName
        self.connectionID = connectionID
        self.connectionLabel = connectionLabel
        self.sourceName = sourceName
        self.targetName = targetName
        self.modules = modules
        self.trigger = trigger
        self.startedBy = startedBy
        self.startReason = startReason
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.lastPublishedAt = lastPublishedAt
        self.nextRunAt = nextRunAt
        self.report = report
        self.traceparent = traceparent
        self.parkedAfter = parkedAfter
        self.task = task
        self.fencingToken = fencingToken
    }
}
