import Connectors
import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// A shop without staging that goes away while rows are written, and comes back, or does not.
@Suite(.serialized) struct DirectAbsenceTests {
    @Test func `a shop that goes away is gone on with when it is back, under the same run`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            let shop = Presence()
            let importer = try await fixture.importer(sending: shop.leaving(fixture, after: "/prices/batch"))
            #expect(try await fixture.push(token: 2, with: importer) == nil)
            #expect(try await fixture.journal().map(\.step) == [.committing])
            fixture.scheduler.change { $0.progress = [] }
            _ = try await importer.recovery.keepLeases()
            let progress = try #require(fixture.scheduler.progress.last)
            #expect(progress.phase == .publishing)
            #expect(progress.sent > 0)
            #expect(progress.sent < (progress.toPublish ?? 0))
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            shop.isBack()
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            #expect(fixture.scheduler.lastReport?.checksMade.contains("check_read_back_keys") == true)
            try await fixture.expectDirectShopShowsSource()
            #expect(try await fixture.push(token: 3)?.outcome == .unchanged)
        }
    }

    @Test func `a shop that stays away: what is live is told, and the next run takes it back first`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            let shop = Presence()
            let importer = try await fixture.importer(sending: shop.leaving(fixture, after: "/prices/batch"))
            #expect(try await fixture.push(token: 2, with: importer) == nil)
            fixture.clock.advance(by: RunLimits().doubtLimit)
            _ = try await importer.recovery.pass()
            let report = try #require(fixture.scheduler.lastReport)
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_unfinished")
            let pushed = try #require(report.pushed)
            #expect(pushed.live > 0)
            #expect(pushed.live < pushed.planned)
            #expect(report.arguments["stillLive"] == "\(pushed.live)")
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.unfinishedJournals() == [.reverting])
            // While it is away, the next run says the same.
            #expect(try await fixture.push(token: 3, with: importer)?.reason == "run_push_unfinished")
            shop.isBack()
            try await fixture.misbehave(.emptyAnswer)
            #expect(try await fixture.push(token: 4, with: importer)?.outcome == .refused)
            #expect(try await fixture.directShop().digest == before)
            try await fixture.repair()
            #expect(try await fixture.push(token: 5, with: importer)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `a shop that goes away a second time is waited for as long as the first time`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            let shop = Presence()
            let importer = try await fixture.importer(sending: shop.leaving(fixture, after: "/prices/batch"))
            #expect(try await fixture.push(token: 2, with: importer) == nil)
            fixture.clock.advance(by: .seconds(600))
            shop.isBack(until: "/stock/batch")
            _ = try await importer.recovery.pass()
            // Twenty minutes after the first time, ten after the second.
            fixture.clock.advance(by: .seconds(600))
            fixture.scheduler.change { $0.progress = [] }
            _ = try await importer.recovery.keepLeases()
            #expect(fixture.scheduler.progress.count == 1)
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            #expect(try await fixture.unfinishedJournals() == [.pushing])
            fixture.clock.advance(by: .seconds(240))
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            shop.isBack()
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `dead while giving up: it has failed, and nobody has cancelled it`() async throws {
        let death = try Death(at: "importer.revert.intended")
        try await ImportFixture.with(items: 30, crashPoints: death.crashPoints) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            let shop = Presence()
            let importer = try await fixture.importer(sending: shop.leaving(fixture, after: "/prices/batch"))
            #expect(try await fixture.push(token: 2, with: importer) == nil)
            fixture.clock.advance(by: RunLimits().doubtLimit)
            try await fixture.misbehave(.offline, on: "direct")
            death.lurk(over: fixture.folder.path)
            _ = try await fixture.importer(dyingBy: death).recovery.pass()
            try death.checkCopied()
            #expect(death.isDead)
            try await fixture.repair("direct")
            let heir = try fixture.inheriting(death.remains)
            _ = try await heir.importer().recovery.pass()
            let report = try #require(heir.scheduler.lastReport)
            #expect(report.outcome == .failed)
            #expect(report.reason.hasPrefix("run_failed_"))
            #expect(report.failure != nil)
            #expect(report.pushed?.live == 0)
            #expect(try await heir.directShop().digest == before)
            #expect(try await heir.push(token: 3)?.outcome == .published)
        }
    }

    @Test func `a run that waits for its shop can still be cancelled`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            let shop = Presence()
            let importer = try await fixture.importer(sending: shop.leaving(fixture, after: "/prices/batch"))
            #expect(try await fixture.push(token: 2, with: importer) == nil)
            fixture.scheduler.change { $0.cancelRequested = true }
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            shop.isBack()
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .cancelled)
            #expect(fixture.scheduler.lastReport?.pushed?.live == 0)
            #expect(try await fixture.directShop().digest == before)
            #expect(try await fixture.journal().isEmpty)
        }
    }
}

/// Whether the direct shop can be reached.
private final class Presence: Sendable {
    private enum State { case there, leaving, gone, back }
    private let shop = Mutex((state: State.there, place: ""))

    func isBack() { shop.withLock { $0.state = .back } }
    func isBack(until place: String) { shop.withLock { $0 = (.there, place) } }

    /// Passes everything until rows were sent to `place`; from then on the shop is out of reach.
    func leaving(_ fixture: ImportFixture, after place: String) -> MeddlingSender {
        isBack(until: place)
        return MeddlingSender(fixture.configuration) { [self] request in
            guard request.url.contains("/direct/") else { return .pass }
            return shop.withLock { shop in
                switch shop.state {
                case .there where request.url.hasSuffix(shop.place) && request.hasRows: shop.state = .leaving
                case .leaving: shop.state = .gone
                default: break
                }
                return shop.state == .gone ? .cut : .pass
            }
        }
    }
}
