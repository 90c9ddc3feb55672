import CoreTypes
import Messaging
import Persistence
import RPC
import SchedulerAPI
import ServiceRuntime
import TestSupport
import Testing

@testable import SchedulerService

/// What `rpc.health` says, as the process sets it up.
@Suite struct HealthTests {
    private func health(of scheduler: SchedulerFixture) async -> HealthReport {
        var router = scheduler.scheduler.router
        router.reportHealth({ await scheduler.database.fault() }) {
            try await SchedulerDatabase.healthNotes(of: scheduler.database, scheduler.environment)
        }
        return await router.health()
    }

    @Test func `events that nobody takes are told of, and the scheduler stays ready`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        try await scheduler.work(.published)
        #expect(await health(of: scheduler) == HealthReport(isReady: true, isDatabaseUsable: true, notes: []))
        scheduler.advance(by: 600)
        let waiting = await health(of: scheduler)
        #expect(waiting.isReady)
        #expect(waiting.notes.first?.hasPrefix("3 events wait for billing, monitor, notifier") == true)
        try await scheduler.passes()
        #expect(await health(of: scheduler).notes == [])
    }

    @Test func `without notes a service is ready while its database answers`() async {
        var router = Router(randomness: .counted())
        router.reportHealth { nil }
        #expect(await router.health() == HealthReport(isReady: true, isDatabaseUsable: true, notes: []))
        router.reportHealth { StorageFault(.full, code: 13, message: "full", path: "x.sqlite") }
        #expect(await router.health().isReady == false)
        #expect(await router.health().notes.count == 1)
    }

    @Test func `notes that cannot be read mean that the database cannot be used`() async {
        var router = Router(randomness: .counted())
        router.reportHealth({ nil }) { throw ServiceError(.internal, reason: "broken_row") }
        #expect(await router.health().isReady == false)
    }
}
