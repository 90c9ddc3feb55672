import CoreTypes
import Synchronization

/// How long each run in hand has been silent, as far as this process was there to listen.
///
/// Kept in memory, on a clock that only goes forward: a wall clock that jumps an hour must not end every lease, and
/// after a restart each run has a whole lease to report again, however long the scheduler was away. Time in which the
/// process was stopped or starved counts only in part, because then it is the listener who was silent.
final class SignsOfLife: Sendable {
    private struct State {
        /// Time listened, which stands still while nobody looks.
        var listened = Duration.zero
        var lastLook = Duration.zero
        /// In time listened.
        var heard: [RunID: Duration] = [:]
    }

    private let state = Mutex(State())
    private let elapsed: @Sendable () -> Duration
    private let lease: Duration

    init<C: Clock<Duration>>(_ clock: C, lease: Duration) {
        self.lease = lease
        let beginning = clock.now
        elapsed = { beginning.duration(to: clock.now) }
    }

    func note(_ run: RunID) {
        let now = elapsed()
        state.withLock { $0.heard[run] = listened(at: now, $0) }
    }

    /// The runs not heard of for a lease; one met for the first time begins its lease now, one no longer in hand is
    /// forgotten.
    func silent(among inHand: [RunID]) -> [RunID] {
        let now = elapsed()
        return state.withLock { state in
            let listened = listened(at: now, state)
            state.listened = listened
            state.lastLook = now
            let heard = state.heard
            state.heard = Dictionary(uniqueKeysWithValues: inHand.map { ($0, heard[$0] ?? listened) })
            return inHand.filter { listened - (heard[$0] ?? listened) >= lease }
        }
    }

    /// Between two looks at most a third of a lease counts: three looks at least before anybody is declared lost.
    private func listened(at now: Duration, _ state: State) -> Duration {
        state.listened + min(now - state.lastLook, lease / 3)
    }
}
