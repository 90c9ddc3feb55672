import CoreTypes
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import SchedulerService

@Suite struct LeaseTests {
    private func started(_ scheduler: SchedulerFixture, reason: String = "By hand") async throws -> ConnectionID {
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: reason))
        return connection
    }

    private func renewal(_ run: ClaimedRun, fetched: Int = 0) -> RenewLease {
        RenewLease(
            runID: run.runID, fencingToken: run.fencingToken,
            progress: RunProgress(phase: .extracting, fetched: fetched))
    }

    @Test func `of two importers that claim at once one gets the run`() async throws {
        let scheduler = try SchedulerFixture()
        _ = try await started(scheduler)
        async let first = scheduler.claim(by: "1")
        async let second = scheduler.claim(by: "2")
        let claims = try await [first, second].compactMap(\.self)
        #expect(claims.count == 1)
        #expect(try await scheduler.claim(by: "3") == nil)
    }

    @Test func `the fencing token of a connection rises with every claim`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        var tokens: [Int64] = []
        try await scheduler.live(for: 300, step: 10) {
            if let run = try await scheduler.work() {
                #expect(run.connectionID == connection)
                tokens.append(run.fencingToken)
            }
        }
        #expect(tokens == [1, 2, 3, 4, 5])
    }

    @Test func `a claim sent again gets the same run and token`() async throws {
        let scheduler = try SchedulerFixture()
        _ = try await started(scheduler)
        let first = try #require(try await scheduler.claim(claimID: "a"))
        #expect(try await scheduler.claim(claimID: "a") == first)
        #expect(try await scheduler.claim(by: "2", claimID: "a") == nil)
        #expect(try await scheduler.claim(claimID: "b") == nil)
        try await scheduler.finish(first)
        #expect(try await scheduler.claim(claimID: "a") == nil)
    }

    @Test func `a run without a sign of life is lost, announced and queued again once`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        let first = try #require(try await scheduler.claim(by: "1"))
        try await scheduler.live(for: 14)
        #expect(try await scheduler.runs(of: connection).first?.state == .running)
        try await scheduler.live(for: 1)
        let runs = try await scheduler.runs(of: connection)
        #expect(runs.map(\.state) == [.queued, .finished])
        #expect(runs[1].outcome == .lost)
        #expect(runs[0].trigger == .afterLoss)
        #expect(runs[0].startedBy == "operator anna")
        let lost = try await scheduler.call(DescribeRun(runID: first.runID)).run
        #expect(lost.replacedBy == runs[0].runID)
        #expect(lost.report?.reason == "run_lost")
        #expect(try await scheduler.call(DescribeRun(runID: runs[0].runID)).run.replaces == first.runID)

        let second = try #require(try await scheduler.claim(by: "2"))
        #expect(second.fencingToken > first.fencingToken)
        #expect(second.trigger == .afterLoss)
        try await scheduler.live(for: 15)
        #expect(try await scheduler.runs(of: connection).map(\.outcome) == [.lost, .lost])
        for consumer in ["monitor", "notifier", "billing"] {
            let events = try scheduler.courier.runsFinished(to: consumer)
            #expect(events.map(\.runID) == [first.runID, second.runID])
            #expect(events.allSatisfy { $0.report.outcome == .lost })
        }
    }

    @Test func `who lost the run can neither renew nor finish it`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        let stale = try #require(try await scheduler.claim(by: "1"))
        try await scheduler.live(for: 15)
        await expectRefusal(.aborted, "run_superseded") {
            _ = try await scheduler.importer("1").call(renewal(stale))
        }
        let fresh = try #require(try await scheduler.claim(by: "2"))
        await expectRefusal(.aborted, "run_superseded") { try await scheduler.finish(stale, .published, by: "1") }
        await expectRefusal(.aborted, "run_superseded") {
            var disguised = fresh
            disguised.fencingToken = stale.fencingToken
            try await scheduler.finish(disguised, .published, by: "2")
        }
        await expectRefusal(.aborted, "run_superseded") { try await scheduler.finish(fresh, .published, by: "1") }
        try await scheduler.finish(fresh, .published, by: "2")
        #expect(try await scheduler.runs(of: connection).map(\.outcome) == [.published, .lost])
    }

    @Test func `renewed in time a run is never lost`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        let run = try #require(try await scheduler.claim())
        try await scheduler.live(for: 120, step: 5) {
            _ = try await scheduler.importer().call(renewal(run, fetched: 100))
        }
        #expect(try await scheduler.runs(of: connection).map(\.state) == [.running])
        let description = try await scheduler.call(DescribeRun(runID: run.runID)).run
        #expect(description.progress?.fetched == 100)
        #expect(description.leaseOwner == "importer/1")
        #expect(description.leaseEndsAt == scheduler.now + .seconds(15))
    }

    @Test func `the same report again gets the same answer and tells nobody twice, another is refused`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        let run = try #require(try await scheduler.claim())
        scheduler.advance(by: 5)
        let first = try await scheduler.finish(run, .published)
        scheduler.advance(by: 5)
        #expect(try await scheduler.finish(run, .published) == first)
        await expectRefusal(.aborted, "run_already_reported") { try await scheduler.finish(run, .failed) }
        try await scheduler.passes()
        #expect(try scheduler.courier.runsFinished().count == 1)

        // Also when the connection has moved on since.
        try await scheduler.call(StartRun(connectionID: connection, reason: "Next"))
        try await scheduler.work()
        #expect(try await scheduler.finish(run, .published) == first)
    }

    @Test func `an importer cannot call its own run lost`() async throws {
        let scheduler = try SchedulerFixture()
        _ = try await started(scheduler)
        let run = try #require(try await scheduler.claim())
        await expectRefusal(.invalidArgument, "outcome_not_for_importers") { try await scheduler.finish(run, .lost) }
    }

    @Test func `what ended is told with its figures, and what is live since when`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        scheduler.advance(by: 600)
        try await scheduler.passes()
        let run = try #require(try await scheduler.claim())
        scheduler.advance(by: 7)
        try await scheduler.finish(run, .published)
        try await scheduler.passes()
        let event = try #require(try scheduler.courier.runsFinished(to: "billing").first)
        #expect(event.connectionID == connection)
        #expect(event.merchantName == "Nordlys Lamper ApS")
        #expect(event.connectionLabel == "Our SAP > Our shop")
        #expect(event.trigger == .schedule)
        #expect(event.startedBy == nil)
        #expect(event.startedAt == SchedulerFixture.start + .seconds(600))
        #expect(event.finishedAt == SchedulerFixture.start + .seconds(607))
        #expect(event.lastPublishedAt == event.finishedAt)
        #expect(event.nextRunAt == SchedulerFixture.start + .seconds(1200))
        #expect(event.report.read == 17)
        #expect(event.traceparent == run.traceparent)
    }

    @Test func `a run is offered first to the importer that last published, then to any`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        try await scheduler.work(.published, by: "2")
        try await scheduler.call(StartRun(connectionID: connection, reason: "Again"))
        #expect(try await scheduler.claim(by: "1") == nil)
        scheduler.advance(by: 2)
        #expect(try await scheduler.claim(by: "1") == nil)
        scheduler.advance(by: 1)
        #expect(try await scheduler.claim(by: "1") != nil)
    }

    @Test func `the longest overdue run is handed out first`() async throws {
        let scheduler = try SchedulerFixture()
        let late = try await scheduler.addConnection(.every(seconds: 60), merchant: "A").connectionID
        let early = try await scheduler.addConnection(merchant: "B").connectionID
        try await scheduler.call(StartRun(connectionID: early, reason: "First"))
        scheduler.advance(by: 60)
        try await scheduler.passes()
        #expect(try await scheduler.claim()?.connectionID == early)
        #expect(try await scheduler.claim()?.connectionID == late)
    }

    @Test func `a run in hand keeps a whole lease when the scheduler comes back after an hour`() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(start: SchedulerFixture.start)
        let first = try SchedulerFixture(.file(folder.file("scheduler.db")), clock: clock)
        let connection = try await started(first)
        let run = try #require(try await first.claim())
        try first.database.close()
        clock.advance(by: .seconds(3600))
        let second = try SchedulerFixture(
            .file(folder.file("scheduler.db")), clock: clock, randomness: .counted(from: 1_000_000))
        try await second.passes()
        try await second.live(for: 14)
        #expect(try await second.runs(of: connection).map(\.state) == [.running])
        _ = try await second.importer().call(renewal(run))
        try await second.live(for: 14)
        try await second.finish(run)
        #expect(try await second.runs(of: connection).map(\.outcome) == [.unchanged])
    }

    @Test func `an importer that died while the scheduler was away is found out, and its run queued again once`()
        async throws
    {
        let folder = try TemporaryFolder()
        let clock = ManualClock(start: SchedulerFixture.start)
        let first = try SchedulerFixture(.file(folder.file("scheduler.db")), clock: clock)
        let connection = try await started(first)
        _ = try #require(try await first.claim(by: "1"))
        try first.database.close()
        clock.advance(by: .seconds(120))
        for restart in 1...3 {
            // Each start of the scheduler gives a whole lease again; two short lives lose nothing and accuse nobody.
            let next = try SchedulerFixture(
                .file(folder.file("scheduler.db")), clock: clock, randomness: .counted(from: UInt64(restart) << 20))
            try await next.live(for: restart < 3 ? 10 : 17)
            if restart == 3 {
                let runs = try await next.runs(of: connection)
                #expect(runs.map(\.trigger) == [.afterLoss, .manual])
                #expect(runs.map(\.outcome) == [nil, .lost])
                #expect(try next.courier.runsFinished(to: "notifier").map(\.report.outcome) == [.lost])
            }
            try next.database.close()
        }
    }

    @Test func `a scheduler that was stopped itself accuses nobody, and still finds who is silent`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        _ = try await scheduler.claim()
        try await scheduler.live(for: 1)
        scheduler.advance(by: 3600)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection).map(\.state) == [.running])
        try await scheduler.live(for: 15)
        #expect(try await scheduler.runs(of: connection).last?.outcome == .lost)
    }

    @Test func `a scheduler that always looks late still finds who is silent`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await started(scheduler)
        _ = try await scheduler.claim()
        try await scheduler.live(for: 300, step: 60)
        #expect(try await scheduler.runs(of: connection).last?.outcome == .lost)
    }
}
