import CoreTypes
import MonitorAPI
import MonitorService
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct MonitoringPolicyTests {
    private func short() -> ImportEvidence {
        .steady {
            $0.rowsRead = 983
            $0.distinctKeys = 983
        }
    }

    @Test func `a connection nobody has touched is monitored`() async throws {
        let monitor = try MonitorFixture()
        let policy = try await monitor.anna.call(DescribePolicy(connectionID: .example)).policy
        #expect(policy.on)
        #expect(policy.history.isEmpty)
        #expect(try await monitor.judge(short()).verdict == .incomplete)
    }

    @Test func `switched off, a short import is not judged; switched on again, it is`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.switchMonitoring(false)
        #expect(try await monitor.judge(short()).verdict == .notJudged)
        try await monitor.switchMonitoring(true)
        var again = short()
        again.attempt = 2
        #expect(try await monitor.judge(again).verdict == .incomplete)
    }

    @Test func `switched off, an import of nothing is still refused`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.switchMonitoring(false)
        #expect(try await monitor.judge(.steady(0) { $0.previousCount = 1000 }).verdict == .emptySource)
    }

    @Test func `who switched, when and why is kept; switching to what holds changes nothing`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.switchMonitoring(true, because: "Already on")
        try await monitor.switchMonitoring(false, because: "Price test")
        monitor.clock.advance(by: .seconds(60))
        try await monitor.switchMonitoring(false, because: "Sent twice")
        try await monitor.switchMonitoring(true, because: "Test over")
        let policy = try await monitor.anna.call(DescribePolicy(connectionID: .example)).policy
        #expect(policy.on)
        #expect(
            policy.history == [
                MonitoringChange(
                    on: true, changedAt: .example + .seconds(60), changedBy: "operator anna", reason: "Test over",
                    version: 2, changes: [PolicyChange(setting: "on", before: "off", after: "on")]),
                MonitoringChange(
                    on: false, changedAt: .example, changedBy: "operator anna", reason: "Price test", version: 1,
                    changes: [PolicyChange(setting: "on", before: "on", after: "off")]),
            ])
    }

    @Test func `the switch of one connection leaves others alone`() async throws {
        let monitor = try MonitorFixture()
        try await monitor.switchMonitoring(false)
        let other = try await monitor.anna.call(DescribePolicy(connectionID: ConnectionID(bytes: (1, 2)))).policy
        #expect(other.on)
    }

    @Test(arguments: ["", String(repeating: "x", count: 201)])
    func `a reason outside 1 to 200 characters is refused`(reason: String) async throws {
        let monitor = try MonitorFixture()
        let failed = await failure {
            try await monitor.anna.call(SetMonitoring(connectionID: .example, on: false, reason: reason))
        }
        #expect(failed == "reason_required")
    }
}

@Suite struct RunMemoryTests {
    @Test func `an outcome told twice is remembered once`() async throws {
        let monitor = try MonitorFixture()
        let event = try RunFinished.ended(.published, reason: "run_published", minute: 1).delivered(1)
        #expect(try await monitor.deliver([event]) == 1)
        #expect(try await monitor.deliver([event]) == 1)
        let health = try await monitor.anna.call(DescribeHealth(connectionID: .example))
        #expect(health.runs.count == 1)
        #expect(health.lastSuccessAt == .example + .seconds(60))
    }

    @Test func `health says since when and how often runs fail; cancelled ones do not count`() async throws {
        let monitor = try MonitorFixture()
        let outcomes: [(RunOutcome, String)] = [
            (.failed, "run_failed_login"), (.published, "run_published"), (.refused, "run_incomplete"),
            (.cancelled, "run_cancelled"), (.lost, "run_lost"),
        ]
        let events = try outcomes.enumerated().map { index, outcome in
            try RunFinished.ended(outcome.0, reason: outcome.1, minute: index + 1).delivered(Int64(index) + 1)
        }
        _ = try await monitor.deliver(events)
        let health = try await monitor.anna.call(DescribeHealth(connectionID: .example, limit: 2))
        #expect(health.consecutiveFailures == 2)
        #expect(health.failingSince == .example + .seconds(180))
        #expect(health.lastSuccessAt == .example + .seconds(120))
        #expect(health.runs.map(\.outcome) == [.lost, .cancelled])
    }

    @Test func `a connection without runs has no health to tell`() async throws {
        let monitor = try MonitorFixture()
        let health = try await monitor.anna.call(DescribeHealth(connectionID: .example))
        #expect(health.lastSuccessAt == nil)
        #expect(health.failingSince == nil)
        #expect(health.consecutiveFailures == 0)
    }

    @Test func `an event of a kind it does not know does not block the next`() async throws {
        let monitor = try MonitorFixture()
        let strange = DeliveredEvent(sequence: 1, type: "scheduler.somethingNew", body: "{}")
        let known = try RunFinished.ended(.published, reason: "run_published", minute: 1).delivered(2)
        #expect(try await monitor.deliver([strange, known]) == 2)
        let health = try await monitor.anna.call(DescribeHealth(connectionID: .example))
        #expect(health.runs.count == 1)
    }

    @Test func `every request of the interface is answered, and no other`() throws {
        let monitor = try MonitorFixture()
        #expect(monitor.service.router.methods == Set(MonitorAPI.requests.map { $0.method }))
    }
}
