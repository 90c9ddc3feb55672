import Messaging

/// Every write of the scheduler; each has a crash point on both sides of its commit.
enum SchedulerStep: String, DurableStep {
    case due, lost, sweep
    case createMerchant, createSystem, updateSystem, createConnection, updateConnection, releaseConnection, setSwitch
    case setFreeze, rollBack, releaseRun, refuseRun
    case startRun, cancelRun, claimRun, renewLease, finishRun, resumePush

    static let service = "scheduler"
}

extension SchedulerService {
    /// The names that `CRASH_AT` takes in this service.
    public static let crashPoints = SchedulerStep.crashPoints + OutboxDispatcher.crashPoints
}
