import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// After a commit the shop must show what was staged: as many rows, and the very keys.
@Suite struct ReadBackTests {
    @Test func `a shop that shows what was published is said to have been read back`() async throws {
        try await ImportFixture.with { fixture in
            let full = try #require(try await fixture.run())
            #expect(full.checksMade.suffix(2) == ["check_read_back_count", "check_read_back_keys"])
            #expect(full.readBack == nil)
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 9, price: "54.5", stock: "-3"))
            let code = try await fixture.oneSellableCode()
            _ = try await fixture.sandbox.call(DeleteItem(system: "sap", code: code))
            let delta = try #require(try await fixture.run(token: 2))
            #expect(delta.publication.map(\.mode).contains("delta"))
            #expect(delta.checksMade.contains("check_read_back_keys"))
        }
    }

    @Test(arguments: Module.allCases)
    func `rows the shop lost after the commit are named, and sent again by the next run`(
        module: Module
    ) async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.dropRowsAfterCommit, on: "shop") { fault in
                fault.count = 3
                fault.target = module.rawValue
                fault.times = 1
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(report.failure == .shop)
            #expect(report.reason == "run_read_back_differs")
            let difference = try #require(report.readBack?.first)
            #expect(report.readBack?.count == 1)
            #expect(difference.module == module)
            #expect(difference.missingCount == 3)
            #expect(difference.missing.count == 3)
            #expect(difference.unexpectedCount == 0)
            #expect(difference.live == difference.published - 3)
            #expect(report.arguments["lackingKeys"] == difference.missing.joined(separator: ", "))
            let next = try #require(try await fixture.run(token: 2))
            #expect(next.outcome == .published)
            #expect(next.publication.map(\.mode) == ["full", "full", "full"])
            #expect(try await fixture.liveCount(module.rawValue) == difference.published)
            #expect(try await fixture.run(token: 3)?.outcome == .unchanged)
        }
    }

    @Test func `as many rows with other keys are not what was published`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            for kind in [FaultKind.dropRowsAfterCommit, .inventRowsAfterCommit] {
                try await fixture.misbehave(kind, on: "shop") { fault in
                    fault.count = 25
                    fault.target = "products"
                    fault.times = 1
                }
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            let difference = try #require(report.readBack?.first)
            #expect(difference.live == 60)
            #expect((difference.missingCount, difference.unexpectedCount) == (25, 25))
            #expect(difference.missing.count == 20)
            #expect(difference.unexpected.count == 20)
            #expect(difference.unexpected.allSatisfy { $0.hasPrefix("GHOST-") })
            #expect(report.arguments["extraKeys"]?.hasPrefix("GHOST-1, GHOST-10") == true)
        }
    }

    @Test func `a key of several parts is named by all of them`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            try await fixture.misbehave(.dropRowsAfterCommit, on: "shop") { fault in
                fault.count = 1
                fault.target = "prices"
            }
            let report = try #require(try await fixture.run())
            let key = try #require(report.readBack?.first?.missing.first)
            #expect(key.hasSuffix(" / dealer") || key.hasSuffix(" / retail"))
        }
    }

    @Test func `a shop that lists whole rows only is read back as well`() async throws {
        try await ImportFixture.with(items: 700) { fixture in
            let sender = MeddlingSender(fixture.configuration) { request in
                request.url.hasSuffix("/meta") ? .rewrite("max_key_limit", "something_else") : .pass
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(report.outcome == .published)
            #expect(report.checksMade.contains("check_read_back_keys"))
        }
    }

    @Test(arguments: [
        MeddlingSender.Act.cut, .rewrite(#""items":["#, #""elements":["#), .rewrite(#""version":1"#, #""version":7"#),
    ])
    func `a list of keys that cannot be used leaves the run published, and says so`(
        act: MeddlingSender.Act
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let sender = MeddlingSender(fixture.configuration) { request in
                request.url.contains("fields=key") ? act : .pass
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(report.outcome == .published)
            #expect(report.checksMade.contains("check_read_back_count"))
            #expect(report.checksNotMade.last == "check_read_back_keys")
            #expect(try await fixture.run(token: 2)?.outcome == .unchanged)
        }
    }

    @Test func `a list that differs once and then does not raises no alarm, and is not called compared`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let isFirst = Mutex(true)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/products?fields=key"),
                    isFirst.withLock({ exchange(&$0, with: false) })
                else { return .pass }
                return .rewrite(#""items":["#, #""items":[{"code":"GHOST"},"#)
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(!isFirst.withLock { $0 })
            #expect(report.outcome == .published)
            #expect(report.checksNotMade.last == "check_read_back_keys")
            #expect(try await fixture.run(token: 2)?.outcome == .unchanged)
        }
    }

    @Test func `a list without end is not what was published`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let pages = Mutex(0)
            let row = #"{"code":"GHOST"}"#
            let rows = Array(repeating: row, count: 2_000).joined(separator: ",")
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/products?fields=key") else { return .pass }
                let page = pages.withLock { pages in
                    pages += 1
                    return pages
                }
                return .answer(#"{"items":[\#(rows)],"next_cursor":"\#(page)","version":1}"#)
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(report.reason == "run_read_back_differs")
            #expect(report.readBack?.map(\.unexpectedCount) == [11_960])
            #expect(try await fixture.run(token: 2)?.publication.map(\.mode) == ["full", "full", "full"])
        }
    }

    @Test func `rows without a key are not what was published`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let sender = MeddlingSender(fixture.configuration) { request in
                request.url.contains("/products?fields=key") ? .rewrite(#""code":"#, #""name":"#) : .pass
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(report.reason == "run_read_back_differs")
            #expect(report.readBack?.map(\.module) == [.products])
            #expect(report.readBack?.first?.unexpectedCount == 1)
        }
    }

    @Test(arguments: [
        "importer.readBack.counted", "importer.readBack.page", "importer.readBack.compared",
        "importer.readBack.forgotten", "importer.report.recorded",
    ])
    func `dead while reading back: the difference is found by the next process and told once`(
        point: String
    ) async throws {
        let death = try Death(at: point)
        try await ImportFixture.with(items: 60, crashPoints: death.crashPoints) { fixture in
            death.lurk(over: fixture.folder.path)
            try await fixture.misbehave(.dropRowsAfterCommit, on: "shop") { fault in
                fault.count = 2
                fault.target = "stock"
                fault.times = 1
            }
            _ = try? await fixture.run(with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the run never came to \(point)")
            let heir = try fixture.inheriting(death.remains)
            _ = try await heir.importer().recovery.pass()
            #expect(heir.scheduler.change { $0.reports.count } == 1)
            #expect(heir.scheduler.lastReport?.reason == "run_read_back_differs")
            #expect(heir.scheduler.lastReport?.readBack?.first?.missingCount == 2)
            #expect(try heir.stagingFiles().isEmpty)
            let next = try #require(try await heir.run(token: 2))
            #expect(next.publication.map(\.mode) == ["full", "full", "full"])
        }
    }
}
