import CoreTypes
import MonitorAPI
import MonitorService
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct PolicyRulesTests {
    @Test func `a connection nobody has touched tolerates nothing and has a drop guard of 20 items and 10 %`()
        async throws
    {
        let monitor = try MonitorFixture()
        let policy = try await monitor.anna.call(DescribePolicy(connectionID: .example)).policy
        #expect(policy.version == 0)
        #expect(policy.rules.tolerance == 0)
        #expect(policy.rules.dropGuard == DropGuard(items: 20, percent: ExactDecimal(10)))
        #expect(policy.rules.controlTotals == ControlTotals())
        #expect(policy.rules.mustHave.isEmpty)
        #expect(policy.rules.shadowUntil == nil)
    }

    @Test func `what was changed, by whom, when and why is kept for each version`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.switchMonitoring(false, because: "Set-up")
        try await monitor.switchMonitoring(true, because: "Ready")
        try await monitor.setRules(because: "Two samples are never sold") { $0.tolerance = 2 }
        let policy = try await monitor.setRules(because: "Best-sellers") { $0.mustHave = ["B", "A", "B"] }
        #expect(policy.version == 4)
        #expect(policy.rules.mustHave == ["A", "B"])
        #expect(policy.rules.tolerance == 2)
        #expect(policy.history.map(\.version) == [4, 3, 2, 1])
        #expect(policy.history[0].changes == [PolicyChange(setting: "mustHave", before: "0", after: "2")])
        #expect(policy.history[1].changes == [PolicyChange(setting: "tolerance", before: "0", after: "2")])
        #expect(policy.history[1].changedBy == "operator anna")
        #expect(policy.history[1].reason == "Two samples are never sold")
        #expect(policy.history[3].changes == [PolicyChange(setting: "on", before: "on", after: "off")])
    }

    @Test func `setting what holds changes nothing, also when sent again after its answer was lost`() async throws {
        let monitor = try MonitorFixture()
        let request = SetPolicy(
            connectionID: .example, on: true, rules: PolicyRules(tolerance: 3), expectedVersion: 0, reason: "Test")
        let first = try await monitor.anna.call(request).policy
        #expect(try await monitor.anna.call(request).policy == first)
        #expect(first.version == 1)
    }

    @Test func `a change made from an older version is refused, so that nobody undoes another's unseen`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.tolerance = 3 }
        let late = SetPolicy(
            connectionID: .example, on: true, rules: PolicyRules(tolerance: 5), expectedVersion: 0, reason: "Test")
        #expect(await failure { try await monitor.anna.call(late) } == "policy_changed")
        var forced = late
        forced.expectedVersion = nil
        #expect(try await monitor.anna.call(forced).policy.rules.tolerance == 5)
    }

    @Test func `rules of one connection leave others alone`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.tolerance = 3 }
        let other = try await monitor.anna.call(DescribePolicy(connectionID: ConnectionID(bytes: (1, 2)))).policy
        #expect(other.rules == PolicyRules())
    }

    @Test func `what no import can be held to is refused, and nothing is changed`() async throws {
        let monitor = try MonitorFixture()
        let wrong: [(reason: String, change: (inout PolicyRules) -> Void)] = [
            ("number_out_of_range", { $0.tolerance = -1 }),
            ("number_out_of_range", { $0.tolerance = 10_001 }),
            ("number_out_of_range", { $0.dropGuard = DropGuard(items: -1) }),
            ("number_out_of_range", { $0.dropGuard = DropGuard(percent: ExactDecimal(101)) }),
            ("number_out_of_range", { $0.dropGuard = DropGuard(percent: ExactDecimal("0.001") ?? .zero) }),
            ("number_out_of_range", { $0.controlTotals.priceChangePercent = ExactDecimal(-1) }),
            ("number_out_of_range", { $0.controlTotals.zeroPrices = -1 }),
            ("must_have_invalid", { $0.mustHave = [""] }),
            ("must_have_invalid", { $0.mustHave = ["a\u{7}b"] }),
            ("must_have_invalid", { $0.mustHave = [String(repeating: "x", count: 101)] }),
            ("must_have_invalid", { $0.mustHave = (0...1000).map { "A\($0)" } }),
            ("must_have_invalid", { $0.mustHave = (0..<1000).map { String(repeating: "æ", count: 90) + "\($0)" } }),
            ("shadow_too_long", { $0.shadowUntil = .example + .seconds(91 * 86_400) }),
        ]
        for (reason, change) in wrong {
            #expect(await failure { try await monitor.setRules(change) } == reason)
        }
        #expect(try await monitor.anna.call(DescribePolicy(connectionID: .example)).policy.version == 0)
    }

    @Test func `an importer is told what to look for, and by which list it was`() async throws {
        let monitor = try MonitorFixture()
        let none = try await monitor.importer.call(FetchRules(connectionID: .example))
        #expect(none == FetchRules.Response(listVersion: 0, mustHave: []))
        try await monitor.setRules { $0.mustHave = ["A1"] }
        try await monitor.setRules { $0.tolerance = 1 }
        // The list is still the one of version 1, so what was found of it still counts.
        let rules = try await monitor.importer.call(FetchRules(connectionID: .example))
        #expect(rules == FetchRules.Response(listVersion: 1, mustHave: ["A1"]))
        await #expect(throws: ServiceError.self) { try await monitor.anna.call(FetchRules(connectionID: .example)) }
    }

    @Test func `the rules that were applied are named by the verdict`() async throws {
        let monitor = try MonitorFixture()
        #expect(try await monitor.judge(.steady()).policyVersion == 0)
        try await monitor.setRules { $0.tolerance = 1 }
        #expect(try await monitor.judge(.steady { $0.attempt = 2 }).policyVersion == 1)
    }
}

