import Logging
public import ServiceLifecycle
import Synchronization

/// Repeats one idempotent pass: at once while it finds work, else after an interval or when woken.
///
/// A shutdown cuts the wait, never the pass.
public struct PeriodicLoop: Service {
    private let name: String
    private let interval: Duration
    private let environment: ServiceEnvironment
    private let wake: Wake?
    private let pass: @Sendable () async throws -> Bool

    /// - Parameter pass: Reads the state, compares it with what should be, acts, and says whether it found work.
    public init(
        _ name: String, every interval: Duration, _ environment: ServiceEnvironment, wokenBy wake: Wake? = nil,
        pass: @escaping @Sendable () async throws -> Bool
    ) {
        self.name = name
        self.interval = interval
        self.environment = environment
        self.wake = wake
        self.pass = pass
    }

    public func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            if await runPass() { continue }
            try? await cancelWhenGracefulShutdown { try await pause() }
        }
    }

    /// - Returns: Whether there was work; false also when the pass failed, so that a lasting fault waits.
    private func runPass() async -> Bool {
        do {
            return try await pass()
        } catch {
            environment.logger.error(
                "A pass failed and will be tried again.", metadata: ["loop": "\(name)", "error": "\(error)"])
            return false
        }
    }

    private func pause() async throws {
        guard let wake else {
            try await environment.clock.sleep(for: interval)
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await environment.clock.sleep(for: interval) }
            group.addTask { await wake.wait() }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// Wakes a loop early. A wake that comes during a pass is kept for after it, so none is lost.
public final class Wake: Sendable {
    private struct State {
        var isPending = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func wake() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            if state.waiters.isEmpty { state.isPending = true }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when woken, at once when that has happened since the last wait, or when the task is cancelled.
    func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isPending || Task.isCancelled {
                        state.isPending = false
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
