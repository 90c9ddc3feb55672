import CoreTypes
import GRDB
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import SchedulerService

@Suite struct DueRunsTests {
    @Test func `n due times give n runs`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        try await scheduler.live(for: 600, step: 10) { try await scheduler.work() }
        let runs = try await scheduler.runs(of: connection)
        let expected = (1...10).map { SchedulerFixture.start + .seconds(60 * $0) }
        #expect(runs.reversed().map(\.dueAt) == expected)
        #expect(runs.allSatisfy { $0.state == .finished && $0.trigger == .schedule && $0.lateMs == nil })
        #expect(try await scheduler.connection(connection).nextRunAt == SchedulerFixture.start + .seconds(660))
    }

    @Test func `a cron job runs at its times`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.cron("*/10 7 * * *")).connectionID
        let next = try await scheduler.connection(connection)
        // 07:00 in Copenhagen, the merchant's zone, is 06:00 UTC: the fixture's now, so the next is ten past.
        #expect(next.nextRunAt == SchedulerFixture.start + .seconds(600))
        #expect(next.schedule.timeZone == "Europe/Copenhagen")
        scheduler.advance(by: 600)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection).map(\.dueAt) == [SchedulerFixture.start + .seconds(600)])
    }

    @Test func `nothing runs before its time`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        scheduler.advance(by: 59)
        #expect(try await !scheduler.scheduler.pass())
        #expect(try await scheduler.runs(of: connection).isEmpty)
    }

    @Test func `after an outage of 14 days a job of 5 minutes runs once, marked late`() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(start: SchedulerFixture.start)
        let first = try SchedulerFixture(.file(folder.file("scheduler.db")), clock: clock)
        let connection = try await first.addConnection(.every(seconds: 300)).connectionID
        try first.database.close()

        clock.advance(by: .seconds(14 * 86_400 + 30))
        let second = try SchedulerFixture(
            .file(folder.file("scheduler.db")), clock: clock, randomness: .counted(from: 1_000_000))
        try await second.passes()
        let runs = try await second.runs(of: connection)
        #expect(runs.count == 1)
        #expect(runs.first?.dueAt == SchedulerFixture.start + .seconds(300))
        #expect(runs.first?.lateMs == Int64((14 * 86_400 + 30 - 300) * 1000))
        #expect(
            try await second.connection(connection).nextRunAt == SchedulerFixture.start + .seconds(14 * 86_400 + 300))
    }

    @Test func `last and next run are the same after a restart`() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(start: SchedulerFixture.start)
        let first = try SchedulerFixture(.file(folder.file("scheduler.db")), clock: clock)
        let connection = try await first.addConnection(.every(seconds: 300)).connectionID
        try await first.live(for: 300, step: 20) { try await first.work(.published) }
        let before = try await first.call(ListJobs()).jobs
        #expect(before.first?.lastRun?.outcome == .published)
        try first.database.close()

        let second = try SchedulerFixture(
            .file(folder.file("scheduler.db")), clock: clock, randomness: .counted(from: 1_000_000))
        try await second.passes()
        #expect(try await second.call(ListJobs()).jobs == before)
        #expect(try await second.connection(connection).lastPublishedAt == SchedulerFixture.start + .seconds(300))
    }

    @Test func `a manual run never moves or removes the next scheduled one`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 300)).connectionID
        let next = try await scheduler.connection(connection).nextRunAt
        scheduler.advance(by: 299)
        try await scheduler.call(StartRun(connectionID: connection, reason: "Cannot wait"))
        #expect(try await scheduler.connection(connection).nextRunAt == next)
        try await scheduler.work()
        #expect(try await scheduler.connection(connection).nextRunAt == next)
        scheduler.advance(by: 1)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection).map(\.trigger) == [.schedule, .manual])
    }

    @Test func `a time that comes while a run is in hand is skipped and leaves a row that says so`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "Slow one"))
        let run = try #require(try await scheduler.claim())
        scheduler.advance(by: 60)
        _ = try await scheduler.importer().call(
            RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: RunProgress(phase: .extracting)))
        try await scheduler.passes()
        let skipped = try #require(try await scheduler.runs(of: connection).first)
        #expect(skipped.state == .skipped)
        #expect(skipped.reason == "run_skipped_overlap")
        #expect(skipped.dueAt == SchedulerFixture.start + .seconds(60))
        #expect(skipped.startedAt == nil)
        try await scheduler.finish(run)
        scheduler.advance(by: 60)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection).first?.state == .queued)
    }

    @Test func `a schedule set again as it is keeps its next time, another begins anew`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.cron("0 12 * * *")).connectionID
        let next = try await scheduler.connection(connection).nextRunAt
        scheduler.advance(by: 100)
        let same = UpdateConnection(connectionID: connection, schedule: .cron("0 12 * * *"), reason: "Same")
        #expect(try await scheduler.call(same).connection.nextRunAt == next)
        let other = UpdateConnection(connectionID: connection, schedule: .every(seconds: 60), reason: "Faster")
        #expect(try await scheduler.call(other).connection.nextRunAt == SchedulerFixture.start + .seconds(160))
        let manual = UpdateConnection(connectionID: connection, schedule: .manual, reason: "By hand from now on")
        #expect(try await scheduler.call(manual).connection.nextRunAt == nil)
    }

    @Test func `a clock set back an hour runs no time twice`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        try await scheduler.live(for: 3600, step: 300) { try await scheduler.work() }
        #expect(try await scheduler.runs(of: connection).count == 6)
        try await scheduler.execute(
            "UPDATE connection SET nextDueAt = ?", [SchedulerFixture.start + .seconds(600)])
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection).count == 6)
        #expect(try await scheduler.connection(connection).nextRunAt == SchedulerFixture.start + .seconds(4200))
    }

    @Test(arguments: [nil, SchedulerFixture.start + .seconds(86_400)])
    func `a schedule that stands still is repaired by the sweep`(wrong: Instant?) async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        try await scheduler.execute("UPDATE connection SET nextDueAt = ?", [wrong])
        #expect(try await scheduler.connection(connection).nextRunAt == wrong)
        try await scheduler.passes()
        #expect(try await scheduler.connection(connection).nextRunAt == SchedulerFixture.start + .seconds(600))
    }

    @Test func `a schedule that cannot be read stops alone and does not stop the others`() async throws {
        let scheduler = try SchedulerFixture()
        let broken = try await scheduler.addConnection(.cron("*/5 * * * *"), merchant: "A").connectionID
        let healthy = try await scheduler.addConnection(.every(seconds: 300), merchant: "B").connectionID
        try await scheduler.execute("UPDATE connection SET timeZone = 'Mars/Base' WHERE id = ?", [broken])
        scheduler.advance(by: 300)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: healthy).count == 1)
        #expect(try await scheduler.connection(broken).nextRunAt == nil)
        #expect(try await scheduler.connection(broken).effectiveState.reason == .scheduleStopped)
    }

    @Test func `importers are woken when there is something to claim and not otherwise`() async throws {
        let scheduler = try SchedulerFixture()
        try await scheduler.addConnection(.every(seconds: 60))
        try await scheduler.passes()
        #expect(scheduler.nudges.count == 0)
        scheduler.advance(by: 60)
        try await scheduler.passes()
        #expect(scheduler.nudges.count > 0)
    }
}
