import CoreTypes
import SchedulerAPI

/// A schedule that has been checked: it can say when it comes next.
///
/// The times are fixed by the schedule alone, never by runs, so that a late or a manual run moves nothing.
enum Timetable: Sendable, Equatable {
    /// `anchor` plus whole multiples of `seconds`.
    case interval(seconds: Int64, anchor: Instant)
    case cron(CronExpression, CivilZone)
    case manual

    /// - Parameter anchor: For intervals, when the schedule was set.
    /// - Throws: ``SchedulerFault/invalidSchedule(_:)`` or ``SchedulerFault/unknownTimeZone(_:)``.
    init(_ schedule: Schedule, anchor: Instant) throws(SchedulerFault) {
        switch schedule.kind {
        case .manual:
            guard schedule == .manual else { throw .invalidSchedule("manual") }
            self = .manual
        case .interval:
            guard let seconds = schedule.everySeconds, (60...31_536_000).contains(seconds), schedule.expression == nil,
                schedule.timeZone == nil
            else { throw .invalidSchedule(schedule.everySeconds.map { "\($0)" } ?? "interval") }
            self = .interval(seconds: Int64(seconds), anchor: anchor)
        case .cron:
            let expression = schedule.expression ?? ""
            guard let cron = CronExpression(expression), schedule.everySeconds == nil else {
                throw .invalidSchedule(String(expression.prefix(100)))
            }
            guard let zone = CivilZone(schedule.timeZone ?? "") else {
                throw .unknownTimeZone(String((schedule.timeZone ?? "").prefix(64)))
            }
            self = .cron(cron, zone)
        }
    }

    /// The first time after `instant`, not at it; nil for a manual schedule.
    func next(after instant: Instant) -> Instant? {
        switch self {
        case .manual:
            return nil
        case .interval(let seconds, let anchor):
            let step = seconds * 1000
            let passed = instant.milliseconds - anchor.milliseconds
            guard passed >= 0 else { return Instant(milliseconds: anchor.milliseconds + step) }
            return Instant(milliseconds: anchor.milliseconds + (passed / step + 1) * step)
        case .cron(let expression, let zone):
            return Self.next(of: expression, in: zone, after: instant)
        }
    }

    /// Looks through local days; 29 February on a given weekday comes within 40 years.
    private static func next(of cron: CronExpression, in zone: CivilZone, after instant: Instant) -> Instant? {
        let (seconds, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let after = rest < 0 ? seconds - 1 : seconds
        let today = Int(floorDivision(zone.localSecond(at: after), 86_400))
        // From the day before: an autumn change at midnight shows the end of yesterday again.
        for number in (today - 1)...(today + 366 * 41) {
            let day = CalendarDay(daysSince1970: number)
            let weekday = ((number % 7) + 11) % 7  // 1970-01-01 was a Thursday.
            guard cron.includes(dayOfMonth: day.day, month: day.month, dayOfWeek: weekday) else { continue }
            let found =
                cron.runsAroundTheClock
                ? firstShown(cron, on: number, in: zone, after: after)
                : firstFixed(cron, on: number, in: zone, after: after)
            if let found { return Instant(seconds: found) }
        }
        return nil
    }

    /// A time of the day: once in the gap of spring (when the clock jumps), once in the repeat of autumn (the first).
    private static func firstFixed(
        _ cron: CronExpression, on day: Int, in zone: CivilZone, after: Int64
    ) -> Int64? {
        for hour in cron.hours.sorted() {
            for minute in cron.minutes.sorted() {
                let second = zone.firstSecond(showing: Int64(day) * 86_400 + Int64(hour * 3600 + minute * 60))
                if second > after { return second }
            }
        }
        return nil
    }

    /// Every so often: whenever the clock on the wall shows a fitting time, through both hours of the autumn repeat.
    private static func firstShown(
        _ cron: CronExpression, on day: Int, in zone: CivilZone, after: Int64
    ) -> Int64? {
        let start = zone.firstSecond(showing: Int64(day) * 86_400)
        let end = zone.firstSecond(showing: Int64(day + 1) * 86_400)
        var second = max(start, (floorDivision(after, 60) + 1) * 60)
        while second < end {
            let ofDay = zone.localSecond(at: second) - Int64(day) * 86_400
            let (hour, minute) = (Int(floorDivision(ofDay, 3600)), Int(floorDivision(ofDay, 60)) % 60)
            if cron.hours.contains(hour), cron.minutes.contains(minute) { return second }
            second += 60
        }
        return nil
    }
}

private func floorDivision(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}