@Suite struct ShadowModeTests {
    private let week = Duration.seconds(7 * 86_400)

    private func short(_ attempt: Int = 1) -> ImportEvidence {
        .steady {
            $0.attempt = attempt
            $0.rowsRead = 983
            $0.distinctKeys = 983
            $0.missingCount = 17
        }
    }

    @Test func `for its time nothing is stopped, and what would have been is listed; then it is stopped`() async throws
    {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        let passed = try await monitor.judge(short())
        #expect(passed.verdict == .notJudged)
        #expect(passed.permitsPublishing)
        #expect(passed.reason == "run_shadow_mode")
        #expect(passed.shadow == ShadowFinding(verdict: .incomplete, reason: "run_incomplete", holds: []))
        #expect(passed.faultyPage != nil || passed.notes.contains("note_shadow_mode"))
        let stops = try await monitor.anna.call(ListShadowStops(connectionID: .example)).stops
        #expect(stops.map(\.verdict) == [.incomplete])
        #expect(stops.map(\.distinctKeys) == [983])
        #expect(stops.map(\.expected) == [1000])
        let others = try await monitor.anna.call(ListShadowStops(connectionID: ConnectionID(bytes: (1, 2)))).stops
        #expect(others.isEmpty)
        monitor.clock.advance(by: week)
        let stopped = try await monitor.judge(short(2))
        #expect(stopped.verdict == .incomplete)
        #expect(!stopped.permitsPublishing)
        #expect(try await monitor.anna.call(ListShadowStops(connectionID: .example)).stops.count == 1)
    }

    private func run(_ number: UInt64) -> RunID { RunID(bytes: (5, number)) }

    private func judge(_ number: UInt64, _ monitor: MonitorFixture) async throws -> VerdictBody {
        try await monitor.judge(
            .steady {
                $0.runID = run(number)
                $0.fencingToken += Int64(number)
            })
    }

    private func end(
        _ number: UInt64, _ outcome: RunOutcome, sequence: Int64? = nil, _ monitor: MonitorFixture
    ) async throws {
        var event = RunFinished.ended(outcome, reason: "run_\(outcome.rawValue)", minute: Int(number))
        event.runID = run(number)
        _ = try await monitor.deliver([event.delivered(sequence ?? Int64(number))])
    }

