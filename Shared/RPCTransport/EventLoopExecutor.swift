import NIOCore
import Synchronization

/// Runs tasks on an event loop: calls that never leave it need no lock and no other thread.
///
/// Jobs are run in one go, at the end of the read during which they became ready or by the `execute` that the first of
/// them asks for: no job depends on a read coming to its end, which one that closes its channel does not.
final class EventLoopExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isPlanned = false
    }

    /// Rounds of jobs that made jobs, before sockets get their turn.
    private static let roundsMax = 32
    private static let burstJobsMax = 32

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustPlan = state.withLock { state in
            state.jobs.append(job)
            defer { state.isPlanned = true }
            return !state.isPlanned
        }
        if mustPlan { eventLoop.execute { self.drain() } }
    }

    /// On the event loop: runs what is ready, and what becomes ready by that.
    ///
    /// - Parameter flush: Called now and then in a long run, so that what its first jobs sent does not wait for the last.
    func drain(flush: () -> Void = {}) {
        var unsent = 0
        var jobs: [UnownedJob] = []
        for _ in 0..<Self.roundsMax {
            jobs.removeAll(keepingCapacity: true)
            let isDone = state.withLock { state in
                swap(&jobs, &state.jobs)
                if jobs.isEmpty { state.isPlanned = false }
                return jobs.isEmpty
            }
            if isDone { return }
            for job in jobs {
                job.runSynchronously(on: asUnownedTaskExecutor())
                unsent += 1
                if unsent == Self.burstJobsMax {
                    unsent = 0
                    flush()
                }
            }
        }
        eventLoop.execute { self.drain() }
    }
}

/// One executor for each event loop of a group.
final class EventLoopExecutors: Sendable {
    private let executors = Mutex<[ObjectIdentifier: EventLoopExecutor]>([:])

    subscript(eventLoop: any EventLoop) -> EventLoopExecutor {
        executors.withLock { executors in
            let key = ObjectIdentifier(eventLoop)
            if let executor = executors[key] { return executor }
            let executor = EventLoopExecutor(eventLoop)
            executors[key] = executor
            return executor
        }
    }
}
