import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Finished publishes are taken back by pushing old values.
@Suite(.serialized) struct DirectRollbackTests {
    @Test func `each of the last three publishes can be taken back, and what was before is there again`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            var digests: [String] = []
            for token in 1...4 {
                if token > 1 { try await fixture.changeSource(price: "4\(token).5") }
                #expect(try await fixture.push(token: Int64(token))?.outcome == .published)
                digests.append(try await fixture.directShop().digest)
            }
            let rollback = try await fixture.rollback(token: 5)
            let kept = try await rollback.kept()
            #expect(kept.map(\.token) == [4, 3, 2])
            #expect(kept.allSatisfy { $0.rows > 0 })
            #expect(kept.map(\.previousRun) == [kept[1].run, kept[2].run, try fixture.directClaim(token: 1).runID])
            #expect(try await rollback.revert(toSetOf: kept[0].run).applied == 0)
            let pushed = try await rollback.revert(toSetOf: kept[2].run)
            #expect(pushed.live == 0)
            #expect(pushed.applied == kept[0].rows + kept[1].rows)
            #expect(try await fixture.directShop().digest == digests[1])
            // The rollback itself stands for the set it went back to.
            #expect(try await rollback.kept().map(\.token) == [5, 2])
            await #expect(throws: RollbackRefused.notKept) { try await rollback.revert(publish: kept[0].run) }
            let first = try fixture.directClaim(token: 1).runID
            #expect(try await rollback.revert(toSetOf: first).live == 0)
            #expect(try await fixture.directShop().digest == digests[0])
            #expect(try await fixture.push(token: 6)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `an edit made between read and write is what is put back`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 60, price: "41.5"))
            try await fixture.misbehave(.editBeforeBatch, on: "direct") {
                $0.count = 100
                $0.times = 5
            }
            let hurried = try #require(try await fixture.push([.prices], token: 2))
            #expect(hurried.reason == "run_failed_shop")
            #expect(hurried.pushed?.live == 0)
            #expect(hurried.arguments["detail"]?.contains("keeps changing") == true)
            // Always somebody is quicker, so the run gives up and takes back: their edits stay.
            #expect(try await Self.notes(fixture) > 0)
            try await fixture.repair("direct")
            let edited = try await fixture.directShop().digest
            try await fixture.misbehave(.editBeforeBatch, on: "direct") {
                $0.count = 3
                $0.times = 1
            }
            #expect(try await fixture.push([.prices], token: 3)?.outcome == .published)
            #expect(try await Self.notes(fixture) == 0)
            let rollback = try await fixture.rollback(token: 4)
            let last = try #require(try await rollback.kept().first?.run)
            #expect(try await rollback.revert(publish: last).live == 0)
            #expect(try await Self.notes(fixture) > 0)
            #expect(try await fixture.directShop().digest == edited)
        }
    }

    private static func notes(_ fixture: ImportFixture) async throws -> Int {
        try await fixture.sandbox.call(ListShopRows(system: "direct", dataset: "prices", limit: 500)).rows
            .count { $0.contains("edited by hand") }
    }

    @Test func `dead in the middle of a rollback: the next run takes back the rest`() async throws {
        let death = try Death(at: "importer.rows.reverted")
        try await ImportFixture.with(items: 30, crashPoints: death.crashPoints) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            _ = try await fixture.push(token: 2)
            death.lurk(over: fixture.folder.path)
            let rollback = try await fixture.rollback(token: 3) { death.isDead ? .superseded : nil }
            let last = try #require(try await rollback.kept().first?.run)
            await #expect(throws: CommitWithheld.self) { try await rollback.revert(publish: last) }
            try death.checkCopied()
            let heir = try fixture.inheriting(death.remains)
            #expect(try await heir.unfinishedJournals() == [.reverting])
            try await heir.misbehave(.emptyAnswer)
            #expect(try await heir.push(token: 4)?.outcome == .refused)
            #expect(try await heir.directShop().digest == before)
            try await heir.repair()
            #expect(try await heir.push(token: 5)?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `every crash point of a shop without staging is passed, and none that is not listed`() async throws {
        let passed = Mutex<Set<String>>([])
        let crashPoints = CrashPoints { name in
            guard name.hasPrefix("importer.") else { return }
            passed.withLock { _ = $0.insert(name) }
        }
        try await ImportFixture.with(items: 30, crashPoints: crashPoints) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            try await fixture.refuseOneStockRow()
            #expect(try await fixture.push(token: 2)?.outcome == .failed)
            try await fixture.repair("direct")
            let hasHeard = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/stock/batch"), request.hasRows { hasHeard.withLock { $0 = true } }
                return request.url.contains("/direct/") && hasHeard.withLock { $0 } ? .cut : .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.push(token: 3, with: importer) == nil)
            hasHeard.withLock { $0 = false }
            fixture.scheduler.change { $0.refusesRenewals = true }
            _ = try await importer.recovery.pass()
            fixture.scheduler.change { $0.refusesRenewals = false }
            #expect(try await fixture.push(token: 4)?.outcome.isSuccess == true)
            let wanted = try #require(try await fixture.rollback(token: 5).kept().first?.previousRun)
            #expect(try await fixture.goBack(to: wanted, token: 5)?.outcome == .published)
        }
        let direct = passed.withLock { $0.filter { name in CrashPoint(rawValue: name)?.isDirect == true } }
        #expect(direct == Set(ImporterService.directCrashPoints + ImporterService.rollbackCrashPoints))
        #expect(passed.withLock { $0 }.allSatisfy { CrashPoint(rawValue: $0) != nil })
    }
}
