import CoreTypes
import MonitorAPI
import Persistence
import RPC
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// A read that was cut off is gone on with when the source has not changed since.
@Suite struct ResumeTests {
    @Test func `only the rest is read, and the set is the one that is read in one go`() async throws {
        try await ImportFixture.cutOff(modules: Module.allCases) { fixture in
            let (report, pagesAsked) = try await fixture.replace()
            #expect(report.outcome == .published)
            // Three pages behind the ten that were committed, and the empty one.
            #expect(pagesAsked == 4)
            let earlier = try #require(report.earlierRead)
            #expect((earlier.use, earlier.pages, earlier.rows) == (.resumed, 10, 1_000))
            #expect(earlier.runID == fixture.runID(1))
            #expect(earlier.stoppedAt == .example)
            #expect((report.read, report.pages, report.distinctKeys) == (1_300, 13, 1_300))
            #expect((report.countBefore, report.countAfter) == (1_300, 1_300))

            let other = try fixture.sibling()
            #expect(try await other.run(token: 9, settings: Resuming.settings)?.verdict == .complete)
            let resumed = try await fixture.evidence(of: 2)
            let whole = try await fixture.evidence(of: 9)
            #expect(resumed.pages == whole.pages)
            #expect(resumed.pagesRoot == whole.pagesRoot)
            #expect(resumed.stagedDigest == whole.stagedDigest)
            #expect(resumed.datasets == whole.datasets)
            #expect(resumed.content?.stockAfter == whole.content?.stockAfter)
            #expect(resumed.earlierRead == earlier)
            #expect(whole.earlierRead == nil)
        }
    }

    @Test(arguments: ["importer.staging.sealed", "importer.session.recorded"])
    func `killed when all was read, nothing is read again`(point: String) async throws {
        try await ImportFixture.cutOff(at: point, passage: 1) { fixture in
            let (report, pagesAsked) = try await fixture.replace()
            #expect(report.outcome == .published)
            #expect((report.earlierRead?.use, report.earlierRead?.pages) == (.resumed, 13))
            // The empty page that tells the end is no page, so it was not kept.
            #expect(pagesAsked == 1)
            #expect(try await fixture.shop().openImports.isEmpty)
        }
    }

    @Test func `an edit since makes it read everything again`() async throws {
        try await ImportFixture.cutOff { fixture in
            try await fixture.edit()
            try await expectReadAgain(fixture, .sourceChanged)
        }
    }

    @Test func `an item deleted since, which no change token shows, makes it read everything again`() async throws {
        try await ImportFixture.cutOff { fixture in
            let code = try await fixture.oneSellableCode()
            _ = try await fixture.sandbox.call(DeleteItem(system: "sap", code: code))
            let (report, pagesAsked) = try await fixture.replace()
            #expect((report.earlierRead?.use, pagesAsked) == (.countDiffers, 14))
            #expect((report.outcome, report.read) == (.published, 1_299))
        }
    }

    /// Which differences count, say the rules in ``LeftReadRuleTests``.
    @Test func `other settings since make it read everything again`() async throws {
        try await ImportFixture.cutOff { fixture in
            let (report, pagesAsked) = try await fixture.replace { $0.settings.mapping.products.barcode = nil }
            #expect((report.earlierRead?.use, report.earlierRead?.pages) == (.settingsChanged, 0))
            #expect((report.outcome, pagesAsked) == (.published, 14))
        }
    }

    @Test func `a file that was damaged since is not used`() async throws {
        try await ImportFixture.cutOff { fixture in
            try fixture.damageStaging()
            try await expectReadAgain(fixture, .damaged)
        }
    }

    @Test func `a file that is gone is read again`() async throws {
        try await ImportFixture.cutOff { fixture in
            try FileRemoval.removeAll(in: fixture.folder.file("staging"))
            try await expectReadAgain(fixture, .notKept)
        }
    }

    @Test func `after another start of the machine nothing is trusted`() async throws {
        try await ImportFixture.cutOff { fixture in
            let database = try ImporterDatabase(.file(fixture.configuration.databasePath))
            #expect(try await database.findLeftReads(bootID: "another", at: .example).isEmpty)
            try await expectReadAgain(fixture, .notKept)
        }
    }

    @Test func `what stopped longer than a quarter of an hour ago is not used`() async throws {
        try await ImportFixture.cutOff { fixture in
            fixture.clock.advance(by: .seconds(15 * 60 + 1))
            try await expectReadAgain(fixture, .tooOld)
        }
    }

    @Test func `another importer reads everything itself`() async throws {
        try await ImportFixture.cutOff { fixture in
            let other = try fixture.sibling()
            try await expectReadAgain(other, .notKept)
        }
    }

    @Test func `a claim in between, wherever it was carried out, ends it`() async throws {
        try await ImportFixture.cutOff { fixture in
            let (report, pagesAsked) = try await fixture.replace(token: 3)
            #expect((report.earlierRead?.use, pagesAsked) == (.notKept, 14))
        }
    }

    @Test func `a run of another time begins anew and says nothing of it`() async throws {
        try await ImportFixture.cutOff { fixture in
            let (report, pagesAsked) = try await fixture.replace(trigger: .schedule)
            #expect(report.earlierRead == nil)
            #expect(pagesAsked == 14)
            #expect(report.outcome == .published)
        }
    }

    @Test func `pages by offset are not entered in the middle`() async throws {
        try await ImportFixture.cutOff(settings: .paged(.offset, size: 100)) { fixture in
            _ = try await fixture.importer()
            #expect(try fixture.stagingFiles().isEmpty)
            let (report, _) = try await fixture.replace()
            #expect((report.outcome, report.earlierRead?.use) == (.published, .notReentrant))
        }
    }

    /// The change token is to the second, and of the last edit alone: what it hides the checks of the whole find.
    @Test func `a source that changes meanwhile and keeps its token is caught as ever, and read again`() async throws {
        try await ImportFixture.cutOff { fixture in
            try await fixture.misbehave(.deleteWhileReading) { ($0.page, $0.count, $0.times) = (2, 4, 1) }
            let (report, pagesAsked) = try await fixture.replace()
            // Four to the end of the resumed read, whose counts differ, then all.
            #expect(pagesAsked == 4 + 14)
            #expect((report.outcome, report.read) == (.published, 1_296))
            #expect((report.earlierRead?.use, report.earlierRead?.pages) == (.sourceChanged, 0))
            let evidence = try await fixture.evidence(of: 2)
            #expect(evidence.attempt == 2)
            #expect(evidence.pages.map(\.rows).reduce(0, +) == 1_296)
        }
    }

    @Test func `an item edited behind the token's back is found by the sweep of the whole`() async throws {
        try await ImportFixture.cutOff { fixture in
            try await fixture.misbehave(.moveItemsWhileReading) { ($0.page, $0.count, $0.times) = (2, 5, 1) }
            let (report, _) = try await fixture.replace()
            #expect(report.earlierRead?.use == .resumed)
            #expect(report.outcome == .published)
            #expect(report.checksMade.contains("check_second_sweep"))
            #expect(try await fixture.evidence(of: 2).sweep?.rowsRead == 1_300)
        }
    }

    /// Reads all fourteen pages, and publishes.
    private func expectReadAgain(_ fixture: ImportFixture, _ use: EarlierRead.Use) async throws {
        let (report, pagesAsked) = try await fixture.replace()
        #expect((report.earlierRead?.use, report.earlierRead?.pages) == (use, 0))
        #expect(pagesAsked == 14)
        #expect((report.outcome, report.read, report.pages) == (.published, 1_300, 13))
    }
}
