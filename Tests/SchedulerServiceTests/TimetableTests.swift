import CoreTypes
import SchedulerAPI
import TestSupport
import Testing

@testable import SchedulerService

@Suite struct TimetableTests {
    private func times(
        _ expression: String, _ zone: String, after start: Instant, until end: Instant
    ) throws -> [String] {
        let timetable = try Timetable(.cron(expression, timeZone: zone), anchor: start)
        var found: [String] = []
        var now = start
        while let next = timetable.next(after: now), next <= end {
            #expect(next > now)
            found.append(String("\(next)".dropLast(8)))
            now = next
        }
        return found
    }

    @Test(arguments: ["Europe/Copenhagen", "Europe/Dublin"])
    func `a time in the gap of spring comes exactly once, when the clock jumps`(zone: String) throws {
        // Copenhagen jumps at 02:00, Dublin at 01:00, both at 01:00 UTC on 2026-03-29.
        let hour = zone == "Europe/Dublin" ? 1 : 2
        let found = try times(
            "30 \(hour) * * *", zone, after: .utc(2026, 3, 28), until: .utc(2026, 3, 31))
        #expect(found == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"])
    }

    @Test(arguments: ["Europe/Copenhagen", "Europe/Dublin"])
    func `a time in the repeat of autumn comes exactly once, the first time it is shown`(zone: String) throws {
        // Both clocks are set back at 01:00 UTC on 2026-10-25.
        let hour = zone == "Europe/Dublin" ? 1 : 2
        let found = try times(
            "30 \(hour) * * *", zone, after: .utc(2026, 10, 24), until: .utc(2026, 10, 27))
        #expect(found == ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"])
    }

    @Test func `several times in the gap come once together, and not again with the time after it`() throws {
        let found = try times(
            "0,30 2,3 * * *", "Europe/Copenhagen", after: .utc(2026, 3, 29), until: .utc(2026, 3, 29, hour: 12))
        #expect(found == ["2026-03-29T01:00", "2026-03-29T01:30"])
    }

    @Test func `a job around the clock keeps its distance through both changes`() throws {
        let spring = try times(
            "*/30 * * * *", "Europe/Copenhagen", after: .utc(2026, 3, 29), until: .utc(2026, 3, 29, hour: 3))
        #expect(
            spring == [
                "2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00", "2026-03-29T02:30",
                "2026-03-29T03:00",
            ])
        let autumn = try times(
            "*/30 * * * *", "Europe/Copenhagen", after: .utc(2026, 10, 24, hour: 23), until: .utc(2026, 10, 25, hour: 2)
        )
        #expect(
            autumn == [
                "2026-10-24T23:30", "2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30",
                "2026-10-25T02:00",
            ])
    }

    @Test func `a year of days gives as many runs as days in each zone`() throws {
        for zone in ["Europe/Copenhagen", "Europe/Dublin", "America/St_Johns", "Australia/Lord_Howe", "UTC"] {
            for hour in [0, 1, 2, 3] {
                let found = try times(
                    "15 \(hour) * * *", zone, after: .utc(2026, 1, 1), until: .utc(2027, 1, 1))
                #expect(found.count == 365, "\(zone) at \(hour)")
                #expect(Set(found).count == found.count)
            }
        }
    }

    @Test func `29 February is found years ahead`() throws {
        let found = try times("0 12 29 2 *", "UTC", after: .utc(2026, 3, 1), until: .utc(2033, 1, 1))
        #expect(found == ["2028-02-29T12:00", "2032-02-29T12:00"])
    }

    @Test func `weekdays are those of the zone, not of UTC`() throws {
        // Monday 00:30 in Copenhagen is Sunday 23:30 in UTC.
        let found = try times("30 0 * * mon", "Europe/Copenhagen", after: .utc(2026, 3, 1), until: .utc(2026, 3, 10))
        #expect(found == ["2026-03-01T23:30", "2026-03-08T23:30"])
    }

    @Test func `an interval is counted from when it was set, whatever the runs do`() throws {
        let anchor = Instant.utc(2026, 3, 2, hour: 6)
        let timetable = try Timetable(.every(seconds: 300), anchor: anchor)
        #expect(timetable.next(after: anchor) == anchor + .seconds(300))
        #expect(timetable.next(after: anchor + .seconds(299)) == anchor + .seconds(300))
        #expect(timetable.next(after: anchor + .seconds(300)) == anchor + .seconds(600))
        #expect(timetable.next(after: anchor + .milliseconds(1_210_001)) == anchor + .seconds(1500))
        #expect(timetable.next(after: anchor - .seconds(5000)) == anchor + .seconds(300))
    }

    @Test(arguments: [
        Schedule.every(seconds: 59), .every(seconds: 0), .every(seconds: -60), .every(seconds: 31_536_001),
        .cron("0 6 * * *", timeZone: "Mars/Base"), .cron("0 6 * * *", timeZone: "CET"),
        .cron("0 6 * * *", timeZone: "GMT+2"), .cron("0 6 * * *"), .cron("61 * * * *", timeZone: "UTC"),
        Schedule(kind: .interval), Schedule(kind: .cron), Schedule(kind: .manual, everySeconds: 60),
        Schedule(kind: .interval, everySeconds: 60, expression: "* * * * *"),
    ])
    func `a schedule that cannot be is refused`(schedule: Schedule) {
        #expect(throws: SchedulerFault.self) { try Timetable(schedule, anchor: .utc(2026, 1, 1)) }
    }

    @Test(arguments: [
        (Schedule.every(seconds: 60), "every minute", "hvert minut"),
        (.every(seconds: 900), "every 15 minutes", "hvert 15. minut"),
        (.every(seconds: 7200), "every 2 hours", "hver 2. time"),
        (.every(seconds: 86_400), "every day", "hver dag"),
        (.every(seconds: 90), "every 90 seconds", "hvert 90. sekund"),
        (
            .cron("5 6 * * *", timeZone: "Europe/Copenhagen"), "every day at 06:05 (Europe/Copenhagen)",
            "hver dag kl. 06:05 (Europe/Copenhagen)"
        ),
        (
            .cron("0 22 * * 1-5", timeZone: "UTC"), "Monday to Friday at 22:00 (UTC)",
            "mandag til fredag kl. 22:00 (UTC)"
        ),
        (.cron("0 6 1 * *", timeZone: "UTC"), "cron 0 6 1 * * (UTC)", "cron 0 6 1 * * (UTC)"),
        (.manual, "only when somebody starts it", "kun når nogen starter den"),
    ])
    func `a schedule is said in words`(schedule: Schedule, english: String, danish: String) {
        #expect(schedule.words(in: .english) == english)
        #expect(schedule.words(in: .danish) == danish)
    }
}
