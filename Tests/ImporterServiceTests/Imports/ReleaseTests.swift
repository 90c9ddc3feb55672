import CoreTypes
import MonitorAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// Held sets: released by a run of their own, frozen ones included, or thrown away.
@Suite struct ReleaseTests {
    /// A set that waits because the source gave no count, and the digest of the shop before it.
    private func held(_ fixture: ImportFixture) async throws -> RunReport {
        #expect(try await fixture.run()?.outcome == .published)
        try await fixture.edit()
        try await fixture.misbehave(.noCount)
        let report = try #require(try await fixture.run(token: 2))
        #expect(report.outcome == .held)
        try await fixture.repair()
        fixture.scheduler.change { $0.kept = [fixture.runID(2)] }
        return report
    }

    private func approve(_ fixture: ImportFixture, _ token: Int64) async throws {
        let run = fixture.runID(token)
        let seen = try await fixture.policies.call(DescribeEvidence(runID: run))
        _ = try await fixture.policies.call(
            ApproveImport(runID: run, holds: seen.verdict.holds ?? [], reason: "Looked at it"))
    }

    @Test func `a held run says what it would change, and the shop has none of it`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let report = try await held(fixture)
            #expect(report.reason == "run_unverifiable")
            #expect(report.publication.contains { $0.updated > 0 && $0.live == nil && $0.version == nil })
            #expect(try await fixture.shop().openImports.isEmpty)
            #expect(try fixture.stagingFiles().count == 1)
        }
    }

    @Test func `released, exactly the held set is published, although the source has gone on`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let waiting = try await held(fixture)
            try await fixture.edit()
            try await approve(fixture, 2)
            let report = try #require(try await fixture.release(2, token: 3))
            #expect(report.outcome == .published)
            #expect(report.read == waiting.read)
            #expect(report.countBefore == nil)
            #expect(report.publication.map(\.updated) == waiting.publication.map(\.updated))
            // The edit made since is what the next import brings.
            let next = try #require(try await fixture.run(token: 4))
            #expect(next.publication.contains { $0.updated > 0 })
            #expect(next.publication.allSatisfy { $0.mode == "delta" })
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `without the monitor's approval nothing is published, and the set goes on waiting`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await held(fixture)
            let before = try await fixture.shop().digest
            let report = try #require(try await fixture.release(2, token: 3))
            #expect(report.outcome == .held)
            #expect(try await fixture.shop().digest == before)
            #expect(try fixture.stagingFiles().count == 1)
            try await approve(fixture, 2)
            #expect(try await fixture.release(2, token: 4)?.outcome == .published)
        }
    }

    @Test func `held because the monitor was away, it says what it would change, and is judged when it is released`()
        async throws
    {
        try await ImportFixture.with(items: 60) { fixture in
            #expect(try await fixture.run()?.outcome == .published)
            try await fixture.edit()
            let before = try await fixture.shop().digest
            fixture.monitor.setAway(true)
            let waiting = try #require(try await fixture.run(token: 2))
            #expect((waiting.outcome, waiting.reason) == (.held, "run_monitor_unavailable"))
            let updated = waiting.publication.map(\.updated)
            #expect(updated.contains { $0 > 0 })
            fixture.scheduler.change { $0.kept = [fixture.runID(2)] }
            // Still away: it waits on, and still says so.
            let again = try #require(try await fixture.release(2, token: 3))
            #expect((again.outcome, again.reason) == (.held, "run_monitor_unavailable"))
            #expect(again.publication.map(\.updated) == updated)
            #expect(try await fixture.shop().digest == before)
            fixture.monitor.setAway(false)
            let report = try #require(try await fixture.release(2, token: 4))
            #expect((report.outcome, report.verdict) == (.published, .complete))
            #expect(report.publication.map(\.updated) == updated)
        }
    }

    @Test func `away or not, keys that came twice are held without figures and never published`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.duplicateRows) { $0.count = 2 }
            fixture.monitor.setAway(true)
            let waiting = try #require(try await fixture.run())
            #expect((waiting.outcome, waiting.reason) == (.held, "run_monitor_unavailable"))
            #expect(!waiting.duplicates.isEmpty)
            #expect(waiting.publication.isEmpty)
            fixture.scheduler.change { $0.kept = [fixture.runID(1)] }
            fixture.monitor.setAway(false)
            #expect(try await fixture.release(1, token: 2)?.outcome == .refused)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    @Test func `a release that fails at the shop leaves the set to be released again`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await held(fixture)
            try await approve(fixture, 2)
            try await fixture.misbehave(.maintenance, on: "shop")
            #expect(try await fixture.release(2, token: 3)?.outcome == .failed)
            try await fixture.repair("shop")
            #expect(try fixture.stagingFiles().count == 1)
            #expect(try await fixture.release(2, token: 4)?.outcome == .published)
        }
    }

    @Test func `what nobody wants any more is thrown away, and cannot be released`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await held(fixture)
            fixture.scheduler.change { $0.kept = [] }
            _ = try await fixture.importer().recovery.pass()
            #expect(try fixture.stagingFiles().isEmpty)
            let report = try #require(try await fixture.release(2, token: 3))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_held_set_gone")
        }
    }

    @Test func `while publishing is frozen a run is judged and held, and says who froze it`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            #expect(try await fixture.run()?.outcome == .published)
            try await fixture.edit()
            let before = try await fixture.shop().digest
            let report = try #require(try await fixture.run(token: 2, freeze: .example))
            #expect(report.outcome == .held)
            #expect(report.verdict == .complete)
            #expect(report.reason == "run_frozen")
            #expect(report.arguments["by"] == "operator anna")
            #expect(report.arguments["why"] == "Black Friday")
            #expect(report.publication.contains { $0.updated > 0 })
            #expect(try await fixture.shop().digest == before)

            fixture.scheduler.change { $0.kept = [fixture.runID(2)] }
            // It was complete, so nobody has to agree to anything.
            #expect(try await fixture.release(2, token: 3)?.outcome == .published)
            #expect(try await fixture.shop().digest != before)
        }
    }

    @Test func `a freeze that comes while a run uploads still keeps the shop as it is`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            #expect(try await fixture.run()?.outcome == .published)
            try await fixture.edit()
            let before = try await fixture.shop().digest
            // The very last word from the scheduler before the commit.
            fixture.scheduler.change { $0.freezesAt = .committing }
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.outcome == .held)
            #expect(report.reason == "run_frozen")
            #expect(try await fixture.shop().digest == before)
            #expect(try await fixture.shop().openImports.isEmpty)
            #expect(try fixture.stagingFiles().count == 1)
        }
    }
}
