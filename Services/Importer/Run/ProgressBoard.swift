import Connectors
import CoreTypes
import SchedulerAPI
import Synchronization

/// How far a run is, for the heartbeat to tell; written where the work is done.
///
/// Whatever moves (a piece of a page, a batch taken, a step begun) is activity. A run that has had none for longer than
/// `stallsAfter` is told as stalled since its last activity, until something moves again.
final class ProgressBoard: Sendable {
    private struct State {
        var progress: RunProgress
        /// Elapsed time and wall clock of the last activity.
        var movedAt: Duration = .zero
        var lastActivityAt: Instant
        var pace = Pace()
    }

    private let state: Mutex<State>
    private let watch: Stopwatch
    private let wallClock: WallClock
    private let stallsAfter: Duration

    init(clock: any Clock<Duration>, wallClock: WallClock, stallsAfter: Duration) {
        self.wallClock = wallClock
        self.stallsAfter = stallsAfter
        watch = Stopwatch(clock)
        state = Mutex(State(progress: RunProgress(phase: .preflight), lastActivityAt: wallClock.now()))
    }

    /// The figures now, with rate, time left and whether the run has stalled.
    var current: RunProgress {
        let elapsed = watch.elapsed
        return state.withLock { state in
            state.pace.note(state.progress, at: elapsed)
            var progress = state.progress
            progress.lastActivityAt = state.lastActivityAt
            progress.itemsPerMinute = state.pace.perMinute
            progress.secondsLeft = state.pace.secondsLeft(of: progress)
            progress.stalledSince = elapsed - state.movedAt > stallsAfter ? state.lastActivityAt : nil
            return progress
        }
    }

    func update(_ change: (inout RunProgress) -> Void) {
        let (elapsed, now) = (watch.elapsed, wallClock.now())
        state.withLock { state in
            let before = state.progress
            change(&state.progress)
            guard state.progress != before else { return }
            (state.movedAt, state.lastActivityAt) = (elapsed, now)
        }
    }

    /// Of what was read nothing is left.
    func restart() {
        update { progress in
            progress.page = 0
            progress.fetched = 0
        }
    }

    /// Something has moved that no figure shows.
    func touch() {
        let (elapsed, now) = (watch.elapsed, wallClock.now())
        state.withLock { ($0.movedAt, $0.lastActivityAt) = (elapsed, now) }
    }
}

/// How fast items come, over the last half minute of the step in hand.
private struct Pace {
    private struct Sample {
        var at: Duration
        var done: Int
    }

    private static let window: Duration = .seconds(30)
    private static let samplesMax = 120
    private var phase: RunPhase?
    private var samples: [Sample] = []

    mutating func note(_ progress: RunProgress, at elapsed: Duration) {
        let done = progress.done
        if progress.phase != phase || done < samples.last?.done ?? 0 { samples = [] }
        phase = progress.phase
        samples.append(Sample(at: elapsed, done: done))
        while samples.count > Self.samplesMax || samples.count > 2 && elapsed - samples[0].at > Self.window {
            samples.removeFirst()
        }
    }

    private var perSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.at - first.at >= .milliseconds(500) else {
            return nil
        }
        return Double(last.done - first.done) * 1000 / Double((last.at - first.at).wholeMilliseconds)
    }

    var perMinute: Int? { perSecond.map { Int(($0 * 60).rounded()) } }

    /// nil when nobody knows how much there is, or nothing moves.
    func secondsLeft(of progress: RunProgress) -> Int? {
        guard let total = progress.total, let perSecond, perSecond > 0 else { return nil }
        return Int((Double(max(0, total - progress.done)) / perSecond).rounded(.up))
    }
}

extension RunProgress {
    /// What the step in hand has done, and has to do.
    fileprivate var done: Int {
        switch phase {
        case .extracting, .sweeping: fetched
        case .publishing, .reverting: sent
        default: 0
        }
    }

    fileprivate var total: Int? {
        switch phase {
        case .extracting, .sweeping: expected
        case .publishing, .reverting: toPublish
        default: nil
        }
    }
}
