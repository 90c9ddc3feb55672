import Messaging

/// Every write of the monitor; each has a crash point on both sides of its commit.
enum MonitorStep: String, DurableStep {
    /// A verdict is signed and kept.
    case judge
    case changePolicy, approve
    /// Ends of runs are taken from the scheduler.
    case events
    /// The same, when one of them gets a receipt: it is signed, chained and kept in the transaction of `events`.
    case receipt

    static let service = "monitor"
}

extension MonitorService {
    /// The names that `CRASH_AT` takes in this service.
    public static let crashPoints = MonitorStep.crashPoints
}
