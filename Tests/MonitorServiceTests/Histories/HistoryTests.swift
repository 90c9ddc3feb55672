import SchedulerAPI
import TestSupport
import Testing

/// Seeded random histories of a source that changes, errs and quietens, against an oracle that knows the truth
/// (`SourceTruth`). One that never quietens: `BusySourceTests`.
///
/// 300 in every run, 10,000 with `--long`.
@Suite struct HistoryTests {
    @Test func `no wrong set is published that a check could have told, and that of a quiet source always is`() {
        let count = LongProof.count(300, long: 10_000)
        var tally = Tally()
        for seed in 1...UInt64(count) {
            var history = History(seed: seed)
            history.play()
            for problem in history.problems { Issue.record("seed \(seed): \(problem)") }
            tally.add(history.tally)
        }
        print("\(count) histories: \(tally)")
        // The histories are worth something only if all of this happens in them, and often.
        #expect(tally.published > count)
        #expect(tally.publishedWhileChanging > count / 4)
        #expect(tally.stopped > count)
        #expect(tally.held > count / 20)
        for verdict in Verdict.allCases where verdict != .notJudged {
            #expect(tally.verdicts[verdict, default: 0] > count / 20, "\(verdict)")
        }
        // What slips through because it was changed and changed back is rare, or the oracle would prove nothing.
        #expect(tally.changedBack * 200 < tally.published)
    }
}

/// What happened in histories, to see that they are not empty.
struct Tally: CustomStringConvertible {
    var runs = 0
    var published = 0
    var publishedWhileChanging = 0
    var stopped = 0
    var held = 0
    var changedBack = 0
    var readings = 0
    /// Items that came or went while they were read.
    var comingsAndGoings = 0
    var verdicts: [Verdict: Int] = [:]

    mutating func add(_ other: Tally) {
        runs += other.runs
        published += other.published
        publishedWhileChanging += other.publishedWhileChanging
        stopped += other.stopped
        held += other.held
        changedBack += other.changedBack
        readings += other.readings
        comingsAndGoings += other.comingsAndGoings
        verdicts.merge(other.verdicts, uniquingKeysWith: +)
    }

    var description: String {
        "\(runs) runs, \(published) published, \(publishedWhileChanging) of them while the source changed, "
            + "\(stopped) stopped, \(held) held, \(changedBack) wrong ones that no check of the source could tell; "
            + verdicts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }
}
