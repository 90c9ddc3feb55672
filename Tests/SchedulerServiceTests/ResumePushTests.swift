import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

/// A publish that stands half done at a shop without staging: no switch keeps it so.
@Suite struct ResumePushTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        let merchant = try await scheduler.addMerchant()
        connection = try await scheduler.call(
            CreateConnection(
                merchantID: merchant, sourceID: scheduler.addSystem(.sapBusinessOne, of: merchant),
                targetID: scheduler.addSystem(.directWebshop, of: merchant), settings: ConnectionSettings(),
                schedule: .every(seconds: 3600))
        ).connection
    }

    /// A run whose importer dies when 412 of 500 rows are at the shop, and the connection is switched off meanwhile.
    private func lose(_ phase: RunPhase = .publishing) async throws -> ClaimedRun {
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        let run = try #require(try await scheduler.claim())
        let progress = RunProgress(phase: phase, fetched: 600, expected: 600, page: 6, sent: 412, toPublish: 500)
        _ = try await scheduler.importer().call(
            RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: progress))
        try await setSwitch(on: false)
        try await scheduler.live(for: 16)
        return run
    }

    private func setSwitch(on isOn: Bool) async throws {
        try await scheduler.call(
            SetSwitch(
                merchantID: connection.merchantID, level: .connection, connectionID: id, on: isOn, reason: "Stop"))
    }

    private func resume(_ run: RunID, by instance: String = "1") async throws -> ResumePush.Response {
        try await scheduler.importer(instance).call(ResumePush(runID: run))
    }

    @Test func `what is half done is finished although the connection is off, and nothing else is started`()
        async throws
    {
        let lost = try await lose()
        #expect(try await scheduler.runs(of: id).map(\.state) == [.skipped, .finished])
        let answer = try await resume(lost.runID)
        #expect(answer.answer == .queued)
        #expect(try await resume(lost.runID) == ResumePush.Response(.active, runID: answer.runID))
        try await scheduler.live(for: 60)
        // Only who has pushed can finish it.
        #expect(try await scheduler.claim(by: "2") == nil)
        let finish = try #require(try await scheduler.claim())
        #expect(finish.runID == answer.runID)
        #expect(finish.task == RunTask(kind: .finish, runID: lost.runID))
        #expect(finish.othersToken == 0)
        try await scheduler.finish(finish, .published)
        try await scheduler.live(for: 7200, step: 60)
        #expect(try await scheduler.runs(of: id).first?.runID == finish.runID)
        #expect(try await scheduler.connection(id).effectiveState.reason == .connectionOff)
        let event = try #require(try scheduler.courier.runsFinished().last)
        #expect(event.startedBy == "importer/1")
    }

    @Test func `an importer that does not come back holds up the connection for a quarter of an hour, not for ever`()
        async throws
    {
        let lost = try await lose()
        let finish = try #require(try await resume(lost.runID).runID)
        try await setSwitch(on: true)
        try await scheduler.live(for: 14 * 60, step: 30)
        #expect(try await scheduler.claim(by: "2") == nil)
        try await scheduler.live(for: 90, step: 30)
        let skipped = try await scheduler.runs(of: id).first { $0.runID == finish }
        #expect(skipped?.state == .skipped)
        #expect(skipped?.reason == "run_skipped_importer_away")
        try await scheduler.call(StartRun(connectionID: id, reason: "Another goes on"))
        try await scheduler.live(for: 5)
        #expect(try await scheduler.claim(by: "2") != nil)
    }

    @Test func `an importer that is busy with others is waited for`() async throws {
        let lost = try await lose()
        let other = try await scheduler.addConnection(merchant: "Another ApS")
        try await scheduler.call(StartRun(connectionID: other.connectionID, reason: "Another's"))
        let busy = try #require(try await scheduler.claim())
        let finish = try #require(try await resume(lost.runID).runID)
        for _ in 0..<100 {
            _ = try await scheduler.importer().call(
                RenewLease(
                    runID: busy.runID, fencingToken: busy.fencingToken, progress: RunProgress(phase: .extracting)))
            try await scheduler.live(for: 10)
        }
        #expect(try await scheduler.runs(of: id).first { $0.runID == finish }?.state == .queued)
    }

    @Test(arguments: [(RunPhase.publishing, 412), (.reverting, 88)])
    func `a lost run says how many rows were live`(phase: RunPhase, live: Int) async throws {
        let lost = try await lose(phase)
        let report = try #require(try await scheduler.call(DescribeRun(runID: lost.runID)).run.report)
        #expect(report.outcome == .lost)
        #expect(report.reason == "run_lost_half_published")
        #expect(report.pushed?.planned == 500)
        #expect(report.pushed?.live == live)
        #expect(report.arguments["stillLive"] == "\(live)")
    }

    @Test func `a parked or frozen connection, too, finishes what is half done`() async throws {
        let lost = try await lose()
        try await setSwitch(on: true)
        try await scheduler.call(SetFreeze(connectionID: id, frozen: true, reason: "Campaign"))
        try await scheduler.execute(
            "UPDATE failedTries SET parkedAt = lastAt, tries = 5, retryAt = lastAt")
        try await scheduler.passes()
        #expect(try await resume(lost.runID).answer == .queued)
        try await scheduler.live(for: 60)
        #expect(try await scheduler.claim()?.task?.kind == .finish)
    }

    @Test func `a publish that ends its importer each time is left alone for a while`() async throws {
        let lost = try await lose()
        for _ in 1...2 {
            #expect(try await resume(lost.runID).answer == .queued)
            _ = try #require(try await scheduler.claim())
            try await scheduler.live(for: 16)
            // Nothing is queued in its place: the importer asks.
            #expect(try await scheduler.runs(of: id).first?.outcome == .lost)
        }
        #expect(try await resume(lost.runID).answer == .later)
        scheduler.advance(by: 80)
        #expect(try await resume(lost.runID).answer == .queued)
    }

    @Test func `what somebody had cancelled is to be taken back`() async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        let run = try #require(try await scheduler.claim())
        try await scheduler.call(CancelRun(runID: run.runID, reason: "Wrong"))
        try await scheduler.live(for: 16)
        #expect(try await resume(run.runID).answer == .queued)
        #expect(try await scheduler.claim()?.task == RunTask(kind: .finish, runID: run.runID, takesBack: true))
    }

    @Test func `once another importer has had the connection, nothing is known of the rows`() async throws {
        let lost = try await lose()
        try await setSwitch(on: true)
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        scheduler.advance(by: 60)
        let theirs = try #require(try await scheduler.claim(by: "2"))
        #expect(theirs.othersToken == lost.fencingToken)
        try await scheduler.finish(theirs, .failed, by: "2", failure: .login)
        #expect(try await resume(lost.runID).answer == .overtaken)
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        scheduler.advance(by: 60)
        #expect(try await scheduler.claim()?.othersToken == theirs.fencingToken)
    }

    @Test func `whose the connection was is known after any number of runs`() async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "Another's"))
        let theirs = try #require(try await scheduler.work(.unchanged, by: "2"))
        scheduler.advance(by: 60)
        for _ in 0..<230 {
            try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
            #expect(try await scheduler.work(.unchanged)?.othersToken == theirs.fencingToken)
        }
    }

    @Test func `a rollback row by row is shown while it goes on, cannot be cancelled, and is told when it is lost`()
        async throws
    {
        try await scheduler.publish(id, version: "v1")
        try await scheduler.publish(id, version: "v2")
        let sets = try await scheduler.call(ListPublishedSets(connectionID: id)).sets
        let rollback = try await scheduler.call(
            RollBack(connectionID: id, toRunID: sets[1].runID, reason: "Wrong prices")
        ).runID
        let run = try #require(try await scheduler.claim())
        for progress in [
            RunProgress(phase: .committing), RunProgress(phase: .reverting, sent: 88, toPublish: 412),
        ] {
            _ = try await scheduler.importer().call(
                RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: progress))
        }
        #expect(try await scheduler.call(DescribeRun(runID: rollback)).run.progress?.sent == 88)
        await expectRefusal(.failedPrecondition, "run_being_published") {
            try await scheduler.call(CancelRun(runID: rollback, reason: "No"))
        }
        try await scheduler.live(for: 16)
        let lost = try await scheduler.runs(of: id).first { $0.runID == rollback }
        #expect(lost?.reason == "run_lost_half_published")
        #expect(try scheduler.courier.runsFinished().last?.report.pushed?.live == 412 - 88)
    }

    @Test func `a set that was finished later is that of the run that had begun it`() async throws {
        try await scheduler.publish(id, version: "v1")
        let lost = try await lose()
        _ = try await resume(lost.runID)
        let finish = try #require(try await scheduler.claim())
        var report = RunReport(outcome: .published, reason: "run_push_finished")
        report.publication = Module.allCases.map {
            Publication(module: $0, mode: "delta", created: 0, updated: 1, removed: 0, live: 5, version: "v2")
        }
        _ = try await scheduler.importer().call(
            FinishRun(runID: finish.runID, fencingToken: finish.fencingToken, report: report))
        let sets = try await scheduler.call(ListPublishedSets(connectionID: id)).sets
        #expect(sets.first?.runID == lost.runID)
        #expect(sets.first?.isCurrent == true)
        #expect(sets.count == 2)
    }

    @Test func `at a shop that stages there is nothing half done`() async throws {
        let staged = try await scheduler.addConnection(merchant: "Another")
        try await scheduler.call(StartRun(connectionID: staged.connectionID, reason: "Try"))
        let run = try #require(try await scheduler.work(.failed))
        #expect(run.othersToken == nil)
        #expect(try await resume(run.runID).answer == .overtaken)
        await expectRefusal(.permissionDenied) { _ = try await scheduler.dashboard.call(ResumePush(runID: run.runID)) }
    }
}
