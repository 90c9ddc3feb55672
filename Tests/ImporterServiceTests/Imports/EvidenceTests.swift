import CoreTypes
import MonitorAPI
import RPC
import SchedulerAPI
import Testing

@testable import ImporterService

/// What the monitor is told of an import, and what it is told that nobody knows.
@Suite struct EvidenceTests {
    @Test func `an import that reads stock says that the source's change mark does not cover it`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let report = try #require(try await fixture.run())
            #expect(report.verdict == .complete)
            #expect(report.checksMade.contains("check_change_token"))
            #expect(report.checksNotMade.contains("check_stock_moment"))
            let without = try #require(try await fixture.run([.products, .prices], token: 2))
            #expect(!without.checksNotMade.contains("check_stock_moment"))
        }
    }

    @Test func `prices that another importer has published are rows, and are not taken for items`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            #expect(try await fixture.run([.prices])?.outcome == .published)
            let first = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(1))).evidence
            _ = try await fixture.sibling().run([.prices], token: 2)
            let second = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2))).evidence
            #expect(first.previousIsRows == nil)
            #expect(second.previousIsRows == true)
            #expect(second.previousCount > second.distinctKeys, "there are several price lists")
        }
    }

    @Test func `with products the shop's own list says which items it has, and that nobody counted stock and prices`()
        async throws
    {
        try await ImportFixture.with(items: 40) { fixture in
            #expect(try await fixture.run()?.outcome == .published)
            let report = try #require(try await fixture.sibling().run(token: 2))
            let evidence = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2))).evidence
            #expect(evidence.previousIsRows == nil)
            #expect(evidence.previousCount == evidence.distinctKeys)
            #expect(report.checksMade.contains("check_drop_guard_removed"))
            #expect(report.checksNotMade.contains("check_drop_guard"))
        }
    }
}
