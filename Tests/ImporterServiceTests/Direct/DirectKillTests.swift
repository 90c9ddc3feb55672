import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// The process dies anywhere on the way: what is half done at the shop is brought to its end.
@Suite(.serialized) struct DirectKillTests {
    static let pushing = [
        "importer.push.begun", "importer.rows.intended", "importer.rows.sent",
        "importer.rows.recorded", "importer.push.answered", "importer.push.recorded", "importer.push.finished",
        "staging.adopt.noted", "importer.adopted", "importer.readBack.page",
    ]

    @Test(arguments: pushing)
    func `dead while pushing: the same importer goes on by itself`(point: String) async throws {
        // At the first batch of the second publish, so that rows are created, changed and removed.
        try await killed(at: point) { heir in
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            let report = try #require(heir.scheduler.lastReport)
            #expect(heir.scheduler.change { $0.reports.count } == 2)
            #expect(report.outcome == .published)
            #expect(report.pushed?.live == report.pushed?.planned)
            #expect(try await heir.journal().isEmpty)
            #expect(try heir.stagingFiles().isEmpty)
            try await heir.expectDirectShopShowsSource()
            #expect(try await heir.push(token: 3, with: importer)?.outcome.isSuccess == true)
            #expect(try await heir.unfinishedJournals().isEmpty)
        }
    }

