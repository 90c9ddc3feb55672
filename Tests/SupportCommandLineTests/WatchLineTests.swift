import CoreTypes
import SchedulerAPI
import Testing

@testable import SupportCommandLine

/// The line a person watches while a run goes on.
@Suite struct WatchLineTests {
    private func line(
        _ phase: RunPhase, in texts: TextLookup = TextLookup(language: .english),
        _ change: (inout RunProgress) -> Void = { _ in }
    ) -> String {
        var progress = RunProgress(phase: phase, fetched: 412, expected: 1000, page: 5)
        progress.itemsPerMinute = 2400
        progress.secondsLeft = 75
        progress.lastActivityAt = .example
        change(&progress)
        return ProgressBar(texts).line(progress)
    }

    @Test(arguments: [RunPhase.extracting, .sweeping])
    func `while reading it says fetched of expected, page, rate and time left`(phase: RunPhase) {
        let line = line(phase)
        #expect(line.hasSuffix(" 412 of 1000 items, page 5, 2400 a minute, 1 min 15 s left"))
        #expect(line.contains("[" + String(repeating: "█", count: 12) + String(repeating: "·", count: 18) + "]"))
    }

    @Test(arguments: [RunPhase.publishing, .reverting])
    func `while rows are sent, or put back, it says how many of how many`(phase: RunPhase) {
        let line = line(phase) {
            $0.sent = 3000
            $0.toPublish = 4000
        }
        #expect(line.hasSuffix(" 3000 of 4000 rows, 2400 a minute, 1 min 15 s left"))
    }

    @Test(arguments: [RunPhase.queued, .judging, .committing, .finished])
    func `a step that counts nothing shows neither rate nor time left`(phase: RunPhase) {
        #expect(!line(phase).contains("left") && !line(phase).contains("minute"))
    }

    @Test func `nothing is said of what nobody knows yet`() {
        let line = line(.extracting) {
            $0.expected = nil
            $0.itemsPerMinute = nil
            $0.secondsLeft = nil
        }
        #expect(line.hasSuffix(" 412 items, page 5"))
    }

    @Test func `a run that has stalled says since when, and neither a rate nor a time left`() {
        let stalled = line(.extracting) { $0.stalledSince = .example }
        #expect(stalled.hasSuffix(" 412 of 1000 items, page 5, stalled since \(Instant.example.local)"))
        #expect(line(.judging) { $0.stalledSince = .example }.contains("stalled since"))
    }

    @Test(arguments: RunPhase.allCases)
    func `every step has a word in both languages and fits one line`(phase: RunPhase) {
        let english = line(phase)
        let danish = line(phase, in: TextLookup(language: .danish))
        #expect(!english.contains("\n") && !danish.contains("\n"))
        #expect(!english.contains("phase_") && english != danish)
    }

    @Test func `more than was expected does not break the bar`() {
        #expect(line(.extracting) { $0.fetched = 5000 }.contains("[" + String(repeating: "█", count: 30) + "] 5000 of"))
    }
}
