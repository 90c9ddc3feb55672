import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// Going back to an earlier published set at a shop that keeps versions.
@Suite struct RollBackTests {
    /// Publishes three sets and returns what the shop showed after each.
    private func publishThree(_ fixture: ImportFixture) async throws -> [(versions: [PublishedVersion], digest: String)]
    {
        var sets: [(versions: [PublishedVersion], digest: String)] = []
        for token in Int64(1)...3 {
            try await fixture.edit()
            #expect(try await fixture.run(token: token)?.outcome == .published)
            sets.append((try await fixture.versions(by: token), try await fixture.shop().digest))
        }
        return sets
    }

    @Test func `the shop shows the earlier set again, all modules at once`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            let report = try #require(try await fixture.rollBack(to: sets[0].versions, token: 4))
            #expect(report.outcome == .published)
            #expect(report.reason == "run_rolled_back")
            #expect(report.publication.map(\.version) == sets[0].versions.map(\.version))
            #expect(report.publication.allSatisfy { $0.mode == "rollback" && ($0.live ?? 0) > 0 })
            #expect(try await fixture.shop().digest == sets[0].digest)
            #expect(try await fixture.journal().isEmpty)
        }
    }

    @Test func `the next import brings all of the source again, whatever was known of the shop`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            _ = try await fixture.rollBack(to: sets[1].versions, token: 4)
            let report = try #require(try await fixture.run(token: 5))
            #expect(report.outcome == .published)
            #expect(report.publication.allSatisfy { $0.mode == "full" })
            #expect(try await fixture.shop().digest == sets[2].digest)
        }
    }

    @Test func `a set that the shop shows otherwise than it was published gives way to the one before`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            try await fixture.edit()
            try await fixture.misbehave(.dropRowsAfterCommit, on: "shop") { fault in
                fault.count = 3
                fault.target = "prices"
                fault.times = 1
            }
            #expect(try await fixture.run(token: 4)?.reason == RunReport.readBackDiffers)
            #expect(try await fixture.shop().digest != sets[2].digest)
            #expect(try await fixture.rollBack(to: sets[2].versions, token: 5)?.outcome == .published)
            #expect(try await fixture.shop().digest == sets[2].digest)
        }
    }

    @Test func `going back to where the shop is changes nothing`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            #expect(try await fixture.rollBack(to: sets[2].versions, token: 4)?.outcome == .unchanged)
            #expect(try await fixture.shop().digest == sets[2].digest)
        }
    }

    @Test func `a freeze is no obstacle, for it is what a rollback brings`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            fixture.scheduler.change { $0.freeze = .example }
            #expect(try await fixture.rollBack(to: sets[0].versions, token: 4)?.outcome == .published)
        }
    }

    @Test func `a version the shop no longer keeps is refused, and nothing has changed`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            var wanted = sets[0].versions
            wanted[wanted.count - 1].version = "999"
            let report = try #require(try await fixture.rollBack(to: wanted, token: 4))
            #expect(report.outcome == .failed)
            #expect(report.failure == .shop)
            #expect(try await fixture.shop().digest == sets[2].digest)
        }
    }

    @Test func `when the answer is lost the shop is looked at, and the rollback is told once`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let sets = try await publishThree(fixture)
            try await fixture.misbehave(.dropAfterCommit, on: "shop") { $0.times = 1 }
            let report = try #require(try await fixture.rollBack(to: sets[0].versions, token: 4))
            #expect(report.reason == "run_rolled_back")
            #expect(try await fixture.shop().digest == sets[0].digest)
        }
    }

    @Test func `a shop that keeps no versions is taken back row by row`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            #expect(try await fixture.push()?.outcome == .published)
            let first = try await fixture.directShop().digest
            try await fixture.changeSource(price: "42.5")
            #expect(try await fixture.push(token: 2)?.outcome == .published)
            #expect(try await fixture.directShop().digest != first)
            var claim = try fixture.directClaim(token: 3)
            let wanted = try fixture.directClaim(token: 1).runID
            claim.task = RunTask(
                kind: .rollback, runID: wanted,
                versions: Module.allCases.map { PublishedVersion(module: $0, version: "then", runID: wanted) })
            let report = try #require(try await fixture.carryOut(claim))
            #expect(report.reason == "run_rolled_back")
            #expect(try await fixture.directShop().digest == first)
            let next = try #require(try await fixture.push(token: 4))
            #expect(next.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test(arguments: ["importer.commit.intended", "importer.commit.answered", "importer.commit.recorded"])
    func `killed on the way, the shop shows one set or the other, and what was done is told`(point: String) async throws
    {
        let death = try Death(at: point)
        try await ImportFixture.with(items: 60, crashPoints: death.crashPoints) { fixture in
            let sets = try await publishThree(fixture)
            death.lurk(over: fixture.folder.path)
            _ = try? await fixture.rollBack(
                to: sets[0].versions, token: 4, with: try await fixture.importer(dyingBy: death))
            let heir = try fixture.inheriting(death.remains)
            let wasDone = try await fixture.shop().digest == sets[0].digest
            _ = try await heir.importer().recovery.pass()
            let digest = try await fixture.shop().digest
            #expect(digest == (wasDone ? sets[0].digest : sets[2].digest))
            #expect((heir.scheduler.lastReport?.reason == "run_rolled_back") == wasDone)
            #expect(try await heir.journal().isEmpty)
            #expect(wasDone == (point != "importer.commit.intended"))
        }
    }
}
