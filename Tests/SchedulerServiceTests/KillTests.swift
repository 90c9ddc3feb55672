import CoreTypes
import Foundation
import Persistence
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import SchedulerService

@Suite struct KillTests {
    /// Plays a day in the life up to the kill, then goes on from what was left.
    private func play(killedAt point: String, _ story: (SchedulerFixture) async throws -> Void) async throws
        -> SchedulerFixture
    {
        let kill = try KillImage(at: point)
        let clock = ManualClock(start: SchedulerFixture.start)
        let first = try SchedulerFixture(.file(kill.live), clock: clock, crashPoints: kill.crashPoints)
        try await story(first)
        try #require(kill.wasReached, "\(point) was never reached")
        try first.database.close()
        return try SchedulerFixture(.file(kill.image), clock: clock, randomness: .counted(from: 1_000_000))
    }

    private func onlyConnection(_ scheduler: SchedulerFixture) async throws -> ConnectionSummary {
        let connections = try await scheduler.call(ListConnections()).connections
        return try #require(connections.first)
    }

    @Test(arguments: ["scheduler.due.uncommitted", "scheduler.due.committed"])
    func `killed while a due time becomes a run, the run is there exactly once`(point: String) async throws {
        let scheduler = try await play(killedAt: point) { scheduler in
            _ = try await scheduler.addConnection(.every(seconds: 300))
            scheduler.advance(by: 300)
            try await scheduler.passes()
        }
        scheduler.advance(by: 100)
        try await scheduler.passes()
        let connection = try await onlyConnection(scheduler)
        let runs = try await scheduler.runs(of: connection.connectionID)
        #expect(runs.map(\.dueAt) == [SchedulerFixture.start + .seconds(300)])
        #expect(runs[0].lateMs == (point.hasSuffix("uncommitted") ? 100_000 : nil))
        #expect(connection.nextRunAt == SchedulerFixture.start + .seconds(600))
        #expect(try await scheduler.work() != nil)
    }

    @Test(arguments: ["scheduler.finishRun.uncommitted", "scheduler.finishRun.committed", "outbox.delivered"])
    func `killed while a run ends, its end counts once and every consumer hears of it`(point: String) async throws {
        let scheduler = try await play(killedAt: point) { scheduler in
            let connection = try await scheduler.addConnection().connectionID
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
            try await scheduler.work(.published)
            try await scheduler.passes()
        }
        let connection = try await onlyConnection(scheduler)
        let run = try await scheduler.call(ListRuns()).runs[0]
        // The importer got no answer, so it sends its report again.
        let report = FinishRun(
            runID: run.runID, fencingToken: 1, report: try await publishedReport(scheduler, of: run.runID))
        _ = try await scheduler.importer().call(report)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection.connectionID).map(\.outcome) == [.published])
        for consumer in ["notifier", "billing"] {
            #expect(try scheduler.courier.runsFinished(to: consumer).map(\.runID) == [run.runID])
        }
    }

    private func publishedReport(_ scheduler: SchedulerFixture, of run: RunID) async throws -> RunReport {
        if let report = try await scheduler.call(DescribeRun(runID: run)).run.report { return report }
        var report = RunReport(outcome: .published, reason: "run_published")
        report.read = 17
        return report
    }

    @Test(arguments: ["scheduler.claimRun.uncommitted", "scheduler.claimRun.committed"])
    func `killed while a run is claimed, the claim sent again gets it`(point: String) async throws {
        let scheduler = try await play(killedAt: point) { scheduler in
            let connection = try await scheduler.addConnection().connectionID
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
            _ = try await scheduler.claim(claimID: "a")
        }
        let run = try #require(try await scheduler.claim(claimID: "a"))
        #expect(run.fencingToken == 1)
        try await scheduler.finish(run)
        #expect(try await scheduler.call(ListRuns()).runs.map(\.outcome) == [.unchanged])
    }

    @Test(arguments: ["scheduler.lost.uncommitted", "scheduler.lost.committed"])
    func `killed while a run is declared lost, it is lost once and queued again once`(point: String) async throws {
        let scheduler = try await play(killedAt: point) { scheduler in
            let connection = try await scheduler.addConnection().connectionID
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
            _ = try await scheduler.claim()
            try await scheduler.live(for: 15)
        }
        try await scheduler.passes()
        try await scheduler.live(for: 16)
        let runs = try await scheduler.call(ListRuns()).runs
        #expect(runs.map(\.trigger) == [.afterLoss, .manual])
        #expect(runs.map(\.state) == [.queued, .finished])
        #expect(try scheduler.courier.runsFinished(to: "billing").map(\.runID) == [runs[1].runID])
    }

    @Test(arguments: ["scheduler.startRun.uncommitted", "scheduler.startRun.committed"])
    func `killed while a run is started by hand, the start sent again with its key starts one`(
        point: String
    ) async throws {
        let options = CallOptions(idempotencyKey: "start-1")
        let scheduler = try await play(killedAt: point) { scheduler in
            let connection = try await scheduler.addConnection().connectionID
            _ = try await scheduler.operatorAnna.call(
                StartRun(connectionID: connection, reason: "x"), options: options)
        }
        let connection = try await onlyConnection(scheduler).connectionID
        let again = try await scheduler.operatorAnna.call(
            StartRun(connectionID: connection, reason: "x"), options: options)
        #expect(try await scheduler.call(ListRuns()).runs.map(\.runID) == [again.runID])
    }
}
