import Synchronization

/// Tells the calls of one connection that it has begun to drain.
final class DrainSignal: Sendable {
    private let state = Mutex(State())

    private struct State {
        var hasBegun = false
        var waiters: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var lastWaiter: UInt64 = 0
    }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func begin() {
        let waiters = state.withLock { state in
            state.hasBegun = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Returns when draining has begun, or when the task is cancelled.
    func wait() async {
        let (begin, waiter) = AsyncStream.makeStream(of: Void.self)
        let number: UInt64? = state.withLock { state in
            guard !state.hasBegun else { return nil }
            state.lastWaiter += 1
            state.waiters[state.lastWaiter] = waiter
            return state.lastWaiter
        }
        guard let number else { return }
        for await _ in begin {}
        state.withLock { _ = $0.waiters.removeValue(forKey: number) }
    }
}
