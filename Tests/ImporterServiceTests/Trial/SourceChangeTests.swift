import CoreTypes
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
            #expect(report.sourceChanges?.map(\.field) == ["ItemsGroupCode", "A_New", "W"])
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
