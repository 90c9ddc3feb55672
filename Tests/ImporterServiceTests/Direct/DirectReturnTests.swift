import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Going back to an earlier set from journals: whole runs, which die on the way, and what can be gone back to afterwards.
@Suite(.serialized) struct DirectReturnTests {
    /// Each step of a rollback over two publishes, and of its end.
    static let points: [(String, Int)] = [
        ("importer.revert.noted", 1), ("importer.revert.noted", 2), ("importer.rows.revertIntended", 1),
        ("importer.rows.reverted", 2), ("importer.rows.revertRecorded", 3), ("importer.revert.begun", 2),
        ("importer.revert.recorded", 1), ("importer.report.recorded", 1),
    ]

    @Test(arguments: points)
    func `dead while going back: the run in its place goes on, and the shop has the set that was wanted`(
        point: String, passage: Int
    ) async throws {
        try await killed(at: point, passage) { heir, digests in
            let importer = try await heir.importer()
            heir.scheduler.change { $0.refusesRenewals = true }
            _ = try await importer.recovery.pass()
            heir.scheduler.change { $0.refusesRenewals = false }
            let report = try await heir.goBack(to: try heir.directClaim(token: 1).runID, token: 5, with: importer)
            #expect(report?.outcome == .published)
            #expect(try await heir.directShop().digest == digests[0])
            #expect(try await heir.unfinishedJournals().allSatisfy { $0 == .reverted })
            #expect(try await heir.push(token: 6, with: importer)?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test(arguments: [points[0], points[1], points[3]])
    func `dead while going back, and not queued again: the importer asks for the rest, and it is told as a rollback`(
        point: String, passage: Int
    ) async throws {
        try await killed(at: point, passage) { heir, digests in
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            _ = try await importer.leftovers.pass()
            let wanted = try #require(heir.scheduler.change { $0.returning }.last ?? nil)
            let report = try #require(try await heir.goBack(to: wanted, token: 5, with: importer))
            #expect(report.outcome == .published)
            #expect(report.reason == "run_rolled_back")
            #expect(try await heir.directShop().digest == digests[0])
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.resumed.count } == 1)
        }
    }

