import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// A publish that stands half done while no run of its connection comes: it is switched off, parked, or has no schedule.
@Suite(.serialized) struct DirectLeftoverTests {
    @Test func `a lost push is completed by a run that is there for nothing else`() async throws {
        try await left(at: "importer.rows.sent") { heir, importer, _ in
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.resumed } == [try heir.directClaim(token: 2).runID])
            // The source is not read again: what it has become by now is none of this run's business.
            let wanted = try await heir.sandbox.call(ListItems(system: "sap", limit: 500)).items.filter(\.sellable)
                .count
            try await heir.misbehave(.emptyAnswer)
            heir.scheduler.change { $0.progress = [] }
            let report = try #require(try await heir.finishLeftover(of: 2, token: 3, with: importer))
            #expect(report.outcome == .published)
            #expect(report.reason == "run_push_finished")
            #expect(report.read == 0)
            #expect(report.pushed?.live == report.pushed?.planned)
            #expect(report.publication.count == 3)
            #expect(report.publication.first { $0.module == .products }?.live == wanted)
            #expect(report.publication.allSatisfy { $0.version != nil })
            try await heir.repair()
            try await heir.expectDirectShopShowsSource()
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.resumed.count } == 1)
            let next = try await heir.push(token: 4, with: importer)
            #expect(next?.outcome.isSuccess == true)
            #expect((next?.pushed?.applied ?? 0) == 0)
        }
    }

    @Test func `a lost push that was being taken back is taken back, and the refused row is named`() async throws {
        try await left(at: "importer.rows.revertRecorded", refusing: true) { heir, importer, before in
            let report = try #require(try await heir.finishLeftover(of: 2, token: 3, with: importer))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_refused")
            #expect(report.pushed?.refused?.module == .stock)
            #expect(report.pushed?.live == 0)
            #expect(try await heir.directShop().digest == before)
        }
    }

    @Test func `a lost push that somebody had cancelled is taken back`() async throws {
        try await left(at: "importer.rows.sent") { heir, importer, before in
            let report = try #require(
                try await heir.finishLeftover(of: 2, token: 3, takesBack: true, with: importer))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_taken_back")
            #expect(report.failure == .shop)
            #expect((report.pushed?.applied ?? 0) > 0)
            #expect(report.pushed?.live == 0)
            #expect(try await heir.directShop().digest == before)
        }
    }

    @Test(arguments: [
        "importer.rows.sent", "importer.push.earlierEnded", "importer.report.recorded",
    ])
    func `dead once more while finishing: what comes next finishes it, or finds it done`(point: String) async throws {
        let again = try Death(at: point)
        try await left(at: "importer.rows.sent", diesAgain: again) { heir, _, _ in
            again.lurk(over: heir.folder.path)
            _ = try? await heir.finishLeftover(of: 2, token: 3, with: try await heir.importer(dyingBy: again))
            try again.checkCopied()
            #expect(again.isDead, "the run never came to \(point)")
            let second = try heir.inheriting(again.remains)
            let importer = try await second.importer()
            second.scheduler.change { $0.refusesRenewals = true }
            _ = try await importer.recovery.pass()
            second.scheduler.change { $0.refusesRenewals = false }
            let isDone = try await second.unfinishedJournals().isEmpty
            _ = try await importer.leftovers.pass()
            #expect(second.scheduler.change { $0.resumed.isEmpty } == isDone)
            if !isDone {
                let report = try await second.finishLeftover(of: 2, token: 4, with: importer)
                #expect(report?.reason == "run_push_finished")
            }
            try await second.expectDirectShopShowsSource()
        }
    }

    @Test func `nobody is asked while the run itself is at work on it`() async throws {
        try await left(at: "importer.rows.sent", isLost: false) { heir, importer, _ in
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.resumed }.isEmpty)
            _ = try await importer.recovery.pass()
            #expect(heir.scheduler.lastReport?.outcome == .published)
        }
    }

    @Test func `a shop that stays away is tried again less and less often, until it is back`() async throws {
        let clock = JumpingClock()
        let isAway = Mutex(true)
        try await left(at: "importer.rows.sent", elapsing: clock) { heir, _, _ in
            let sender = MeddlingSender(heir.configuration) { request in
                request.url.contains("/direct/") && isAway.withLock { $0 } ? .cut : .pass
            }
            let importer = try await heir.importer(sending: sender)
            let asked: () -> Int = { heir.scheduler.change { $0.resumed.count } }
            _ = try await importer.leftovers.pass()
            #expect(asked() == 1)
            for (token, seconds) in [(3, 30), (4, 60), (5, 120)] as [(Int64, Int)] {
                let before = asked()
                let report = try #require(try await heir.finishLeftover(of: 2, token: token, with: importer))
                #expect(report.reason == "run_push_unfinished")
                let pushed = try #require(report.pushed)
                #expect((1..<pushed.planned).contains(pushed.live))
                _ = try await importer.leftovers.pass()
                clock.jump(by: .seconds(seconds - 15))
                _ = try await importer.leftovers.pass()
                #expect(asked() == before)
                clock.jump(by: .seconds(15))
                _ = try await importer.leftovers.pass()
                #expect(asked() == before + 1)
            }
            isAway.withLock { $0 = false }
            #expect(try await heir.finishLeftover(of: 2, token: 6, with: importer)?.reason == "run_push_finished")
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `credentials that cannot be opened cost a handful of runs, and the publish is finished once they can`()
        async throws
    {
        let clock = JumpingClock()
        try await left(at: "importer.rows.sent", elapsing: clock) { heir, importer, _ in
            var token: Int64 = 2
            // Ten minutes, as the loop goes.
            for _ in 1...200 {
                let before = heir.scheduler.change { $0.resumed.count }
                _ = try await importer.leftovers.pass()
                clock.jump(by: .seconds(3))
                guard heir.scheduler.change({ $0.resumed.count }) > before else { continue }
                token += 1
                var claim = try heir.directClaim(token: token)
                claim.task = RunTask(kind: .finish, runID: try heir.directClaim(token: 2).runID)
                claim.target.credentials.keyID = "removed"
                #expect(try await heir.carryOut(claim, with: importer)?.failure == .login)
            }
            #expect((4...6).contains(token - 2))
            // Each of them had the connection, whatever became of it.
            var claim = try heir.directClaim(token: token + 1)
            claim.task = RunTask(kind: .finish, runID: try heir.directClaim(token: 2).runID)
            #expect(try await heir.carryOut(claim, with: importer)?.reason == "run_push_finished")
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `what others have had since is closed, and the shop is left alone`() async throws {
        try await left(at: "importer.rows.sent") { heir, importer, _ in
            let half = try await heir.directShop().digest
            heir.scheduler.change { $0.resumeAnswer = .overtaken }
            _ = try await importer.leftovers.pass()
            #expect(try await heir.unfinishedJournals() == [.overtaken])
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.resumed.count } == 1)
            #expect(try await heir.directShop().digest == half)
        }
    }

    @Test func `a claim that died before it could be noted breaks nothing: the scheduler knows who had the connection`()
        async throws
    {
        try await left(at: "importer.rows.sent") { heir, importer, _ in
            // Token 3 was this importer's, too, and nothing of it is left.
            #expect(try await heir.push(token: 4, othersToken: 0, with: importer)?.outcome.isSuccess == true)
            #expect(try await heir.unfinishedJournals().isEmpty)
            try await heir.expectDirectShopShowsSource()
        }
    }

    /// A second publish that stands half done, of a run that is lost.
    private func left(
        at point: String, refusing: Bool = false, isLost: Bool = true,
        diesAgain: Death? = nil, elapsing: any Clock<Duration> = ContinuousClock(),
        _ check: @escaping @Sendable (ImportFixture, ImporterService, _ before: String) async throws -> Void
    ) async throws {
        let death = try Death(at: point)
        let crashPoints = CrashPoints { point in
            death.crashPoints.passing(point)
            diesAgain?.crashPoints.passing(point)
        }
        try await ImportFixture.with(items: 30, crashPoints: crashPoints, elapsing: elapsing) { fixture in
            #expect(try await fixture.push()?.outcome == .published)
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            if refusing { try await fixture.refuseOneStockRow() }
            death.lurk(over: fixture.folder.path)
            _ = try? await fixture.push(token: 2, leaseMs: 3_000, with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the run never came to \(point)")
            let heir = try fixture.inheriting(death.remains)
            let importer = try await heir.importer()
            if isLost {
                heir.scheduler.change { $0.refusesRenewals = true }
                _ = try await importer.recovery.pass()
                heir.scheduler.change { $0.refusesRenewals = false }
            }
            try await check(heir, importer, before)
        }
    }
}
