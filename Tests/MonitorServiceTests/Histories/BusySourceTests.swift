import TestSupport
import Testing

/// Sources that never rest while they are imported: how many runs are refused in a row before one is published, by the way
/// in which pages are asked for. What is published while a source is busy is judged by the same oracle as elsewhere.
///
/// 300 seeds of each kind in every run, 10,000 with `--long`.
@Suite struct BusySourceTests {
    /// How restless: how often, in per cent, something happens between two requests, and whether it is edits only.
    struct Business: Sendable, CustomTestStringConvertible {
        var changesPercent: Int
        var editsOnly: Bool
        /// More runs than this in a row are never refused when pages go by key.
        var refusedMax: Int
        var testDescription: String { "\(changesPercent) % \(editsOnly ? "edits" : "edits, comings and goings")" }
    }

    static let businesses = [
        Business(changesPercent: 5, editsOnly: true, refusedMax: 0),
        Business(changesPercent: 15, editsOnly: true, refusedMax: 0),
        Business(changesPercent: 90, editsOnly: true, refusedMax: 0),
        Business(changesPercent: 5, editsOnly: false, refusedMax: 10),
        Business(changesPercent: 15, editsOnly: false, refusedMax: 40),
    ]

    @Test(arguments: businesses)
    func `read by key a source that never rests is published before long`(business: Business) {
        let count = LongProof.count(300, long: 10_000)
        let byKey = Row(of: .keyset, business, count: count, runsMax: 60)
        let byChange = Row(of: .byChange, business, count: count / 3, runsMax: 12)
        print("\(business.testDescription): by key \(byKey); by change \(byChange)")
        for problem in byKey.problems + byChange.problems { Issue.record("\(problem)") }
        #expect(byKey.longest <= business.refusedMax)
        #expect(byKey.tally.changedBack * 50 <= byKey.tally.published)
        // The two ways differ in nothing else, so this is what the order by change costs where somebody edits all the time.
        if business.editsOnly, business.changesPercent > 50 { #expect(byChange.share < 20) }
    }

    /// All histories of one kind.
    private struct Row: CustomStringConvertible {
        var tally = Tally()
        var longest = 0
        /// Histories that were left after `runsMax` refusals.
        var left = 0
        var problems: [String] = []

        init(of order: ModelSource.Order, _ business: Business, count: Int, runsMax: Int) {
            for seed in 1...UInt64(max(1, count)) {
                var history = History(seed: seed, order: order)
                let refused = history.playRestless(
                    changesPercent: business.changesPercent, editsOnly: business.editsOnly, runsMax: runsMax)
                longest = max(longest, refused)
                if refused == runsMax { left += 1 }
                problems += history.problems.map { "seed \(seed): \($0)" }
                tally.add(history.tally)
            }
        }

        /// Of 100 runs, so many were published.
        var share: Int { tally.published * 100 / max(1, tally.runs) }

        var description: String {
            let changes = Double(tally.comingsAndGoings * 10 / max(1, tally.readings)) / 10
            return "\(share) % of \(tally.runs) runs published, at most \(longest) refused in a row"
                + "\(left > 0 ? " (\(left) histories left there)" : ""), \(changes) items came or went "
                + "in a reading, \(tally.changedBack) sets changed back unseen"
        }
    }
}