    @Test func `a shop that went away in the middle of a rollback gets the set that was wanted once it is back`()
        async throws
    {
        try await ImportFixture.with(items: 30) { fixture in
            let digests = try await Self.publishThree(fixture)
            let written = Mutex(0)
            let isBack = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/direct/"), !isBack.withLock({ $0 }) else { return .pass }
                let batches = written.withLock { written in
                    if request.url.hasSuffix("/batch"), request.hasRows { written += 1 }
                    return written
                }
                return batches > 2 ? .cut : .pass
            }
            let importer = try await fixture.importer(sending: sender)
            let first = try fixture.directClaim(token: 1).runID
            let stopped = try #require(try await fixture.goBack(to: first, token: 4, with: importer))
            #expect(stopped.reason == "run_push_unfinished")
            #expect(try await fixture.unfinishedJournals() == [.reverting, .reverting])
            _ = try await importer.leftovers.pass()
            #expect(fixture.scheduler.change { $0.resumed } == [try fixture.directClaim(token: 3).runID])
            #expect(fixture.scheduler.change { $0.returning } == [first])
            isBack.withLock { $0 = true }
            let report = try #require(try await fixture.goBack(to: first, token: 5, with: importer))
            #expect(report.reason == "run_rolled_back")
            #expect(try await fixture.directShop().digest == digests[0])
            #expect(try await fixture.rollback(token: 6).kept().first?.run == fixture.directClaim(token: 5).runID)
        }
    }

    /// The set that was wanted is not known any more: what was noted of it is done all the same, and never a part of it.
    @Test(arguments: [points[0], points[1], points[3]])
    func `dead while going back, and only finished: the shop has one whole set`(
        point: String, passage: Int
    ) async throws {
        try await killed(at: point, passage) { heir, digests in
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            _ = try await importer.leftovers.pass()
            #expect(heir.scheduler.change { $0.returning } == [try heir.directClaim(token: 1).runID])
            let report = try #require(try await heir.finishLeftover(of: 3, token: 5, with: importer))
            #expect(report.reason == "run_push_taken_back")
            #expect(report.pushed?.live == 0)
            // Only what was noted is taken back: of the first passage that is the newest set alone.
            let isNotedWhole = point != "importer.revert.noted" || passage > 1
            #expect(try await heir.directShop().digest == digests[isNotedWhole ? 0 : 1])
            #expect(try await importer.leftovers.pass() == false)
        }
    }

    @Test func `after a rollback one can go back further, and back to what it had brought back`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            let digests = try await Self.publishThree(fixture)
            let first = try fixture.directClaim(token: 1).runID
            let second = try fixture.directClaim(token: 2).runID
            let report = try #require(try await fixture.goBack(to: second, token: 4))
            #expect(report.outcome == .published)
            #expect(report.pushed.map { $0.planned > 0 && $0.reverted == $0.planned && $0.live == 0 } == true)
            #expect(try await fixture.directShop().digest == digests[1])
            try await fixture.changeSource(price: "45.5")
            #expect(try await fixture.push(token: 5)?.outcome == .published)
            // The scheduler knows the set by the run that has brought it back.
            let rollback = try fixture.directClaim(token: 4).runID
            #expect(try await fixture.goBack(to: rollback, token: 6)?.outcome == .published)
            #expect(try await fixture.directShop().digest == digests[1])
            #expect(try await fixture.goBack(to: first, token: 7)?.outcome == .published)
            #expect(try await fixture.directShop().digest == digests[0])
            // The same again, as after a lost answer: nothing is written.
            #expect(try await fixture.goBack(to: first, token: 8)?.outcome == .published)
            #expect(try await fixture.directShop().digest == digests[0])
        }
    }

    @Test func `a rollback that stops midway tells how much of the shop is changed`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await Self.publishThree(fixture)
            let items = try await fixture.sandbox.call(ListItems(system: "sap", limit: 100)).items
            let code = try #require(items.last { $0.sellable }).code
            _ = try await fixture.sandbox.call(Misbehave(system: "direct", fault: Fault(.refuseRow, target: code)))
            let report = try #require(
                try await fixture.goBack(to: try fixture.directClaim(token: 1).runID, token: 4))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_unfinished")
            let pushed = try #require(report.pushed)
            #expect(pushed.reverted > 0 && pushed.live > 0, "\(pushed)")
            #expect(pushed.stoppedAt?.key.hasPrefix(code) == true)
        }
    }

    @Test func `what another importer has published over is not gone back through`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "42.5")
            #expect(try await fixture.sibling().push(token: 2)?.outcome == .published)
            try await fixture.changeSource(price: "43.5")
            #expect(try await fixture.push(token: 3, othersToken: 2)?.outcome == .published)
            let now = try await fixture.directShop().digest
            for wanted in [1, 2] as [Int64] {
                let run = try fixture.directClaim(token: wanted).runID
                let report = try await fixture.goBack(to: run, token: 3 + wanted, othersToken: 2)
                #expect(report?.outcome == .failed)
                #expect(try await fixture.directShop().digest == now)
            }
        }
    }

    private static func publishThree(_ fixture: ImportFixture) async throws -> [String] {
        var digests: [String] = []
        for token in 1...3 as ClosedRange<Int64> {
            if token > 1 { try await fixture.changeSource(price: "4\(token).5") }
            #expect(try await fixture.push(token: token)?.outcome == .published)
            digests.append(try await fixture.directShop().digest)
        }
        return digests
    }

    /// Publishes three sets, and dies on the way back from the third to the first.
    private func killed(
        at point: String, _ passage: Int,
        _ check: @escaping @Sendable (ImportFixture, [String]) async throws -> Void
    ) async throws {
        let death = try Death(at: point, passage: passage)
        try await ImportFixture.with(items: 30, crashPoints: death.crashPoints) { fixture in
            let digests = try await Self.publishThree(fixture)
            death.lurk(over: fixture.folder.path)
            let first = try fixture.directClaim(token: 1).runID
            _ = try? await fixture.goBack(
                to: first, token: 4, leaseMs: 3_000, with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the rollback never came to \(point)")
            try await check(try fixture.inheriting(death.remains), digests)
        }
    }
}