    @Test func `when its time is over the next verdict says so once, with what it let pass`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        #expect(try await monitor.judge(short()).shadowEnded == nil)
        monitor.clock.advance(by: week - .milliseconds(1))
        #expect(try await judge(1, monitor).shadowEnded == nil)
        try await end(1, .published, monitor)
        monitor.clock.advance(by: .milliseconds(1))
        let period = ShadowPeriod(since: .example, until: .example + week, stops: 1)
        #expect(try await judge(2, monitor).shadowEnded == period)
        // A run that is lost tells nobody.
        try await end(2, .lost, monitor)
        monitor.clock.advance(by: .seconds(60))
        #expect(try await judge(3, monitor).shadowEnded == period)
        #expect(try await judge(4, monitor).shadowEnded == period, "the run before it has not ended so far")
        try await end(4, .held, sequence: 3, monitor)
        #expect(try await judge(5, monitor).shadowEnded == nil)
        #expect(try await monitor.anna.call(DescribePolicy(connectionID: .example)).policy.shadow == period)
    }

    @Test func `a time that is extended is one, and one that is set again after its end another`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        _ = try await monitor.judge(short())
        monitor.clock.advance(by: week / 2)
        let extended = try await monitor.setRules { $0.shadowUntil = .example + week * 2 }
        #expect(extended.shadow == ShadowPeriod(since: .example, until: .example + week * 2, stops: 1))
        monitor.clock.advance(by: week * 2)
        // Other rules may change meanwhile.
        let later = try await monitor.setRules { $0.tolerance = 1 }
        #expect(later.shadow == extended.shadow)
        #expect(try await judge(1, monitor).shadowEnded == extended.shadow)
        try await end(1, .published, monitor)
        let again = monitor.clock.wallClock.now()
        try await monitor.setRules { $0.shadowUntil = again + week }
        monitor.clock.advance(by: week)
        #expect(try await judge(2, monitor).shadowEnded == ShadowPeriod(since: again, until: again + week, stops: 0))
    }

    @Test func `who ends it by hand, or does not monitor, is not told of its end`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        try await monitor.setRules { $0.shadowUntil = nil }
        monitor.clock.advance(by: week)
        let ended = try await judge(1, monitor)
        #expect(ended.shadowEnded == nil)
        try await monitor.setRules { $0.shadowUntil = .example + week * 2 }
        try await monitor.switchMonitoring(false)
        monitor.clock.advance(by: week)
        #expect(try await judge(2, monitor).shadowEnded == nil)
    }

    @Test func `what would have been held says for what`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        let passed = try await monitor.judge(.steady(600) { $0.drop(400, of: 1000) })
        #expect(passed.permitsPublishing)
        #expect(passed.shadow?.verdict == .complete)
        #expect(passed.shadow?.holds.map(\.kind) == [.dropGuard])
        let stops = try await monitor.anna.call(ListShadowStops(connectionID: .example)).stops
        #expect(stops.map(\.holds) == [[.dropGuard]])
    }

    @Test func `a complete import is complete, in shadow mode too`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        let passed = try await monitor.judge(.steady())
        #expect(passed.verdict == .complete)
        #expect(passed.shadow == nil)
        #expect(passed.notes == ["note_shadow_mode"])
    }

    @Test func `a shop is not emptied, an item not dropped and no key published twice, not even in shadow mode`()
        async throws
    {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        let empty = try await monitor.judge(.steady(0) { $0.previousCount = 1000 })
        #expect(empty.verdict == .emptySource)
        let unreadable = try await monitor.judge(
            .steady {
                $0.attempt = 2
                $0.unreadableCount = 1
            })
        #expect(unreadable.verdict == .incomplete)
        let doubled = try await monitor.judge(
            .steady {
                $0.attempt = 3
                $0.readTwice("A1", pages: [1])
                $0.sweep = SweepEvidence(
                    rowsRead: 1000, distinctKeys: 999, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
            })
        #expect(doubled.verdict == .sourceHasDuplicates)
        #expect(try await monitor.anna.call(ListShadowStops(connectionID: .example)).stops.isEmpty)
    }

    @Test func `a source that was changed is read again before shadow mode lets it pass`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.setRules { $0.shadowUntil = .example + week }
        let first = try await monitor.judge(.steady { $0.countAfter = 999 })
        #expect(first.verdict == .changedWhileReading)
        let second = try await monitor.judge(
            .steady {
                $0.attempt = 2
                $0.countAfter = 999
            })
        #expect(second.permitsPublishing)
        #expect(second.shadow?.verdict == .changedWhileReading)
    }
}
