import Messaging

/// Every write of billing; each has a crash point on both sides of its commit.
enum BillingStep: String, DurableStep {
    case setPlan, events

    static let service = "billing"
}

extension BillingService {
    /// The names that `CRASH_AT` takes in this service.
    public static let crashPoints = BillingStep.crashPoints
}
