import Messaging

/// Every write of the monitor; each has a crash point on both sides of its commit.
enum MonitorStep: String, DurableStep {
    case judge, changePolicy, approve, events

    static let service = "monitor"
}

extension MonitorService {
    /// The names that `CRASH_AT` takes in this service.
    public static let crashPoints = MonitorStep.crashPoints
}
