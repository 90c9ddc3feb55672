import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Seeded random histories of an ERP in which people work while it is read: real importer, HTTPS, staging, connector and
/// monitor. The rules alone, many times faster: `MonitorServiceTests/HistoryTests`.
///
/// 30 in every run, 300 with `--long`.
@Suite struct SourceHistoryTests {
    @Test func `the shop never shows a set the source never had, and a source at rest is published`() async throws {
        let count = LongProof.count(30, long: 300)
        let sum = Sum()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 1...UInt64(count) {
                // No more at once than there are cores to gain from.
                if seed > 4 { try await group.next() }
                group.addTask {
                    try await ImportFixture.with(items: 20 + Int(seed * 7 % 20)) { fixture in
                        var history = try await SourceHistory(fixture, seed: seed)
                        try await history.play()
                        for problem in history.problems { Issue.record("seed \(seed), \(problem)") }
                        sum.add(history.tally)
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = sum.tally
        print("\(count) histories: \(all)")
        // The histories are worth something only if all of this happens in them.
        #expect(all.published > count)
        #expect(all.whileChanging > count / 4)
        #expect(all.refused > count / 2)
        #expect(all.held > 0)
        #expect(all.swept > count / 2)
        #expect(all.changedBack * 20 <= all.published)
    }
}

private final class Sum: Sendable {
    private let state = Mutex(SourceHistory.Tally())

    var tally: SourceHistory.Tally { state.withLock { $0 } }
    func add(_ other: SourceHistory.Tally) { state.withLock { $0.add(other) } }
}
