import CoreTypes
import Foundation
import TestSupport
import Testing

@Suite struct InstantTests {
    @Test func `an instant reads back what it prints`() {
        let randomness = Randomness.seeded(7)
        for _ in 0..<2000 {
            let instant = Instant(milliseconds: Int64(randomness.next() % 8_000_000_000_000) - 2_000_000_000_000)
            #expect(Instant(rfc3339: instant.description) == instant)
        }
    }

    @Test func `an instant prints as Foundation does`() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for milliseconds: Int64 in [0, -1, 951_782_399_999, 951_782_400_000, 1_772_431_200_123, 4_107_542_400_000] {
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            #expect(Instant(milliseconds: milliseconds).description == formatter.string(from: date))
        }
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T06:00:00+01:00", "2026-03-02 06:00:00Z",
        "2026-03-02T06:00:60Z", "2026-03-02T06:00:00.Z", "2026-03-02T06:00Z", "2026-3-2T06:00:00Z", "",
        "2026-03-02T06:00:00.12x4Z",
    ])
    func `a time that is not RFC 3339 in UTC is refused`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `a fraction finer than a millisecond is cut`() {
        #expect(Instant(rfc3339: "2026-03-02T06:00:00.123999Z") == Instant(milliseconds: 1_772_431_200_123))
        #expect(Instant(rfc3339: "2026-03-02T06:00:00.5Z") == Instant(milliseconds: 1_772_431_200_500))
    }

    @Test func `days count through leap years as the calendar does`() {
        var day = CalendarDay(year: 1999, month: 12, day: 31).daysSince1970
        for expected in ["2000-01-01", "2000-01-02"] {
            day += 1
            #expect(CalendarDay(daysSince1970: day).description == expected)
        }
        #expect(CalendarDay("2000-02-29") != nil)
        #expect(CalendarDay("1900-02-29") == nil)
    }
}

@Suite struct IdentifierTests {
    @Test func `an id reads back, and only as its own kind`() throws {
        let id: RunID = Randomness.seeded(1).makeID()
        #expect(RunID(id.rawValue) == id)
        #expect(ConnectionID(id.rawValue) == nil)
    }

    @Test(arguments: ["", "run_", "run_short", "run_0123456789012345678901234u", "RUN_01234567890123456789012345"])
    func `a text that is not an id is refused`(text: String) {
        #expect(RunID(text) == nil)
    }

    @Test func `a secret prints as nothing but a placeholder`() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "<redacted>")
        #expect(String(reflecting: secret) == "<redacted>")
        var dumped = ""
        dump(["password": secret], to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func `waits double up to the longest`() {
        let backoff = Backoff(first: .seconds(2), longest: .seconds(900))
        #expect(backoff.delay(afterAttempt: 1, jitter: 1) == .seconds(2))
        #expect(backoff.delay(afterAttempt: 4, jitter: 1) == .seconds(16))
        #expect(backoff.delay(afterAttempt: 5000, jitter: 1.2) == .seconds(1080))
    }
}
