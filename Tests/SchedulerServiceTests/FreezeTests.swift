import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct FreezeTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection(.every(seconds: 600))
    }

    @Test func `frozen, its runs still come at their times, and each is told that nothing may be published`()
        async throws
    {
        let answer = try await scheduler.call(SetFreeze(connectionID: id, frozen: true, reason: "Black Friday"))
        #expect(answer.changed)
        let freeze = Freeze(cause: .person, since: scheduler.now, by: "operator anna", reason: "Black Friday")
        #expect(answer.connection.freeze == freeze)
        #expect(answer.connection.effectiveState.reason == .frozen)
        #expect(answer.connection.effectiveState.why == "Black Friday")
        scheduler.advance(by: 601)
        try await scheduler.passes()
        let run = try #require(try await scheduler.claim())
        #expect(run.freeze == freeze)
        try await scheduler.finish(run, .held)
        await expectRefusal(.failedPrecondition, "publishing_frozen") {
            try await scheduler.call(ReleaseRun(runID: run.runID, reason: "Now"))
        }

        try await scheduler.call(SetFreeze(connectionID: id, frozen: false, reason: "Over"))
        try await scheduler.call(ReleaseRun(runID: run.runID, reason: "Now"))
        #expect(try await scheduler.claim()?.freeze == nil)
        let changes = try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.map(\.what)
        #expect(changes.prefix(3) == ["run_released", "publishing_unfrozen", "publishing_frozen"])
    }

    @Test func `a run in hand hears of it with its next sign of life`() async throws {
        scheduler.advance(by: 601)
        try await scheduler.passes()
        let run = try #require(try await scheduler.claim())
        #expect(run.freeze == nil)
        let renewal = RenewLease(
            runID: run.runID, fencingToken: run.fencingToken, progress: RunProgress(phase: .extracting))
        #expect(try await scheduler.importer().call(renewal).freeze == nil)
        try await scheduler.call(SetFreeze(connectionID: id, frozen: true, reason: "Black Friday"))
        #expect(try await scheduler.importer().call(renewal).freeze?.reason == "Black Friday")
    }

    @Test func `freezing twice changes nothing, and who was first stays on record`() async throws {
        try await scheduler.call(SetFreeze(connectionID: id, frozen: true, reason: "Black Friday"))
        let again = try await scheduler.dashboard.call(
            SetFreeze(connectionID: id, frozen: true, reason: "Something else"))
        #expect(!again.changed)
        #expect(again.connection.freeze?.reason == "Black Friday")
    }
}
