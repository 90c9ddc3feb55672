import CoreTypes
import Outbound
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Who may still change the shop: until the very request, the lease decides, and behind it the shop's own fence.
@Suite struct CommitLeaseTests {
    @Test func `a process that stood still after its last look at the lease does not ask for the commit`() async throws
    {
        let away = Mutex<SchedulerDouble?>(nil)
        let clock = JumpingClock()
        let hasStood = Mutex(false)
        let stands = CrashPoints { point in
            guard point == CrashPoint.commitIntended.rawValue else { return }
            // The whole process, as SIGSTOP would.
            away.withLock { $0 }?.change { $0.isAway = true }
            clock.jump(by: .seconds(121))
            hasStood.withLock { $0 = true }
        }
        try await ImportFixture.with(items: 40, crashPoints: stands, elapsing: clock) { fixture in
            let asked = Mutex(false)
            away.withLock { $0 = fixture.scheduler }
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/imports/commit") { asked.withLock { $0 = true } }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.run(leaseMs: 120_000, with: importer) == nil)
            #expect(hasStood.withLock { $0 })
            #expect(!asked.withLock { $0 })
            let shop = try await fixture.shop()
            #expect(shop.datasets.allSatisfy { $0.count == 0 })
            #expect(shop.openImports.isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }

    @Test func `a scheduler that does not hear of the commit keeps it from being asked for`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let asked = Mutex(false)
            let scheduler = fixture.scheduler
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/imports/commit") { asked.withLock { $0 = true } }
                return .pass
            }
            scheduler.change { $0.lostRenewals = .max }
            // On a busy machine a short lease runs out before the commit is reached; a long one is waited for.
            for (token, leaseMs) in [(Int64(1), Int64(5_000)), (2, 20_000), (3, 60_000)] {
                let importer = try await fixture.importer(sending: sender)
                #expect(try await fixture.run(token: token, leaseMs: leaseMs, with: importer) == nil)
                if scheduler.change({ $0.lostRenewals }) < .max { break }
            }
            #expect(scheduler.change { $0.lostRenewals } < .max)
            #expect(!asked.withLock { $0 })
            let shop = try await fixture.shop()
            #expect(shop.datasets.allSatisfy { $0.count == 0 })
            #expect(shop.openImports.isEmpty)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `a scheduler that is back in time is told before the commit is asked for`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let told = Mutex<[RunPhase]>([])
            let scheduler = fixture.scheduler
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/imports/commit") {
                    told.withLock { $0 = scheduler.progress.map(\.phase) }
                }
                return .pass
            }
            scheduler.change { $0.lostRenewals = 3 }
            let report = try await fixture.run(with: try await fixture.importer(sending: sender))
            #expect(report?.outcome == .published)
            #expect(scheduler.change { $0.lostRenewals } == 0)
            #expect(told.withLock { $0.last } == .committing)
        }
    }

    @Test func `a commit that arrives after a newer run has begun is refused by the shop`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let other = try fixture.sibling()
            let isFirst = Mutex(true)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.hasSuffix("/imports/commit"), isFirst.withLock({ exchange(&$0, with: false) }) else {
                    return .pass
                }
                _ = try? await other.run(token: 2)
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            let late = try await fixture.run(with: importer)
            #expect(late?.outcome != .published)
            let shop = try await fixture.shop()
            #expect(shop.datasets.filter { $0.count > 0 }.map(\.liveVersion) == [1, 1, 1])
            #expect(shop.openImports.isEmpty)
            let published = fixture.scheduler.change { $0.reports.filter { $0.report.outcome == .published } }
            #expect(published.map(\.token) == [2])
        }
    }

    @Test func `a run whose commit is in doubt keeps its lease until the shop has said what came of it`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let isGone = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/shop/") else { return .pass }
                if isGone.withLock({ $0 }) { return .cut }
                guard request.url.hasSuffix("/imports/commit") else { return .pass }
                isGone.withLock { $0 = true }
                return .cutAnswer
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.run(with: importer) == nil)
            fixture.scheduler.change { $0.progress = [] }
            _ = try await importer.recovery.keepLeases()
            #expect(fixture.scheduler.progress.map(\.phase) == [.committing])
            #expect(fixture.scheduler.progress.map(\.fetched) == [40])
            isGone.withLock { $0 = false }
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            _ = try await importer.recovery.keepLeases()
            #expect(fixture.scheduler.progress.count == 1)
        }
    }

    @Test func `a doubt that lasts too long lets go of the lease`() async throws {
        try await ImportFixture.with(items: 5) { fixture in
            let recovery = try await fixture.importer().recovery
            let run = try fixture.claim()
            let commitment = Commitment(
                uploads: [], report: RunReport(outcome: .published, reason: "run_published"), mapping: "m")
            try await recovery.context.database.recordClaim(run, bootID: "boot", at: recovery.context.now)
            // However long it read: the doubt begins with the commit.
            fixture.clock.advance(by: RunLimits().doubtLimit + .seconds(300))
            try await recovery.context.database.recordCommitIntent(
                commitment, of: run.runID, at: recovery.context.now)
            _ = try await recovery.keepLeases()
            #expect(fixture.scheduler.progress.count == 1)
            fixture.clock.advance(by: RunLimits().doubtLimit)
            _ = try await recovery.keepLeases()
            #expect(fixture.scheduler.progress.count == 1)
        }
    }
}
