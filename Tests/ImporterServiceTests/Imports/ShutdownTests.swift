import CoreTypes
import SandboxAPI
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime
import Testing

@testable import ImporterService

@Suite struct ShutdownTests {
    @Test func `a shutdown in the middle of a read gives the run up and leaves nothing`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.slow) { $0.milliseconds = 40 }
            let group = ServiceGroup(
                services: try await fixture.importer().loops, logger: fixture.environment.logger)
            let claim = try fixture.claim()
            fixture.scheduler.change { state in
                state.due = [claim]
                state.onRenewal = { progress in
                    if progress.page > 2 { await group.triggerGracefulShutdown() }
                }
            }
            try await group.run()
            #expect(fixture.scheduler.lastReport == nil)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }
}
