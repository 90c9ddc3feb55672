import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Several merchants' publishes were left: none waits for another.
@Suite(.serialized) struct DirectTurnTests {
    @Test func `a slow shop holds up nobody else's publish, and a push begun long ago keeps its lease`() async throws {
        try await twoLeft { heir, first, second in
            heir.clock.advance(by: RunLimits().doubtLimit * 2)
            let isOver = Mutex(false)
            let isReached = Mutex(false)
            // The shop of the one stands still until the other's run is over, or its time is.
            let sender = MeddlingSender(heir.configuration) { request in
                guard request.url.contains("/direct/") else { return .pass }
                isReached.withLock { $0 = true }
                for _ in 0..<1000 where !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
                return .pass
            }
            let importer = try await heir.importer(sending: sender)
            heir.scheduler.change { $0.progress = [] }
            _ = try await importer.recovery.keepLeases()
            #expect(heir.scheduler.progress.count == 2)
            let pushes = LeftPushes(recovery: importer.recovery, interval: .milliseconds(20))
            let group = ServiceGroup(services: [pushes], logger: heir.environment.logger)
            let ended = Mutex<[RunID]>([])
            heir.scheduler.change { state in
                state.onEnd = { run in
                    ended.withLock { $0.append(run) }
                    isOver.withLock { $0 = true }
                    if ended.withLock({ $0.count }) == 2 { await group.triggerGracefulShutdown() }
                }
            }
            try await group.run()
            #expect(isReached.withLock { $0 })
            #expect(ended.withLock { $0 } == [second, first])
            #expect(try await heir.journal().isEmpty)
        }
    }

    @Test func `a shutdown does not wait for what is gone on with`() async throws {
        try await ImportFixture.withPushKilled(at: "importer.rows.sent") { heir, _ in
            let recovery = Mutex<ServiceGroup?>(nil)
            let sender = MeddlingSender(heir.configuration) { request in
                if request.url.hasSuffix("/prices/lookup") {
                    await recovery.withLock { $0 }?.triggerGracefulShutdown()
                }
                return .pass
            }
            let importer = try await heir.importer(sending: sender)
            let group = ServiceGroup(
                services: [LeftPushes(recovery: importer.recovery, interval: .milliseconds(20))],
                logger: heir.environment.logger)
            recovery.withLock { $0 = group }
            try await group.run()
            #expect(try await heir.journal().map(\.step) == [.committing])
            #expect(try await heir.unfinishedJournals() == [.pushing])
            _ = try await heir.importer().recovery.pass()
            #expect(heir.scheduler.lastReport?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    /// The pushes of two connections, both cut off by the death of their importer.
    private func twoLeft(
        _ check: @escaping @Sendable (ImportFixture, RunID, RunID) async throws -> Void
    ) async throws {
        let deaths = try (Death(at: "importer.rows.sent"), Death(at: "importer.rows.sent", passage: 1))
        let crashPoints = CrashPoints { point in
            deaths.0.crashPoints.passing(point)
            deaths.1.crashPoints.passing(point)
        }
        try await ImportFixture.with(items: 20, crashPoints: crashPoints) { fixture in
            _ = try await fixture.sandbox.call(
                CreateSystem(name: "other-direct", kind: .directWebshop, requestsPerSecond: 10_000))
            let first = try fixture.directClaim()
            deaths.0.lurk(over: fixture.folder.path)
            _ = try? await fixture.carryOut(first, with: try await fixture.importer(dyingBy: deaths.0))
            try deaths.0.checkCopied()
            let heir = try fixture.inheriting(deaths.0.remains)
            let second = try fixture.otherDirectClaim()
            deaths.1.lurk(over: heir.folder.path)
            _ = try? await heir.carryOut(second, with: try await heir.importer(dyingBy: deaths.1))
            try deaths.1.checkCopied()
            #expect(deaths.0.isDead && deaths.1.isDead)
            try await check(try heir.inheriting(deaths.1.remains), first.runID, second.runID)
        }
    }
}