    @Test(arguments: ["importer.push.planned", "importer.push.intended"])
    func `dead before anything was sent: nothing is left, and the next run publishes`(point: String) async throws {
        try await killed(at: point) { heir in
            let before = try await heir.directShop().digest
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            #expect(try await heir.directShop().digest == before)
            #expect(heir.scheduler.change { $0.reports.count } == 1)
            #expect(try await heir.unfinishedJournals().isEmpty)
            #expect(try await heir.journal().isEmpty)
            #expect(try await heir.push(token: 3, with: importer)?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    static let reverting = [
        "importer.revert.intended", "importer.revert.begun", "importer.rows.revertIntended", "importer.rows.reverted",
        "importer.rows.revertRecorded",
    ]

    @Test(arguments: reverting)
    func `dead while taking back: all of it is taken back, and the refused row named`(point: String) async throws {
        try await killed(at: point, refusing: true) { heir in
            _ = try await heir.importer().recovery.pass()
            let report = try #require(heir.scheduler.lastReport)
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_refused")
            #expect(report.pushed?.refused?.module == .stock)
            #expect((report.pushed?.applied ?? 0) > 0)
            #expect(report.pushed?.live == 0)
            #expect(try await heir.journal().isEmpty)
            #expect(try await heir.unfinishedJournals().allSatisfy { $0 == .reverted })
            try await heir.repair("direct")
            #expect(try await heir.push(token: 3)?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    /// Between the sets and at their ends: products, prices, stock, what goes.
    @Test(arguments: zip(["importer.rows.intended", "importer.rows.sent", "importer.rows.recorded"], 2...4))
    func `dead at a later batch: the same importer goes on by itself`(point: String, passage: Int) async throws {
        try await killed(at: point, passage: passage) { heir in
            _ = try await heir.importer().recovery.pass()
            #expect(heir.scheduler.lastReport?.outcome == .published)
            #expect(heir.scheduler.lastReport?.pushed?.live == heir.scheduler.lastReport?.pushed?.planned)
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `a connection that has another shop by now gets nothing of the old one's`() async throws {
        try await killed(at: "importer.rows.sent") { heir in
            heir.scheduler.change { $0.refusesRenewals = true }
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            heir.scheduler.change { $0.refusesRenewals = false }
            let half = try await heir.directShop().digest
            _ = try await heir.sandbox.call(CreateSystem(name: "other", kind: .directWebshop))
            var claim = try heir.directClaim(token: 3)
            claim.target = try heir.directTarget(named: "other")
            heir.scheduler.change { [claim] in $0.due.append(claim) }
            _ = try await importer.claims.pass()
            #expect(heir.scheduler.lastReport?.outcome == .published)
            #expect(heir.scheduler.lastReport?.publication.map(\.mode) == ["full", "full", "full"])
            #expect(try await heir.directShop().digest == half)
        }
    }

    @Test(arguments: ["importer.rows.sent", "importer.rows.revertRecorded"])
    func `a run that is not ours any more is not gone on with; the next run begins with it`(point: String) async throws
    {
        try await killed(at: point, refusing: point.contains("revert")) { heir in
            let half = try await heir.directShop().digest
            heir.scheduler.change { $0.refusesRenewals = true }
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            #expect(try await heir.journal().isEmpty)
            #expect(try await heir.directShop().digest == half)
            #expect(try await heir.unfinishedJournals().count == 1)
            heir.scheduler.change { $0.refusesRenewals = false }
            // Whatever ends this run later: what is half done is brought to its end first.
            try await heir.repair("direct")
            try await heir.misbehave(.emptyAnswer)
            #expect(try await heir.push(token: 3, with: importer)?.outcome == .refused)
            #expect(try await heir.directShop().digest != half)
            #expect(try await heir.unfinishedJournals().allSatisfy { $0 == .reverted })
            try await heir.repair()
            _ = try await heir.push(token: 4, with: importer)
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `what others may have published over is left alone, and compared row by row`() async throws {
        try await killed(at: "importer.rows.sent") { heir in
            heir.scheduler.change { $0.refusesRenewals = true }
            let importer = try await heir.importer()
            _ = try await importer.recovery.pass()
            heir.scheduler.change { $0.refusesRenewals = false }
            // Token 3 was somebody else's, who published.
            #expect(try await heir.sibling().push(token: 3)?.outcome == .published)
            let theirs = try await heir.directShop().digest
            try await heir.misbehave(.emptyAnswer)
            #expect(try await heir.push(token: 4, with: importer)?.outcome == .refused)
            #expect(try await heir.directShop().digest == theirs)
            #expect(try await heir.unfinishedJournals() == [.overtaken])
            try await heir.repair()
            #expect(try await heir.push(token: 5, with: importer)?.outcome == .published)
            #expect(try await heir.unfinishedJournals().isEmpty)
            try await heir.expectDirectShopShowsSource()
        }
    }

    /// Right after the shop has said no: what is sent from then on lacks a row that nobody would miss, for it was there before.
    @Test(arguments: [false, true])
    func `dead right after a row was refused: all of the run is taken back, whoever goes on`(isLost: Bool) async throws
    {
        let point = "importer.rows.recorded"
        try await ImportFixture.withPushKilled(at: point, passage: 3, refusing: true) { heir, before in
            #expect(try await heir.journaledRows(of: 2)?.refused?.module == .stock)
            let importer = try await heir.importer()
            heir.scheduler.change { $0.refusesRenewals = isLost }
            _ = try await importer.recovery.pass()
            heir.scheduler.change { $0.refusesRenewals = false }
            if isLost { _ = try await heir.finishLeftover(of: 2, token: 3, with: importer) }
            let report = try #require(heir.scheduler.lastReport)
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_refused")
            #expect(report.pushed?.refused?.module == .stock)
            #expect(report.pushed?.live == 0)
            #expect(try await heir.directShop().digest == before)
            try await heir.repair("direct")
            #expect(try await heir.push(token: 4, with: importer)?.outcome == .published)
            try await heir.expectDirectShopShowsSource()
        }
    }

    @Test func `a run that was lost right before its end does not end what the run in its place has begun`()
        async throws
    {
        try await ImportFixture.withPushKilled(at: "importer.push.recorded") { heir, _ in
            let lost = try heir.directClaim(token: 2).runID
            heir.scheduler.change { $0.refusesRenewalsOf = [lost] }
            try await heir.changeSource(price: "42.5")
            let recovery = Mutex<Recovery?>(nil)
            let sender = MeddlingSender(heir.configuration) { _ in
                // Between planning and the first row.
                if (try? await heir.journalState(of: 3)) == .planned, let recovery = recovery.withLock({ $0.take() }) {
                    _ = try? await recovery.pass()
                }
                return .pass
            }
            let importer = try await heir.importer(sending: sender)
            recovery.withLock { $0 = importer.recovery }
            #expect(try await heir.push(token: 3, othersToken: 0, with: importer)?.outcome == .published)
            #expect(recovery.withLock { $0 == nil })
            #expect(heir.scheduler.change { $0.reports.map(\.token) } == [1, 3])
            #expect(try await heir.journal().isEmpty)
            #expect(try await heir.unfinishedJournals().isEmpty)
            try await heir.expectDirectShopShowsSource()
            #expect(try await heir.push(token: 4, with: importer)?.outcome == .unchanged)
        }
    }

    /// Publishes, changes the source, and dies during the second publish.
    private func killed(
        at point: String, passage: Int = 1, refusing: Bool = false,
        _ check: @escaping @Sendable (ImportFixture) async throws -> Void
    ) async throws {
        try await ImportFixture.withPushKilled(at: point, passage: passage, refusing: refusing) { heir, _ in
            try await check(heir)
        }
    }
}
