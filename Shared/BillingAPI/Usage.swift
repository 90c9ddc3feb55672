public import CoreTypes
public import RPC
public import SchedulerAPI

/// What a merchant used in a month.
public struct DescribeUsage: RPCRequest {
    public static let method: MethodName = "billing.describeUsage"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Adds up what a merchant used in a month, by kind."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// Months begin at 00:00 UTC. The present one when left out.
    public var month: BillingMonth?

    public init(merchantID: MerchantID, month: BillingMonth? = nil) {
        self.merchantID = merchantID
        self.month = month
    }

    public struct Response: Codable, Sendable, Equatable {
        public var month: BillingMonth
        /// The plan in force; nil before the merchant's first run.
        public var plan: Plan?
        /// One row per kind and currency that was used.
        public var totals: [UsageTotal]

        public init(month: BillingMonth, plan: Plan?, totals: [UsageTotal]) {
            self.month = month
            self.plan = plan
            self.totals = totals
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, month: BillingMonth("2026-03")),
            Response(
                month: BillingMonth("2026-03")!, plan: .example,
                totals: [
                    UsageTotal(kind: .importRun, quantity: 744, amount: Money(minorUnits: 0, currency: "DKK"))
                ])
        )
    }
}

/// What is metered.
public enum UsageKind: String, Codable, Sendable, CaseIterable {
    /// One run of a connection, however it ended.
    case importRun
}

public struct UsageTotal: Codable, Sendable, Equatable {
    public var kind: UsageKind
    public var quantity: Int64
    public var amount: Money

    public init(kind: UsageKind, quantity: Int64, amount: Money) {
        self.kind = kind
        self.quantity = quantity
        self.amount = amount
    }
}

/// Lists single usage events, the newest first.
public struct ListUsageEvents: RPCRequest {
    public static let method: MethodName = "billing.listUsageEvents"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Lists single usage events of a merchant, the newest first."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    /// nil for all months.
    public var month: BillingMonth?
    /// 1 to 200; 50 when left out.
    public var limit: Int?
    /// Only those with a lower sequence, to read on.
    public var before: Int64?

    public init(merchantID: MerchantID, month: BillingMonth? = nil, limit: Int? = nil, before: Int64? = nil) {
        self.merchantID = merchantID
        self.month = month
        self.limit = limit
        self.before = before
    }

    public struct Response: Codable, Sendable, Equatable {
        public var events: [UsageEvent]
        public init(events: [UsageEvent]) { self.events = events }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example, month: BillingMonth("2026-03"), limit: 50, before: 100),
            Response(
                events: [
                    UsageEvent(
                        sequence: 99, kind: .importRun, runID: .example, connectionID: .example,
                        outcome: .published, happenedAt: .example, quantity: 1,
                        amount: Money(minorUnits: 0, currency: "DKK"))
                ])
        )
    }
}

/// One metered thing; counted once, however often it was reported.
public struct UsageEvent: Codable, Sendable, Equatable {
    /// Counts up with every event of this service.
    public var sequence: Int64
    public var kind: UsageKind
    public var runID: RunID
    public var connectionID: ConnectionID
    public var outcome: RunOutcome
    public var happenedAt: Instant
    public var quantity: Int64
    /// At the price in force when it happened.
    public var amount: Money

    public init(
        sequence: Int64, kind: UsageKind, runID: RunID, connectionID: ConnectionID, outcome: RunOutcome,
        happenedAt: Instant, quantity: Int64, amount: Money
    ) {
        self.sequence = sequence
        self.kind = kind
        self.runID = runID
        self.connectionID = connectionID
        self.outcome = outcome
        self.happenedAt = happenedAt
        self.quantity = quantity
        self.amount = amount
    }
}
