import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct HeldRunTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection()
    }

    private func held() async throws -> RunID { try await scheduler.hold(id) }

    private func state(_ run: RunID) async throws -> HeldState? {
        try await scheduler.call(DescribeRun(runID: run)).run.held
    }

    private func kept(_ runs: RunID...) async throws -> [RunID] {
        try await scheduler.importer().call(CheckHeldRuns(runIDs: runs)).kept
    }

    @Test func `a held run waits a day, and the connection says so`() async throws {
        let run = try await held()
        #expect(try await state(run) == HeldState(waitsUntil: scheduler.now + .seconds(24 * 3600)))
        let shown = try await scheduler.connection(id).effectiveState
        #expect(shown.reason == .importHeld)
        #expect(shown.runID == run)
        #expect(try await kept(run) == [run])

        scheduler.advance(by: 24 * 3600 - 1)
        try await scheduler.passes()
        #expect(try await kept(run) == [run])
        scheduler.advance(by: 31)
        try await scheduler.passes()
        #expect(try await state(run)?.decision == .expired)
        #expect(try await kept(run) == [])
        await expectRefusal(.failedPrecondition, "held_run_expired") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        }
    }

    @Test func `released, it is published by the importer that has the set and by no other`() async throws {
        let run = try await held()
        let release = try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all")).runID
        #expect(try await kept(run) == [run])
        #expect(try await scheduler.claim(by: "2") == nil)
        scheduler.advance(by: 600)
        #expect(try await scheduler.claim(by: "2") == nil)
        let claimed = try #require(try await scheduler.claim(by: "1"))
        #expect(claimed.runID == release)
        #expect(claimed.task == RunTask(kind: .release, runID: run))
        #expect(claimed.trigger == .manual)
        try await scheduler.finish(claimed, .published)
        let decided = try #require(try await state(run))
        #expect(decided.decision == .released)
        #expect(decided.decidedBy == "operator anna")
        #expect(decided.reason == "Right after all")
        #expect(decided.releasedBy == release)
        #expect(try await kept(run) == [])
        await expectRefusal(.failedPrecondition, "held_run_released") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Again"))
        }
        let change = try #require(
            try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.first)
        #expect(change.what == "run_released")
    }

    @Test func `a release whose importer is away leaves the set to be released again`() async throws {
        let run = try await held()
        let release = try await scheduler.call(ReleaseRun(runID: run, reason: "Right")).runID
        try await scheduler.live(for: 16 * 60, step: 30)
        #expect(try await scheduler.runs(of: id).first { $0.runID == release }?.reason == "run_skipped_importer_away")
        #expect(try await state(run)?.decision == nil)
        #expect(try await kept(run) == [run])
        _ = try await scheduler.call(ReleaseRun(runID: run, reason: "It is back"))
        #expect(try await scheduler.claim()?.task == RunTask(kind: .release, runID: run))
    }

    @Test(arguments: [RunOutcome.failed, .cancelled, .held])
    func `a release that did not publish leaves the set to be decided again`(outcome: RunOutcome) async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        try await scheduler.work(outcome)
        #expect(try await state(run)?.decision == nil)
        #expect(try await kept(run) == [run])
        try await scheduler.call(ReleaseRun(runID: run, reason: "Once more"))
        try await scheduler.work(.published)
        #expect(try await state(run)?.decision == .released)
    }

    @Test func `a release whose importer is lost is tried once more by itself, then left to be decided`() async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        _ = try #require(try await scheduler.claim())
        try await scheduler.live(for: 60, step: 5)
        let again = try #require(try await scheduler.claim())
        #expect(again.task == RunTask(kind: .release, runID: run))
        #expect(try await state(run)?.releasedBy == again.runID)
        #expect(try await kept(run) == [run])
        try await scheduler.live(for: 60, step: 5)
        #expect(try await state(run)?.decision == nil)
        #expect(try await scheduler.claim() == nil)
    }

    @Test func `refused, its set is thrown away and cannot be released`() async throws {
        let run = try await held()
        let refuse = RefuseRun(runID: run, reason: "Wrong list")
        let first = try await scheduler.call(refuse).held
        #expect(first.decision == .refused)
        #expect(try await scheduler.call(refuse).held == first)
        #expect(try await kept(run) == [])
        await expectRefusal(.failedPrecondition, "held_run_refused") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Oh"))
        }
        #expect(try await scheduler.connection(id).effectiveState.reason == .manualOnly)
    }

    @Test(arguments: [RunOutcome.published, .unchanged, .held])
    func `a newer run that is held or succeeds takes its place`(outcome: RunOutcome) async throws {
        let run = try await held()
        try await scheduler.call(StartRun(connectionID: id, reason: "Again"))
        let newer = try #require(try await scheduler.work(outcome)).runID
        #expect(try await state(run)?.decision == .superseded)
        #expect(try await kept(run, newer) == (outcome == .held ? [newer] : []))
        await expectRefusal(.failedPrecondition, "held_run_superseded") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Oh"))
        }
    }

    @Test(arguments: [RunOutcome.refused, .failed])
    func `a newer run that brought nothing leaves it waiting`(outcome: RunOutcome) async throws {
        let run = try await held()
        try await scheduler.call(StartRun(connectionID: id, reason: "Again"))
        try await scheduler.work(outcome)
        #expect(try await kept(run) == [run])
        #expect(try await scheduler.connection(id).effectiveState.reason == .importHeld)
    }

    @Test func `what was not held cannot be decided`() async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        let run = try #require(try await scheduler.work(.refused)).runID
        await expectRefusal(.failedPrecondition, "run_not_held") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Oh"))
        }
        await expectRefusal(.failedPrecondition, "run_not_held") {
            try await scheduler.call(RefuseRun(runID: run, reason: "Oh"))
        }
    }

    @Test func `a connection that was switched off releases nothing, and the set goes on waiting`() async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        try await scheduler.call(
            SetSwitch(
                merchantID: connection.merchantID, level: .connection, connectionID: id, on: false, reason: "Stop"))
        #expect(try await scheduler.claim() == nil)
        #expect(try await state(run)?.decision == nil)
        await expectRefusal(.failedPrecondition, "switched_off") {
            try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        }
    }

    /// A release that the monitor held for these items.
    private func holdAgain(_ count: Int) async throws -> RunID {
        let run = try #require(try await scheduler.claim())
        var report = RunReport(outcome: .held, reason: "run_held_drop_guard")
        var hold = Hold(.dropGuard)
        hold.count = count
        report.holds = [hold]
        _ = try await scheduler.importer().call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        return run.runID
    }

    @Test func `a release that is held again names the run with the new figures, and is released by it`() async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Three of them ended"))
        let again = try await holdAgain(5)
        #expect(try await state(run)?.heldAgainBy == again)
        #expect(try await state(again) == state(run), "either shows what has become of the set")
        try await scheduler.call(ReleaseRun(runID: again, reason: "Five, then"))
        let third = try await holdAgain(7)
        #expect(try await state(run)?.heldAgainBy == third)
        let last = try await scheduler.call(ReleaseRun(runID: third, reason: "Seven, then")).runID
        let claimed = try #require(try await scheduler.claim())
        #expect(claimed.runID == last)
        #expect(claimed.task == RunTask(kind: .release, runID: run), "the set is still that of the run that was held")
        try await scheduler.finish(claimed, .published)
        #expect(try await state(run)?.decision == .released)
        #expect(try await state(run)?.reason == "Seven, then")
    }

    @Test func `a release that failed, or met a freeze, has no figures to agree to`() async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Right after all"))
        let failed = try #require(try await scheduler.work(.held)).runID
        #expect(try await state(run)?.heldAgainBy == nil)
        #expect(try await state(failed)?.decision == nil)
    }

    @Test func `refused by the run that was held again, the set is gone`() async throws {
        let run = try await held()
        try await scheduler.call(ReleaseRun(runID: run, reason: "Three of them ended"))
        let again = try await holdAgain(5)
        #expect(try await scheduler.call(RefuseRun(runID: again, reason: "Five are wrong")).held.decision == .refused)
        #expect(try await kept(run) == [])
    }
}
