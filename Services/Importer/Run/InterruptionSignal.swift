import SchedulerAPI
import Synchronization

/// Tells the work of one run that it must stop. The first reason stays; `superseded` replaces `cancelled`, because then
/// not even a report is ours to give.
final class InterruptionSignal: Sendable {
    private struct State {
        var raised: Interruption?
        var freeze: Freeze?
        var waiter: CheckedContinuation<Interruption, Never>?
    }

    private let state = Mutex(State())

    func raise(_ interruption: Interruption) {
        let waiter = state.withLock { state -> CheckedContinuation<Interruption, Never>? in
            if state.raised == nil || interruption == .superseded { state.raised = interruption }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: interruption)
    }

    var raised: Interruption? { state.withLock { $0.raised } }

    /// Notes that publishing is frozen, or is not any more. It interrupts nothing until the shop would change.
    func note(_ freeze: Freeze?) { state.withLock { $0.freeze = freeze } }

    var freeze: Freeze? { state.withLock { $0.freeze } }

    /// Returns when it is raised, or with `shutdown` when the waiting task is cancelled. One waiter at a time.
    func wait() async -> Interruption {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = state.withLock { state -> Interruption? in
                    if let raised = state.raised { return raised }
                    if Task.isCancelled { return .shutdown }
                    state.waiter = continuation
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: .shutdown)
        }
    }
}
