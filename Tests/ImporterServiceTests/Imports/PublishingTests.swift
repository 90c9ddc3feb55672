import CoreTypes
import Foundation
import JSON
import MonitorAPI
import MonitorService
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// What travels to the shop, when, and what happens when the shop misbehaves.
@Suite struct PublishingTests {
    @Test func `publishing the same set again changes nothing`() async throws {
        try await ImportFixture.with { fixture in
            let first = try #require(try await fixture.run())
            #expect(first.outcome == .published)
            #expect(first.publication.map(\.mode) == ["full", "full", "full"])
            #expect(first.publication.map(\.live) == [300, try await fixture.liveCount("prices"), 300])
            let before = try await fixture.shop()
            let second = try #require(try await fixture.run(token: 2))
            #expect(second.outcome == .unchanged)
            #expect(second.publication.isEmpty)
            #expect(try await fixture.shop() == before)
        }
    }

    @Test func `a second run sends differences only`() async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.run()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.outcome == .published)
            let prices = try #require(report.publication.first)
            #expect(report.publication.count == 1)
            #expect(prices.module == .prices)
            #expect(prices.mode == "delta")
            #expect(prices.updated == 3)
            #expect(prices.live == (try await fixture.liveCount("prices")))
        }
    }

    @Test func `what was sent as differences equals what a full upload would give`() async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.run()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 9, price: "54.5", stock: "-3"))
            let codes = try await fixture.sandbox.call(ListItems(system: "sap", limit: 40)).items
            let gone = try #require(codes.first { $0.sellable }).code
            _ = try await fixture.sandbox.call(DeleteItem(system: "sap", code: gone))
            #expect(try await fixture.run(token: 2)?.outcome == .published)
            let asDelta = try await fixture.shop().digest
            // Without its published sets an importer has to send everything.
            try FileRemoval.removeAll(in: fixture.folder.file("published"))
            let full = try #require(try await fixture.run(token: 3))
            #expect(full.publication.map(\.mode) == ["full", "full", "full"])
            #expect(try await fixture.shop().digest == asDelta)
        }
    }

    @Test(arguments: [Module.prices, .stock])
    func `prices and stock can be run alone`(module: Module) async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let report = try #require(try await fixture.run([module]))
            #expect(report.outcome == .published)
            #expect(report.publication.map(\.module) == [module])
            let datasets = try await fixture.shop().datasets
            #expect(datasets.filter { $0.count > 0 }.map(\.name) == [module.rawValue])
        }
    }

    @Test func `an item is named also when another importer published last`() async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.run()
            try FileRemoval.removeAll(in: fixture.folder.file("published"))
            try await fixture.misbehave(.loseItems) { $0.count = 4 }
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.missingCount == 4)
            #expect(report.missing.allSatisfy { !$0.name.isEmpty })
        }
    }

    @Test func `a commit whose answer is lost is recognised and not repeated`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.dropAfterCommit, on: "shop")
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .published)
            #expect(try await fixture.shop().datasets.filter { $0.count > 0 }.map(\.liveVersion) == [1, 1, 1])
            try await fixture.repair("shop")
            #expect(try await fixture.run(token: 2)?.outcome == .unchanged)
        }
    }

    @Test func `a dataset that would be left empty is refused although all items were read`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            var settings = ConnectionSettings.small
            settings.mapping.prices = PriceMapping(priceLists: ["9": "retail"])
            let report = try #require(try await fixture.run(token: 2, settings: settings))
            #expect(report.outcome == .refused)
            #expect(report.reason == "run_module_empty")
            #expect(report.arguments["module"] == "prices")
            #expect(report.arguments["published"] == "\(try #require(try await fixture.liveCount("prices")))")
            #expect(try await fixture.shop() == before)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }

    @Test func `a dataset somebody else changes after the comparison is sent in full`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
            let publish = try await fixture.stranger()
            let isFirst = Mutex(true)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/chunks/"), isFirst.withLock({ exchange(&$0, with: false) }) else {
                    return .pass
                }
                try? await publish()
                return .pass
            }
            let report = try #require(
                try await fixture.run(token: 2, with: try await fixture.importer(sending: sender)))
            #expect(report.outcome == .published)
            #expect(report.publication.map(\.module) == [.prices, .stock])
            #expect(report.publication.map(\.mode) == ["delta", "full"])
            #expect(try await fixture.shop().openImports.isEmpty)
            #expect(try await fixture.run(token: 3)?.outcome == .unchanged)
        }
    }

    @Test func `differences that landed on another base are followed by a full upload`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
            let sender = MeddlingSender(fixture.configuration) { request in
                request.url.hasSuffix("/imports/commit")
                    ? .rewrite(#""previous_version":1"#, #""previous_version":77"#) : .pass
            }
            _ = try await fixture.run(token: 2, with: try await fixture.importer(sending: sender))
            let next = try #require(try await fixture.run(token: 3))
            #expect(next.publication.map(\.mode) == ["full", "full", "full"])
        }
    }

    @Test(arguments: [Fault(.failCommit), Fault(.failOnChunk, page: 1), Fault(.expireImports)])
    func `a shop that refuses the upload fails the run and nothing stays open`(fault: Fault) async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
            _ = try await fixture.sandbox.call(Misbehave(system: "shop", fault: fault))
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.outcome == .failed)
            #expect(report.failure == .shop)
            let after = try await fixture.shop()
            #expect(after.digest == before.digest)
            #expect(after.openImports.isEmpty)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }

    // MARK: Verdicts

    @Test func `without the monitor the run is held and nothing is sent`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            fixture.monitor.setAway(true)
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .held)
            #expect(report.failure == .monitorUnavailable)
            #expect(report.reason == "run_monitor_unavailable")
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
            #expect(try fixture.stagingFiles().count == 1)
            #expect(try await fixture.journal().map(\.step) == [.held])
            // What it would change is told all the same, for whoever releases it when the monitor is back.
            #expect(report.publication.map(\.module) == Module.allCases)
            #expect(report.publication.allSatisfy { $0.created > 0 && $0.live == nil && $0.version == nil })
        }
    }

    @Test func `a monitor that refuses to judge fails the run`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            fixture.monitor.setRefusing(ServiceError(.invalidArgument, reason: "invalid_argument"))
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(report.failure == .internal)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }

    @Test func `with monitoring off a short read is published, an empty one is not`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.policies.call(
                SetMonitoring(connectionID: ImportFixture.connection, on: false, reason: "Test of the price list"))
            try await fixture.misbehave(.loseItems) { $0.count = 17 }
            let short = try #require(try await fixture.run())
            #expect(short.outcome == .published)
            #expect(short.verdict == .notJudged)
            #expect(short.countBefore == 60)
            #expect(short.read == 43)
            try await fixture.misbehave(.emptyAnswer)
            let empty = try #require(try await fixture.run(token: 2))
            #expect(empty.outcome == .refused)
            #expect(empty.verdict == .emptySource)
            #expect(try await fixture.liveCount("products") == 43)
        }
    }

    @Test func `a forged verdict publishes nothing`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.loseItems) { $0.count = 5 }
            fixture.monitor.setForging { response in
                guard var judged = response as? JudgeImport.Response else { return response }
                judged.verdict.body = judged.verdict.body.replacingOccurrences(of: "incomplete", with: "complete")
                return judged
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(report.failure == .internal)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    @Test func `a verdict on another staged set or one that expired publishes nothing`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let clock = fixture.clock
            fixture.monitor.setForging { response in
                clock.advance(by: VerdictSigner.validity + .seconds(1))
                return response
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    // MARK: Tokens

    @Test func `a run with a lower token cannot publish`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run(token: 9)
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
            let before = try await fixture.shop()
            let report = try await fixture.run(token: 8)
            #expect(report?.outcome != .published)
            #expect(try await fixture.shop().digest == before.digest)
        }
    }

    @Test func `an upload an earlier claim left open is aborted first`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let left = try await fixture.leaveUploadOpen(token: 3)
            #expect(try await fixture.shop().openImports.map(\.id) == [left])
            #expect(try await fixture.run(token: 4)?.outcome == .published)
            #expect(try await fixture.shop().openImports.isEmpty)
        }
    }

    @Test func `an upload of a newer claim is left alone and ends the run`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let newer = try await fixture.leaveUploadOpen(token: 5)
            let report = try #require(try await fixture.run(token: 4))
            #expect(report.outcome == .failed)
            #expect(report.failure == .superseded)
            #expect(try await fixture.shop().openImports.map(\.id) == [newer])
        }
    }

    @Test func `a renewal that is refused stops the run at once without a report`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.slow) { $0.milliseconds = 40 }
            fixture.scheduler.change { $0.refusesRenewals = true }
            #expect(try await fixture.run() == nil)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    @Test func `a cancelled run cleans up and says so`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.slow) { $0.milliseconds = 40 }
            fixture.scheduler.change { state in
                state.onRenewal = { [scheduler = fixture.scheduler] progress in
                    if progress.page > 2 { scheduler.change { $0.cancelRequested = true } }
                }
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .cancelled)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.shop().openImports.isEmpty)
        }
    }

    @Test func `progress is reported while the run goes on`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.slow) { $0.milliseconds = 30 }
            _ = try await fixture.run()
            let progress = fixture.scheduler.progress
            #expect(progress.contains { $0.phase == .extracting && $0.fetched > 0 && $0.expected == 300 })
            #expect(progress.map(\.fetched) == progress.map(\.fetched).sorted())
        }
    }
}
