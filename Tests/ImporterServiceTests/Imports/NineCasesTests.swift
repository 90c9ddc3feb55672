import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// The nine ways in which a read goes wrong, through real HTTPS, a real monitor and a real shop: each with the verdict
/// that is wanted, and the shop byte for byte as before.
@Suite struct NineCasesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var fault: Fault
        var verdict: Verdict
        var outcome = RunOutcome.refused
        /// By key another verdict is wanted where the case needs an order that changes.
        var paging = Reading.Paging.allCases
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "a: an item already read is edited and moves to the end",
            fault: Fault(.moveItemsWhileReading, count: 1, page: 3), verdict: .changedWhileReading, paging: [.offset]),
        Case(
            name: "b: an item already read is deleted",
            fault: Fault(.deleteWhileReading, count: 1, page: 3), verdict: .changedWhileReading),
        Case(
            name: "c: an item is inserted in a part already read",
            fault: Fault(.insertWhileReading, count: 1, page: 3), verdict: .changedWhileReading),
        Case(
            name: "d: one deleted and one inserted in a part already read",
            fault: Fault(.insertAndDeleteWhileReading, count: 1, page: 3), verdict: .changedWhileReading),
        Case(
            name: "e: the first page looks like the last",
            fault: Fault(.hideNextPages, count: 20), verdict: .incomplete, paging: [.offset]),
        Case(name: "f: the source answers 0 items", fault: Fault(.emptyAnswer), verdict: .emptySource),
        Case(
            name: "g: the source holds two rows with one key",
            fault: Fault(.duplicateRows, count: 3), verdict: .sourceHasDuplicates),
        Case(name: "i: no count to be had", fault: Fault(.noCount), verdict: .unverifiable, outcome: .held),
        Case(name: "17 items are lost", fault: Fault(.loseItems, count: 17), verdict: .incomplete),
        Case(
            name: "a page lacks its last rows",
            fault: Fault(.truncatePage, count: 2, page: 4), verdict: .incomplete, paging: [.offset]),
        Case(name: "an item cannot be read", fault: Fault(.unreadableItems, count: 1), verdict: .incomplete),
    ]

    @Test(arguments: cases.flatMap { wrong in wrong.paging.map { (wrong, $0) } })
    func `each way of going wrong has its verdict and leaves the shop alone`(
        wrong: Case, paging: Reading.Paging
    ) async throws {
        try await ImportFixture.with { fixture in
            #expect(try await fixture.run(settings: .paged(paging))?.outcome == .published)
            let before = try await fixture.shop()
            _ = try await fixture.sandbox.call(Misbehave(system: "sap", fault: wrong.fault))
            let report = try #require(try await fixture.run(token: 2, settings: .paged(paging)))
            #expect(report.verdict == wrong.verdict)
            #expect(report.outcome == wrong.outcome)
            let after = try await fixture.shop()
            #expect(after.digest == before.digest)
            #expect(after.datasets == before.datasets)
            #expect(after.openImports.isEmpty)
            #expect(try fixture.stagingFiles().isEmpty == (wrong.outcome == .refused))
        }
    }

    /// Cases a and e, and the page that lacks its last rows: by key all three are read whole, and published.
    @Test(arguments: cases.filter { !$0.paging.contains(.keyset) })
    func `by key what goes wrong with an order or a link does not`(wrong: Case) async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.sandbox.call(Misbehave(system: "sap", fault: wrong.fault))
            let report = try #require(try await fixture.run(settings: .paged(.keyset)))
            #expect(report.outcome == .published)
            #expect(report.verdict == .complete)
            #expect(report.distinctKeys == 300)
        }
    }

    @Test func `h: a count over another filter than the items is not comparable`() async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            var claim = try fixture.claim(token: 2)
            claim.source = try fixture.source(options: ["countFilter": "SalesItem eq 'tYES'"])
            let other = claim
            fixture.scheduler.change { $0.due.append(other) }
            _ = try await fixture.importer().claims.pass()
            #expect(fixture.scheduler.lastReport?.verdict == .notComparable)
            #expect(fixture.scheduler.lastReport?.outcome == .refused)
            #expect(try await fixture.shop().digest == before.digest)
        }
    }

    @Test func `a source that is quiet again publishes the same as an undisturbed run`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.loseItems) { $0.count = 17 }
            #expect(try await fixture.run()?.outcome == .refused)
            try await fixture.repair()
            #expect(try await fixture.run(token: 2)?.outcome == .published)
            let repaired = try await fixture.shop().digest
            try await ImportFixture.with { undisturbed in
                _ = try await undisturbed.run()
                #expect(try await undisturbed.shop().digest == repaired)
            }
        }
    }

    @Test func `one change while reading is read again and published`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.moveItemsWhileReading) { fault in
                (fault.count, fault.page, fault.times) = (1, 3, 1)
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .published)
        }
    }

    @Test func `missing items are named`() async throws {
        try await ImportFixture.with { fixture in
            _ = try await fixture.run()
            try await fixture.misbehave(.loseItems) { $0.count = 17 }
            let lost = try await fixture.sandbox.call(ListItems(system: "sap", limit: 500, lostOnly: true)).items
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.missingCount == 17)
            #expect(Set(report.missing.map(\.key)) == Set(lost.map(\.code)))
            #expect(Set(report.missing.map(\.name)) == Set(lost.map(\.name)))
        }
    }
}
