import CoreTypes
import NotifierAPI
import SchedulerAPI

/// The life of one incident: opened by the first run that shows it, reminded of while it lasts, closed by a success.
///
///     (none) ── run shows it ──▶ open ── run succeeds ──▶ closed
///                                │  ▲
///                                └──┘ run shows it again, reminder due
struct IncidentLife: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case shownByRun(at: Instant)
        case timePassed(to: Instant)
        case runSucceeded(at: Instant)
        /// A person has dealt with it; nobody needs to be told.
        case released(at: Instant)
    }

    enum Action: Sendable, Equatable {
        case mailIncident
        case mailReminder
        /// Once for all incidents that one success closes, and only to those who heard of one.
        case mailRecovery
    }

    var openedAt: Instant
    var lastSeenAt: Instant
    var runCount: Int
    var closedAt: Instant?
    /// nil when closed, and for what nobody is reminded of.
    var nextReminderAt: Instant?

    /// - Parameters:
    ///   - opening: When the run ended that shows it.
    ///   - interval: nil for what nobody is reminded of.
    ///   - now: When that was heard of. It may be much later, and the reminder is counted from the mail.
    /// - Returns: The new incident and its first action.
    static func opened(
        at opening: Instant, heardAt now: Instant, remindEvery interval: Duration?
    ) -> (IncidentLife, [Action]) {
        let life = IncidentLife(
            openedAt: opening, lastSeenAt: opening, runCount: 1, closedAt: nil,
            nextReminderAt: interval.map { max(now, opening) + $0 })
        return (life, [.mailIncident])
    }

    mutating func handle(_ event: Event, remindEvery interval: Duration) -> [Action] {
        guard closedAt == nil else { return [] }
        switch event {
        case .shownByRun(let at):
            runCount += 1
            lastSeenAt = at
            return []
        case .timePassed(let now):
            guard let due = nextReminderAt, now >= due else { return [] }
            // Counted from now, so that a notifier that was away does not send what it missed.
            nextReminderAt = now + interval
            return [.mailReminder]
        case .runSucceeded(let at):
            closedAt = at
            nextReminderAt = nil
            return [.mailRecovery]
        case .released(let at):
            closedAt = at
            nextReminderAt = nil
            return []
        }
    }
}

/// What a finished run means for the incidents of its connection.
enum RunMeaning: Sendable, Equatable {
    case shows(NoticeKind)
    /// The import works: whatever was wrong is over.
    case endsAll
    /// What was wrong with the shop is over: one that stood half changed, or showed another set. What keeps imports from
    /// working may be as it was.
    case mendsShop
    /// Nobody has to hear of it: cancelled by a person, or replaced by a newer run.
    case nothing

    /// Reasons of incidents that a run without reading the source can end.
    static let mended: Set = [
        "run_lost", "run_lost_half_published", "run_push_unfinished", "run_push_taken_back", "run_stalled",
        RunReport.readBackDiffers,
    ]

    init(_ report: RunReport, of task: RunTask? = nil) {
        switch report.outcome {
        case _ where report.failure == .superseded: self = .nothing
        // Somebody wanted it so, and sees it wherever the connection is.
        case .held where report.reason == "run_frozen": self = .nothing
        case .published, .unchanged: self = task?.kind == .finish || task?.kind == .rollback ? .mendsShop : .endsAll
        case .refused: self = .shows(.importRefused)
        case .held: self = .shows(.importHeld)
        case .failed: self = .shows(.importFailed)
        case .lost: self = .shows(.importLost)
        case .cancelled: self = .nothing
        }
    }
}
