import SchedulerAPI
import Synchronization

/// How far a run is, for the heartbeat to tell; written where the work is done.
final class ProgressBoard: Sendable {
    private let progress = Mutex(RunProgress(phase: .preflight))

    var current: RunProgress { progress.withLock { $0 } }

    func update(_ change: (inout RunProgress) -> Void) {
        progress.withLock { change(&$0) }
    }
}
