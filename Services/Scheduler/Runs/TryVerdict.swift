import CoreTypes
import SchedulerAPI

/// What the end of a run says about its connection as a job that can be tried again.
///
/// A job is poisonous when each try costs an importer or its time. A system that is merely away costs nothing: it is
/// found out in the first seconds, told to people, and tried again at the next scheduled time, all night if need be.
enum TryVerdict: Sendable, Equatable {
    /// The whole way was gone to a judgement, whatever it was.
    case worked
    /// The importer died or gave up in the middle of the work.
    case failedBadly
    case saysNothing

    init(_ report: RunReport) {
        switch report.outcome {
        case .published, .unchanged, .held, .refused: self = .worked
        case .lost: self = .failedBadly
        case .cancelled: self = .saysNothing
        case .failed: self.init(failure: report.failure, hasRead: report.hasRead)
        }
    }

    /// - Parameter hasRead: Whether the source had answered with figures or items before.
    private init(failure: FailureClass?, hasRead: Bool) {
        switch failure {
        // Not what the protocol says, endless, or longer than can be held; and our own faults.
        case .answer, .internal, nil: self = .failedBadly
        // Away when nothing came at all; hanging when it stopped in the middle.
        case .timeout: self = hasRead ? .failedBadly : .saysNothing
        // A setting will not mend itself, but it is found out by the first question, and people are told which it is.
        case .name, .connection, .tls, .login, .rights, .maintenance, .version, .settings, .shop, .superseded,
            .monitorUnavailable:
            self = .saysNothing
        }
    }
}

extension RunReport {
    fileprivate var hasRead: Bool { countBefore != nil || read > 0 || pages > 0 }
}

/// How long a connection that failed badly is left alone before it is started by itself again.
enum RetryPause {
    private static let backoff = Backoff(first: .seconds(30), longest: .seconds(3600))

    /// None after the first failure, which is the importer's more often than the job's; then 30 s, doubling to 1 h.
    static func after(_ tries: Int, jitter: Double) -> Duration {
        tries <= 1 ? .zero : backoff.delay(afterAttempt: tries - 1, jitter: jitter)
    }
}
