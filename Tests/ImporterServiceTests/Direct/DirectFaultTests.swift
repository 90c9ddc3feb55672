import Connectors
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

/// A shop without staging that misbehaves while rows are written.
@Suite(.serialized) struct DirectFaultTests {
    static let passing: [Fault] = [
        Fault(.failInBatch, page: 7, times: 2), Fault(.dropAfterBatch, times: 2), Fault(.throttle, count: 4, times: 3),
        Fault(.serverErrors, times: 2), Fault(.offline, times: 2), Fault(.slow, milliseconds: 3),
        Fault(.editBeforeBatch, count: 5, times: 3),
    ]

    @Test(arguments: passing)
    func `a passing fault costs nothing but time`(fault: Fault) async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            let isBegun = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/batch"), request.hasRows, !isBegun.withLock({ exchange(&$0, with: true) }) {
                    _ = try? await fixture.sandbox.call(Misbehave(system: "direct", fault: fault))
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.push(token: 2, with: importer))
            #expect(report.outcome == .published)
            #expect(report.pushed?.live == report.pushed?.planned)
            try await fixture.repair("direct")
            try await fixture.expectDirectShopShowsSource()
            #expect(try await fixture.push(token: 3)?.outcome.isSuccess == true)
        }
    }

    @Test func `a row the shop will not have takes all of the run back, and is named`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            try await fixture.misbehave(.refuseRow, on: "direct") { $0.target = "NEW-41.5" }
            let report = try #require(try await fixture.push(token: 2))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_refused")
            #expect(report.failure == .shop)
            #expect(report.publication.isEmpty)
            #expect(report.pushed?.refused?.module == .products)
            #expect(report.pushed?.refused?.key == "NEW-41.5")
            #expect(report.arguments["key"] == "NEW-41.5")
            #expect(report.pushed?.live == 0)
            #expect(try await fixture.directShop().digest == before)
            #expect(try await fixture.journal().isEmpty)
            try await fixture.repair("direct")
            #expect(try await fixture.push(token: 3)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `a row refused late takes back what was live by then`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            try await fixture.refuseOneStockRow()
            let report = try #require(try await fixture.push(token: 2))
            #expect(report.reason == "run_push_refused")
            #expect(report.pushed?.refused?.module == .stock)
            #expect((report.pushed?.applied ?? 0) > 30)
            #expect(report.pushed?.reverted == report.pushed?.applied)
            let phases = fixture.scheduler.progress.map(\.phase)
            #expect(phases.contains(.publishing) || phases.contains(.reverting))
            #expect(try await fixture.directShop().digest == before)
        }
    }

    @Test func `whoever cancels while rows are sent gets what was before`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            let hasHung = Mutex(false)
            let scheduler = fixture.scheduler
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.hasSuffix("/stock/batch"), request.hasRows,
                    !hasHung.withLock({ exchange(&$0, with: true) })
                else { return .pass }
                scheduler.change { $0.cancelRequested = true }
                return .hang
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.push(token: 2, with: importer))
            #expect(report.outcome == .cancelled)
            #expect((report.pushed?.applied ?? 0) > 0)
            #expect(report.pushed?.live == 0)
            #expect(try await fixture.directShop().digest == before)
            scheduler.change { $0.cancelRequested = false }
            #expect(try await fixture.push(token: 3)?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test
    func `an old row the shop will not have back is named, all others are put back, and the next run tries again`()
        async throws
    {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            let before = try await fixture.directShop().digest
            try await fixture.changeSource(price: "41.5")
            let items = try await fixture.sandbox.call(ListItems(system: "sap", limit: 10)).items
            let code = try #require(items.first { $0.sellable }).code
            let sender = MeddlingSender(fixture.configuration) { request in
                // Once its price is written, the shop takes nothing of this product any more.
                if request.url.hasSuffix("/stock/lookup") {
                    _ = try? await fixture.sandbox.call(
                        Misbehave(system: "direct", fault: Fault(.refuseRow, target: code)))
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.push(token: 2, with: importer))
            #expect(report.outcome == .failed)
            #expect(report.reason == "run_push_unfinished")
            #expect(report.pushed?.live == 1)
            #expect(report.pushed?.stoppedAt?.module == .prices)
            #expect(report.pushed?.stoppedAt?.key.hasPrefix(code) == true)
            #expect(try await fixture.unfinishedJournals() == [.reverting])
            try await fixture.repair("direct")
            try await fixture.misbehave(.emptyAnswer)
            #expect(try await fixture.push(token: 3)?.outcome == .refused)
            #expect(try await fixture.directShop().digest == before)
        }
    }

    @Test func `a shutdown in the middle leaves the rest to the next process`() async throws {
        try await ImportFixture.with(items: 30) { fixture in
            _ = try await fixture.push()
            try await fixture.changeSource(price: "41.5")
            try await fixture.misbehave(.slow, on: "direct") { $0.milliseconds = 40 }
            let group = ServiceGroup(
                services: try await fixture.importer().loops, logger: fixture.environment.logger)
            let claim = try fixture.directClaim(token: 2)
            fixture.scheduler.change { state in
                state.due = [claim]
                state.onRenewal = { progress in
                    if progress.phase == .publishing, progress.sent > 1 { await group.triggerGracefulShutdown() }
                }
            }
            try await group.run()
            #expect(fixture.scheduler.change { $0.reports.count } == 1)
            #expect(try await fixture.journal().map(\.step) == [.committing])
            fixture.scheduler.change { $0.onRenewal = nil }
            try await fixture.repair("direct")
            _ = try await fixture.importer().recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            try await fixture.expectDirectShopShowsSource()
        }
    }

    @Test func `the lease is looked at before each batch`() async throws {
        let away = Mutex<SchedulerDouble?>(nil)
        let clock = JumpingClock()
        let batches = Mutex(0)
        let stands = CrashPoints { point in
            guard point == CrashPoint.rowsIntended.rawValue, let scheduler = away.withLock({ $0 }),
                batches.withLock({
                    $0 += 1; return $0
                }) == 2
            else { return }
            // The whole process stands still, as SIGSTOP would have it.
            scheduler.change { $0.isAway = true }
            clock.jump(by: .seconds(121))
        }
        try await ImportFixture.with(items: 30, crashPoints: stands, elapsing: clock) { fixture in
            away.withLock { $0 = fixture.scheduler }
            let sent = Mutex(0)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/batch"), request.hasRows { sent.withLock { $0 += 1 } }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.push(with: importer) == nil)
            #expect(batches.withLock { $0 } == 2)
            #expect(sent.withLock { $0 } == 1)
            away.withLock { $0 = nil }
            fixture.scheduler.change { $0.isAway = false }
            #expect(try await fixture.push(token: 2)?.outcome.isSuccess == true)
            try await fixture.expectDirectShopShowsSource()
        }
    }
}
