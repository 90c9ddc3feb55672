import CoreTypes
import MonitorAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// What holds a completely read import: drop guard, control totals and must-have items, judged by the real monitor on what
/// the importer has really compared.
@Suite struct HoldTests {
    private func sellable(_ fixture: ImportFixture) async throws -> [SandboxItem] {
        try await fixture.sandbox.call(ListItems(system: "sap", limit: 500)).items.filter(\.sellable)
    }

    private func delete(_ codes: some Sequence<String>, _ fixture: ImportFixture) async throws {
        for code in codes { _ = try await fixture.sandbox.call(DeleteItem(system: "sap", code: code)) }
    }

    private func edit(
        _ code: String, price: String? = nil, stock: String? = nil, _ fixture: ImportFixture
    ) async throws {
        _ = try await fixture.sandbox.call(EditItems(system: "sap", codes: [code], price: price, stock: stock))
    }

    private func rule(_ fixture: ImportFixture, _ change: (inout PolicyRules) -> Void) async throws {
        var rules = PolicyRules()
        change(&rules)
        _ = try await fixture.policies.call(
            SetPolicy(
                connectionID: ImportFixture.connection, on: true, rules: rules, expectedVersion: nil, reason: "Season"))
    }

    private func judged(_ fixture: ImportFixture, _ token: Int64) async throws -> VerdictBody {
        try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(token))).verdict
    }

    private func approve(_ fixture: ImportFixture, _ token: Int64) async throws {
        let holds = try await judged(fixture, token).holds ?? []
        _ = try await fixture.policies.call(
            ApproveImport(runID: fixture.runID(token), holds: holds, reason: "The range really ended"))
    }

    private func keep(_ tokens: Int64..., in fixture: ImportFixture) {
        fixture.scheduler.change { $0.kept = tokens.map(fixture.runID) }
    }

    @Test func `an import that would remove much is held with its figures, and published when agreed to`() async throws
    {
        try await ImportFixture.with(items: 120) { fixture in
            let items = try await sellable(fixture)
            #expect(try await fixture.run()?.outcome == .published)
            let before = try await fixture.shop().digest
            try await delete(items.prefix(25).map(\.code), fixture)
            let report = try #require(try await fixture.run(token: 2))
            #expect((report.outcome, report.verdict) == (.held, .complete))
            #expect(report.reason == "run_held_drop_guard")
            let hold = try #require(try await judged(fixture, 2).holds?.first)
            #expect((hold.kind, hold.count, hold.of) == (.dropGuard, 25, items.count))
            #expect(report.holds == [hold], "the report has the figures too, not only in words")
            #expect(try await fixture.shop().digest == before)
            keep(2, in: fixture)
            #expect(try await fixture.release(2, token: 3)?.outcome == .held)
            try await approve(fixture, 2)
            #expect(try await fixture.release(2, token: 4)?.outcome == .published)
            #expect(try await fixture.liveCount("products") == items.count - 25)
        }
    }

    @Test func `what was agreed to does not cover more, when the shop has changed before the release`() async throws {
        try await ImportFixture.with(items: 160) { fixture in
            let codes = try await sellable(fixture).map(\.code)
            #expect(try await fixture.run()?.outcome == .published)
            try await delete(codes.prefix(25), fixture)
            #expect(try await fixture.run(token: 2)?.outcome == .held)
            keep(2, in: fixture)
            try await approve(fixture, 2)
            // Thirty come in between, which the held set has not.
            for number in 1...30 {
                _ = try await fixture.sandbox.call(AddItem(system: "sap", code: "ZZ\(number)", name: "New"))
            }
            try await rule(fixture) { $0.dropGuard = nil }
            // Published by another importer: this one knows of it only what the shop lists.
            #expect(try await fixture.sibling().run(token: 3)?.outcome == .published)
            try await rule(fixture) { $0.dropGuard = DropGuard() }
            let before = try await fixture.shop().digest
            let report = try #require(try await fixture.release(2, token: 4))
            #expect((report.outcome, report.reason) == (.held, "run_held_drop_guard"))
            // The 25 are gone already; the thirty that have come are what releasing would remove now.
            let seen = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(4))).evidence
            #expect(seen.content?.removed == 30)
            #expect(try await fixture.shop().digest == before)
        }
    }

    @Test func `a price that changes beyond its limit is held and named`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await rule(fixture) { $0.controlTotals.priceChangePercent = ExactDecimal(500) }
            let code = try #require(try await sellable(fixture).last?.code)
            try await edit(code, price: "12.345", fixture)
            #expect(try await fixture.run()?.outcome == .published)
            try await edit(code, price: "61.725", fixture)
            #expect(try await fixture.run(token: 2)?.outcome == .published)
            try await edit(code, price: "617.25", fixture)
            let report = try #require(try await fixture.run(token: 3))
            #expect((report.outcome, report.reason) == (.held, "run_held_price_change"))
            let hold = try #require(try await judged(fixture, 3).holds?.first)
            #expect((hold.item, hold.priceList) == (code, "retail DKK"))
            #expect((hold.before, hold.after) == (ExactDecimal("61.725"), ExactDecimal("617.25")))
        }
    }

    @Test func `prices that are 0 and a stock that runs away are held`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let codes = try await sellable(fixture).map(\.code)
            #expect(try await fixture.run()?.outcome == .published)
            let already = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(1))).evidence.content
            let zeros = try #require(already?.zeroPrices)
            try await rule(fixture) { rules in
                rules.controlTotals.zeroPrices = zeros + 1
                rules.controlTotals.stockSumPercent = ExactDecimal(20)
            }
            for code in codes.prefix(2) { try await edit(code, price: "0", fixture) }
            try await edit(codes[2], stock: "100000000.5", fixture)
            #expect(try await fixture.run(token: 2)?.outcome == .held)
            let holds = try await judged(fixture, 2).holds ?? []
            #expect(holds.map(\.kind) == [.zeroPrices, .stockSum])
            #expect(holds.first?.count ?? 0 >= zeros + 2)
            #expect(holds.last?.before == already?.stockAfter)
        }
    }

    @Test func `must-have items that are not there, or cost nothing, hold an import`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let codes = try await sellable(fixture).map(\.code)
            try await edit(codes[4], price: "0", fixture)
            try await rule(fixture) { $0.mustHave = ["NOT-THERE", codes[4]] }
            let report = try #require(try await fixture.run())
            #expect((report.outcome, report.reason) == (.held, "run_held_must_have"))
            let hold = try #require(try await judged(fixture, 1).holds?.first)
            #expect((hold.missing, hold.unpriced) == (["NOT-THERE"], [codes[4]]))
            #expect(try await fixture.liveCount("products") ?? 0 == 0)
        }
    }

    @Test func `in shadow mode it is published, and the verdict says what it would have stopped`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await rule(fixture) { rules in
                rules.mustHave = ["NOT-THERE"]
                rules.shadowUntil = .example + .seconds(86_400)
            }
            #expect(try await fixture.run()?.outcome == .published)
            let stops = try await fixture.policies.call(ListShadowStops(connectionID: ImportFixture.connection)).stops
            #expect(stops.map(\.holds) == [[.mustHave]])
        }
    }
}
