import CoreTypes
import Synchronization

/// When each run in hand was last heard of, on the clock that only goes forward.
///
/// Kept in memory on purpose: a wall clock that jumps an hour must not end every lease, and after a restart each run in
/// hand has a whole lease to report again, however long the scheduler was away.
final class SignsOfLife: Sendable {
    private let heard = Mutex<[RunID: Duration]>([:])
    private let elapsed: @Sendable () -> Duration

    init<C: Clock<Duration>>(_ clock: C) {
        let beginning = clock.now
        elapsed = { beginning.duration(to: clock.now) }
    }

    func note(_ run: RunID) {
        let now = elapsed()
        heard.withLock { $0[run] = now }
    }

    /// The runs not heard of for `lease`; one met for the first time begins its lease now, one no longer in hand is
    /// forgotten.
    func silent(among inHand: [RunID], for lease: Duration) -> [RunID] {
        let now = elapsed()
        return heard.withLock { heard in
            heard = Dictionary(uniqueKeysWithValues: inHand.map { ($0, heard[$0] ?? now) })
            return inHand.filter { now - (heard[$0] ?? now) >= lease }
        }
    }
}
