import CoreTypes
import Synchronization

/// Tells watchers in this process that a run may have changed; they read the row, which alone is the truth.
///
/// A watcher that is slow misses none but the last: signals that it has not taken yet become one.
final class RunChanges: Sendable {
    private struct State {
        var watchers: [RunID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var nextWatcher = 0
    }

    private let state = Mutex(State())

    /// The first signal is there at once. Ends only with the watcher's task.
    func watch(_ run: RunID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[run, default: [:]][state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number, of: run) }
        continuation.yield()
        return stream
    }

    func signal(_ runs: some Sequence<RunID>) {
        let continuations = state.withLock { state in runs.flatMap { state.watchers[$0, default: [:]].values } }
        for continuation in continuations { continuation.yield() }
    }

    func signal(_ run: RunID) { signal(CollectionOfOne(run)) }

    var watcherCount: Int { state.withLock { $0.watchers.values.reduce(0) { $0 + $1.count } } }

    private func forget(_ number: Int, of run: RunID) {
        state.withLock { state in
            state.watchers[run]?[number] = nil
            if state.watchers[run]?.isEmpty == true { state.watchers[run] = nil }
        }
    }
}
