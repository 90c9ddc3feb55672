import CoreTypes
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import SchedulerService

@Suite struct CrashPointTests {
    @Test func `the crash points that are listed are those that are passed`() async throws {
        let passed = Mutex<Set<String>>([])
        let scheduler = try SchedulerFixture(
            crashPoints: CrashPoints { name in passed.withLock { _ = $0.insert(name) } })
        let connection = try await scheduler.addConnection(.every(seconds: 600))
        let id = connection.connectionID
        try await scheduler.call(
            UpdateSystem(systemID: connection.source.systemID, options: ["companyDatabase": "SBOTEST"], reason: "x"))
        try await scheduler.call(UpdateConnection(connectionID: id, schedule: .every(seconds: 300), reason: "x"))
        for isOn in [false, true] {
            try await scheduler.call(
                SetSwitch(
                    merchantID: connection.merchantID, level: .connection, connectionID: id, on: isOn, reason: "x"))
        }
        // A due run is lost, the one queued for it is finished, one by hand is cancelled.
        scheduler.advance(by: 300)
        try await scheduler.passes()
        _ = try #require(try await scheduler.claim())
        try await scheduler.live(for: 16)
        let run = try #require(try await scheduler.claim())
        _ = try await scheduler.importer().call(
            RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: RunProgress(phase: .counting)))
        try await scheduler.finish(run, .published)
        let byHand = try await scheduler.call(StartRun(connectionID: id, reason: "x")).runID
        try await scheduler.call(CancelRun(runID: byHand, reason: "x"))
        try await scheduler.call(ReleaseConnection(connectionID: id, reason: "x"))
        try await decide(id, on: scheduler)
        try await resume(on: scheduler)
        try await scheduler.execute("UPDATE connection SET nextDueAt = NULL")
        try await scheduler.passes()
        #expect(passed.withLock { $0 } == Set(SchedulerService.crashPoints))
    }

    /// Freezes and lets go, refuses and releases what was held, and rolls back.
    private func decide(_ id: ConnectionID, on scheduler: SchedulerFixture) async throws {
        for frozen in [true, false] {
            try await scheduler.call(SetFreeze(connectionID: id, frozen: frozen, reason: "x"))
        }
        let refused = try await scheduler.hold(id)
        try await scheduler.call(RefuseRun(runID: refused, reason: "x"))
        let released = try await scheduler.hold(id)
        try await scheduler.call(ReleaseRun(runID: released, reason: "x"))
        try await scheduler.work(.published)
        for version in ["v1", "v2"] { try await scheduler.publish(id, version: version) }
        try await scheduler.call(RollBack(connectionID: id, reason: "x"))
    }

    /// A shop without staging was left half published.
    private func resume(on scheduler: SchedulerFixture) async throws {
        let merchant = try await scheduler.addMerchant("Direct")
        let id = try await scheduler.call(
            CreateConnection(
                merchantID: merchant, sourceID: scheduler.addSystem(.sapBusinessOne, of: merchant),
                targetID: scheduler.addSystem(.directWebshop, of: merchant), settings: ConnectionSettings(),
                schedule: .manual)
        ).connection.connectionID
        while try await scheduler.work() != nil {}
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        let run = try #require(try await scheduler.work(.failed))
        #expect(try await scheduler.importer().call(ResumePush(runID: run.runID)).answer == .queued)
    }

    @Test func `no two crash points have one name`() {
        #expect(Set(SchedulerService.crashPoints).count == SchedulerService.crashPoints.count)
    }
}
