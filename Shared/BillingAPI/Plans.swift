public import CoreTypes
public import RPC
import SchedulerAPI

/// Which plan a merchant is on.
public struct DescribePlan: RPCRequest {
    public static let method: MethodName = "billing.describePlan"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = [.notFound]
    public static let summary = "Shows the plan of a merchant and everyone who changed it."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID

    public init(merchantID: MerchantID) { self.merchantID = merchantID }

    public struct Response: Codable, Sendable, Equatable {
        /// The plan in force.
        public var plan: Plan
        /// All plans the merchant had, the newest first; the first is the one in force.
        public var history: [PlanChange]

        public init(plan: Plan, history: [PlanChange]) {
            self.plan = plan
            self.history = history
        }
    }

    public static var example: (request: Self, response: Response) {
        (
            Self(merchantID: .example),
            Response(
                plan: .example,
                history: [
                    PlanChange(plan: .example, validFrom: .example, changedBy: "billing", reason: "First run")
                ])
        )
    }
}

/// Puts a merchant on a plan from now on. What was used before keeps its price.
public struct SetPlan: RPCRequest {
    public static let method: MethodName = "billing.setPlan"
    public static let effect = Effect.idempotent
    public static let failures: [StatusCode] = [.invalidArgument]
    public static let summary = "Puts a merchant on a plan from now on; who and why is kept."
    public static let callers = Callers.operatorsAndServices("dashboard")

    public var merchantID: MerchantID
    public var plan: Plan
    /// Why, in the operator's words; 1 to 200 characters.
    public var reason: String

    public init(merchantID: MerchantID, plan: Plan, reason: String) {
        self.merchantID = merchantID
        self.plan = plan
        self.reason = reason
    }

    public struct Response: Codable, Sendable, Equatable {
        /// For a plan already in force, when it began.
        public var validFrom: Instant
        public init(validFrom: Instant) { self.validFrom = validFrom }
    }

    public static var example: (request: Self, response: Response) {
        (Self(merchantID: .example, plan: .example, reason: "Signed on 1 March"), Response(validFrom: .example))
    }
}

/// What a merchant pays, before tax.
public struct Plan: Codable, Sendable, Equatable {
    /// 1 to 60 characters.
    public var name: String
    /// Of one month.
    public var fee: Money

    public init(name: String, fee: Money) {
        self.name = name
        self.fee = fee
    }

    public static var example: Plan {
        Plan(name: "Standard", fee: Money(minorUnits: 0, currency: "DKK"))
    }
}

public struct PlanChange: Codable, Sendable, Equatable {
    public var plan: Plan
    public var validFrom: Instant
    /// As the audit names people and services.
    public var changedBy: String
    public var reason: String

    public init(plan: Plan, validFrom: Instant, changedBy: String, reason: String) {
        self.plan = plan
        self.validFrom = validFrom
        self.changedBy = changedBy
        self.reason = reason
    }
}
