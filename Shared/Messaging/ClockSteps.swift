public import CoreTypes
import Synchronization

/// Notices that the wall clock was set, by holding it against a clock that only goes forward.
///
/// Times that are kept and waited for (the next attempt of a mail, a reminder) are moved by as much, so that an hour that
/// was set neither hurries them nor makes them an hour late.
public final class ClockSteps: Sendable {
    /// Less than this is the usual drift.
    public static let least = Duration.seconds(30)

    private struct State {
        var wall: Instant
        var elapsed: Duration
        /// What a caller could not deal with.
        var left = Duration.zero
    }

    private let wallClock: WallClock
    private let elapsed: @Sendable () -> Duration
    private let state: Mutex<State>

    public init<C: Clock<Duration>>(_ wallClock: WallClock, _ clock: C) {
        self.wallClock = wallClock
        let beginning = clock.now
        elapsed = { beginning.duration(to: clock.now) }
        state = Mutex(State(wall: wallClock.now(), elapsed: .zero))
    }

    /// How far the wall clock was set since the last look, forward or back; nil when it was not.
    public func take() -> Duration? {
        let (wall, elapsed) = (wallClock.now(), elapsed())
        return state.withLock { state in
            let step = (wall - state.wall) - (elapsed - state.elapsed)
            let isSet = step >= Self.least || step <= .zero - Self.least
            let all = state.left + (isSet ? step : .zero)
            state = State(wall: wall, elapsed: elapsed)
            return all == .zero ? nil : all
        }
    }

    /// The step could not be dealt with; the next ``take()`` tells of it again.
    public func putBack(_ step: Duration) { state.withLock { $0.left += step } }
}
