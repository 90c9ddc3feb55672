import Synchronization

/// A clock whose sleepers wake one by one, when the test says so.
final class SteppedClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant
    private typealias Sleeper = CheckedContinuation<Void, any Error>

    private struct State {
        var now = ContinuousClock.now
        var slept: [Swift.Duration] = []
        var sleepers: [Int: Sleeper] = [:]
        var steppers: [CheckedContinuation<Sleeper, Never>] = []
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Swift.Duration { .zero }
    /// How long each was to sleep.
    var slept: [Swift.Duration] { state.withLock { $0.slept } }
    /// How many sleep now.
    var asleep: Int { state.withLock { $0.sleepers.count } }

    /// Waits until somebody sleeps, and wakes them.
    func step() async {
        let sleeper = await withCheckedContinuation { stepper in
            let sleeper = state.withLock { state in
                let first = state.sleepers.keys.min().flatMap { state.sleepers.removeValue(forKey: $0) }
                if first == nil { state.steppers.append(stepper) }
                return first
            }
            if let sleeper { stepper.resume(returning: sleeper) }
        }
        sleeper.resume()
    }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        let number = state.withLock { state in
            state.slept.append(state.now.duration(to: deadline))
            return state.slept.count
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (sleeper: Sleeper) in
                let (isCancelled, stepper) = state.withLock { state in
                    if Task.isCancelled { return (true, CheckedContinuation<Sleeper, Never>?.none) }
                    if !state.steppers.isEmpty { return (false, state.steppers.removeFirst()) }
                    state.sleepers[number] = sleeper
                    return (false, nil)
                }
                if isCancelled { sleeper.resume(throwing: CancellationError()) }
                stepper?.resume(returning: sleeper)
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }
}
