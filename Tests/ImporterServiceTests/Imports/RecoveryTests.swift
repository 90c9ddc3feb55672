import CoreTypes
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// The process dies between any two durable steps; the next one resolves what it finds.
///
@Suite struct RecoveryTests {
    static let beforeCommit = [
        "importer.claim.answered", "importer.claimed", "importer.admitted", "importer.staging.created",
        "importer.page.staged", "importer.staging.sealed",
        "importer.judged", "importer.compared", "importer.session.opened", "importer.session.recorded",
        "importer.chunk.sent", "importer.uploaded", "importer.commit.intended",
    ]

    static let afterCommit = [
        "importer.commit.answered", "importer.commit.recorded", "staging.adopt.prepared", "staging.adopt.removed",
        "staging.adopt.inserted", "staging.adopt.noted", "staging.adopt.committed", "importer.adopted",
        "importer.readBack.counted", "importer.readBack.page", "importer.readBack.compared",
        "importer.report.recorded", "importer.left", "importer.removed",
    ]

    @Test(arguments: beforeCommit)
    func `dead before the commit: nothing is live, nothing is open, nothing is left`(point: String) async throws {
        try await killed(at: point) { fixture in
            #expect(fixture.scheduler.lastReport == nil)
            let shop = try await fixture.shop()
            #expect(shop.datasets.allSatisfy { $0.count == 0 })
            #expect(shop.openImports.isEmpty)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.run(token: 2)?.outcome == .published)
        }
    }

    @Test(arguments: afterCommit)
    func `dead after the commit: it is recognised, adopted and reported once`(point: String) async throws {
        try await killed(at: point) { fixture in
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            let report = try #require(fixture.scheduler.lastReport)
            #expect(report.outcome == .published)
            #expect(report.publication.map(\.live) == [60, try await fixture.liveCount("prices"), 60])
            #expect(report.checksMade.contains("check_read_back_keys"))
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.run(token: 2)?.outcome == .unchanged)
        }
    }

    @Test(arguments: ["importer.report.delivered", "importer.staging.discarded"])
    func `a report that was delivered before the end is delivered again and answered alike`(
        point: String
    ) async throws {
        try await killed(at: point) { fixture in
            let reports = fixture.scheduler.change { $0.reports.map(\.report) }
            #expect(reports.count == 2)
            #expect(Set(reports.map(\.outcome)) == [.published])
        }
    }

    @Test func `a report nobody takes now is kept and delivered later`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let importer = try await fixture.importer()
            fixture.scheduler.change { state in
                state.onReport = { [scheduler = fixture.scheduler] in scheduler.change { $0.isAway = true } }
            }
            #expect(try await fixture.run(with: importer) == nil)
            #expect(try await fixture.journal().map(\.step) == [.ended])
            fixture.scheduler.change { state in
                state.onReport = nil
                state.isAway = false
            }
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `a run that has ended since the journal was read is left alone`() async throws {
        try await ImportFixture.with(items: 5) { fixture in
            let recovery = try await fixture.importer().recovery
            let database = recovery.context.database
            let runs = try [fixture.claim(token: 1), fixture.claim(token: 2)]
            for run in runs {
                try await database.recordClaim(run, bootID: "boot", at: .example)
                let report = RunReport(outcome: .unchanged, reason: "run_unchanged")
                try await database.recordEnd(report, of: run.runID, at: .example)
            }
            fixture.scheduler.change { $0.onReport = { try await database.removeRun(runs[1].runID) } }
            _ = try await recovery.pass()
            #expect(fixture.scheduler.change { $0.reports.map(\.run) } == [runs[0].runID])
        }
    }

    @Test func `a held set is not kept for ever, whatever the scheduler says`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            fixture.monitor.setAway(true)
            let importer = try await fixture.importer()
            _ = try await fixture.run(with: importer)
            _ = try await importer.recovery.pass()
            #expect(try fixture.stagingFiles().count == 1)
            fixture.clock.advance(by: .seconds(30 * 3600 + 1))
            _ = try await importer.recovery.pass()
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `a held set is thrown away when a newer run has published`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            fixture.monitor.setAway(true)
            _ = try await fixture.run()
            fixture.monitor.setAway(false)
            #expect(try await fixture.run(token: 2)?.outcome == .published)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    /// Runs until the crash point, then lets another importer recover from what was left.
    private func killed(
        at point: String, _ check: @escaping @Sendable (ImportFixture) async throws -> Void
    ) async throws {
        let death = try Death(at: point)
        try await ImportFixture.with(items: 60, crashPoints: death.crashPoints) { fixture in
            death.lurk(over: fixture.folder.path)
            _ = try? await fixture.run(with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the run never came to \(point)")
            let heir = try fixture.inheriting(death.remains)
            _ = try await heir.importer().recovery.pass()
            try await check(heir)
        }
    }
}
