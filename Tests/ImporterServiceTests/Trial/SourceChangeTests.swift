import CoreTypes
import JSON
import MonitorAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import Testing

@testable import Connectors
@testable import ImporterService

/// New, missing and retyped fields of the source are told, and one that is read never slips through.
@Suite struct SourceChangeTests {
    /// A source whose items are changed from the outside, from a moment on.
    private final class Edits: Sendable {
        private let edits = Mutex<[(from: String, to: String)]>([])

        func set(_ edits: [(from: String, to: String)]) { self.edits.withLock { $0 = edits } }

        func sender(_ configuration: ImporterConfiguration) -> PageMeddler {
            PageMeddler(configuration) { [self] _, bytes in
                for edit in edits.withLock({ $0 }) { bytes.replaceAll(edit.from, with: edit.to) }
            }
        }
    }

    private func with(
        _ body: @escaping @Sendable (ImportFixture, ImporterService, Edits) async throws -> Void
    ) async throws {
        try await ImportFixture.with(items: 40) { fixture in
            let edits = Edits()
            let importer = try await fixture.importer(sending: edits.sender(fixture.configuration))
            #expect(try await fixture.run(token: 1, with: importer)?.sourceChanges == nil)
            try await body(fixture, importer, edits)
        }
    }

    @Test func `a new, a missing and a retyped field are reported once, and then known`() async throws {
        try await with { fixture, importer, edits in
            edits.set([
                (#""ItemCode":"#, #""U_New":[1],"ItemCode":"#), (#""SalesItem":"tYES""#, #""SalesItem":1"#),
                (#""CreateDate":"#, #""CreatedOn":"#),
            ])
            let report = try #require(try await fixture.run(token: 2, with: importer))
            #expect(report.outcome == .unchanged)
            #expect(
                report.sourceChanges == [
                    SourceFieldChange(field: "CreateDate", change: .vanished, was: .text, now: nil, isMapped: false),
                    SourceFieldChange(field: "CreatedOn", change: .appeared, was: nil, now: .text, isMapped: false),
                    // The system writes the item's number on each of its warehouses too.
                    SourceFieldChange(
                        field: "ItemWarehouseInfoCollection.U_New", change: .appeared, was: nil, now: .list,
                        isMapped: false),
                    SourceFieldChange(field: "SalesItem", change: .retyped, was: .text, now: .number, isMapped: false),
                    SourceFieldChange(field: "U_New", change: .appeared, was: nil, now: .list, isMapped: false),
                ])
            #expect(try await fixture.run(token: 3, with: importer)?.sourceChanges == nil)
        }
    }

    @Test func `a field that is read and holds something else entirely stops the run, and is named each time`()
        async throws
    {
        try await with { fixture, importer, edits in
            let before = try await fixture.shop().datasets
            edits.set([(#""ItemName":"#, #""ItemName":{"en":"x"},"Was":"#)])
            for token in [Int64(2), 3] {
                let report = try #require(try await fixture.run(token: token, with: importer))
                #expect(!report.outcome.isSuccess)
                #expect(report.unreadable.first?.reason == "item_field_not_a_value")
                #expect(
                    report.sourceChanges?.first
                        == SourceFieldChange(
                            field: "ItemName", change: .retyped, was: .text, now: .object, isMapped: true))
            }
            #expect(try await fixture.shop().datasets == before)
            edits.set([])
            #expect(try await fixture.run(token: 4, with: importer)?.sourceChanges == nil)
        }
    }

    @Test func `a field that is read and written otherwise is reported first`() async throws {
        try await with { fixture, importer, edits in
            edits.set([
                (#""ItemCode":"#, #""A_New":1,"ItemCode":"#),
                (#""ItemsGroupCode":"#, #""ItemsGroupCode":"g","W":"#),
            ])
            let report = try #require(try await fixture.run(token: 2, with: importer))
            #expect(report.outcome == .published)
            #expect(
                report.sourceChanges?.map(\.field) == [
                    "ItemsGroupCode", "A_New", "ItemWarehouseInfoCollection.A_New", "W",
                ])
            #expect(report.sourceChanges?.first?.isMapped == true)
        }
    }

    @Test func `a field that is read and is no longer there ends the run with the source's own words`() async throws {
        try await with { fixture, importer, _ in
            let before = try await fixture.shop().datasets
            var settings = ConnectionSettings.small
            settings.mapping.products.attributes = ["colour": "U_Gone"]
            let report = try #require(try await fixture.run(token: 2, settings: settings, with: importer))
            #expect(report.outcome == .failed)
            #expect(report.arguments["detail"]?.contains("U_Gone") == true)
            #expect(try await fixture.shop().datasets == before)
        }
    }

    // MARK: In the rows of lists

    private static let currencyGone = [(#","Currency":"DKK""#, ""), (#","Currency":null"#, "")]

    @Test func `a field that is gone from the rows of a list is named, and that it is read`() async throws {
        try await with { fixture, importer, edits in
            edits.set(Self.currencyGone)
            let report = try #require(try await fixture.run(token: 2, with: importer))
            // The prices were in the company's own currency, so the shop has the same ones afterwards.
            #expect(report.outcome == .unchanged)
            #expect(
                report.sourceChanges == [
                    SourceFieldChange(
                        field: "ItemPrices.Currency", change: .vanished, was: .text, now: nil, isMapped: true)
                ])
            let verdict = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2))).verdict
            #expect(verdict.notes.contains("note_source_mapped_fields_changed"))
            #expect(try await fixture.run(token: 3, with: importer)?.sourceChanges == nil)
        }
    }

    @Test func `a field that is new in the rows of a list, and one that is written otherwise, are named`() async throws
    {
        try await with { fixture, importer, edits in
            edits.set([(#"{"PriceList":2,"#, #"{"PriceList":"2","U_New":true,"#)])
            let report = try #require(try await fixture.run(token: 2, with: importer))
            #expect(report.outcome == .unchanged)
            #expect(
                report.sourceChanges == [
                    SourceFieldChange(
                        field: "ItemPrices.PriceList", change: .retyped, was: .number, now: .text, isMapped: true),
                    SourceFieldChange(
                        field: "ItemPrices.U_New", change: .appeared, was: nil, now: .boolean, isMapped: false),
                ])
        }
    }

    @Test func `a currency that is lost is noted with its prices, and held where changes of prices have a limit`()
        async throws
    {
        try await with { fixture, importer, edits in
            edits.set([(#","Currency":"DKK""#, #","Currency":"EUR""#)])
            #expect(try await fixture.run(token: 2, with: importer)?.outcome == .published)
            let noted = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2)))
            #expect(noted.verdict.notes.contains("note_currency_changed"))
            let count = try #require(noted.evidence.content?.currencyChanges?.count)
            #expect(count > 0)
            var rules = PolicyRules()
            rules.controlTotals.priceChangePercent = ExactDecimal(100_000)
            _ = try await fixture.policies.call(
                SetPolicy(
                    connectionID: ImportFixture.connection, on: true, rules: rules, expectedVersion: nil, reason: "Test"
                ))
            let before = try await fixture.shop().digest
            edits.set(Self.currencyGone)
            let report = try #require(try await fixture.run(token: 3, with: importer))
            #expect((report.outcome, report.reason) == (.held, "run_held_currency_change"))
            #expect(report.sourceChanges?.map(\.field) == ["ItemPrices.Currency"])
            let hold = try #require(report.holds?.first)
            #expect((hold.count, hold.currencyBefore, hold.currencyAfter) == (count, "EUR", "DKK"))
            #expect(hold.before == hold.after)
            #expect(try await fixture.shop().digest == before)
        }
    }

    private func picture(_ json: String) throws -> SourcePicture {
        try #require(SourcePicture(of: JSON.decode(JSONValue.self, from: json)))
    }

    @Test func `the fields of all rows of a list count, whatever their order, and what stands in them does not`() throws
    {
        let one = try picture(#"{"A":1,"P":[{"x":1},{"x":"1","y":null},[1],{"y":{"z":1}}],"O":{"x":1},"@P":[{"x":1}]}"#)
        #expect(
            one.fields == ["A": .number, "P": .list, "P.x": .text, "P.y": .object, "O": .object])
        #expect(try picture(#"{"A":1,"P":[{"y":{}},{"x":"1"},{"x":1}],"O":{}}"#) == one)
    }

    @Test func `rows and fields beyond all reason are not kept`() throws {
        let wide = (0..<500).map { #""f\#($0)":1"# }.joined(separator: ",")
        let rows = (0..<500).map { #"{"r\#($0)":1}"# }.joined(separator: ",")
        let picture = try picture(#"{"W":[{\#(wide)}],"R":[\#(rows)]}"#)
        #expect(picture.fields.keys.count { $0.hasPrefix("W.") } == SourcePicture.rowFieldsMax)
        #expect(picture.fields.keys.count { $0.hasPrefix("R.") } == SourcePicture.rowsMax)
    }

    @Test func `a list without rows this time tells nothing, and what it had is kept`() throws {
        let before = try picture(#"{"P":[{"x":1,"y":1}]}"#)
        for empty in [#"{"P":[]}"#, #"{"P":null}"#, #"{"P":[{}]}"#] {
            let now = try picture(empty)
            #expect(now.changes(since: before, mapped: []) == [])
            #expect(now.keepingKinds(of: before).fields == before.fields)
        }
        let later = try picture(#"{"P":[{"x":1}]}"#)
        let kept = try picture(#"{"P":[]}"#).keepingKinds(of: before)
        #expect(later.changes(since: kept, mapped: ["P.y"]).map(\.reason) == ["source_mapped_field_vanished"])
        // The list itself is gone: that is said once, and not for each of its fields.
        let gone = try picture(#"{"A":1}"#)
        #expect(gone.changes(since: before, mapped: []).map(\.field) == ["A", "P"])
        #expect(gone.keepingKinds(of: before).fields == ["A": .number])
    }

    @Test func `after an update an older picture without the rows of lists is added to, and raises no alarm`() throws {
        let older = try JSON.decode(SourcePicture.self, from: #"["list P","text ItemCode"]"#)
        let now = try picture(#"{"ItemCode":"A","P":[{"Currency":"DKK"}]}"#)
        #expect(now.changes(since: older, mapped: ["P.Currency"]) == [])
        let kept = try JSON.decode(SourcePicture.self, from: JSON.encodeText(now.keepingKinds(of: older)))
        #expect(kept == now)
        let later = try picture(#"{"ItemCode":"A","P":[{"Price":1}]}"#)
        #expect(later.changes(since: kept, mapped: ["P.Currency"]).map(\.field) == ["P.Currency", "P.Price"])
    }

    @Test func `a field that is empty this time is neither gone nor another`() {
        let before = SourcePicture(fields: ["A": .text, "B": .empty])
        let after = SourcePicture(fields: ["A": .empty, "B": .number])
        #expect(after.changes(since: before, mapped: []) == [])
        #expect(after.keepingKinds(of: before).fields == ["A": .text, "B": .number])
        let later = SourcePicture(fields: ["A": .number, "B": .number])
        #expect(later.changes(since: after.keepingKinds(of: before), mapped: []).map(\.field) == ["A"])
    }

    @Test func `what has changed is named in the verdict, and while the run goes on, before anything is published`()
        async throws
    {
        try await with { fixture, importer, edits in
            edits.set([(#""ItemsGroupCode":"#, #""ItemsGroupCode":"g","W":"#)])
            let report = try #require(try await fixture.run(token: 2, with: importer))
            #expect(report.outcome == .published)
            let verdict = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2))).verdict
            #expect(verdict.notes.contains("note_source_mapped_fields_changed"))
            #expect(verdict.sourceChanges == report.sourceChanges)
            let told = fixture.scheduler.progress
            let first = try #require(told.firstIndex { $0.sourceChanges?.first?.field == "ItemsGroupCode" })
            // The scheduler is told of this step, and has answered, before the shop is asked.
            let published = try #require(told.lastIndex { $0.phase == .committing })
            #expect(first <= published)
        }
    }
}
