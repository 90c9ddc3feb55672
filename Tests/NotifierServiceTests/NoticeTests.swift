import CoreTypes
import NotifierAPI
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import NotifierService

extension RunFinished {
    /// 998 of 1,000 items came, and three may be missing.
    static func tolerated(_ outcome: RunOutcome = .published, number: UInt64, lacking: Int = 2) -> RunFinished {
        .ended(outcome, "run_\(outcome.rawValue)", number: number) {
            $0.report.verdict = .complete
            $0.report.countBefore = 1000
            $0.report.countAfter = 1000
            $0.report.read = 1000 - lacking
            $0.report.distinctKeys = 1000 - lacking
            $0.report.tolerance = ToleranceUse(allowed: 3, lacking: lacking)
            if outcome == .published {
                $0.report.publication = [
                    Publication(module: .products, mode: "delta", created: 0, updated: 0, removed: lacking)
                ]
            }
        }
    }

}

extension ConnectionNotice {
    /// A run that stands still.
    static func stalled(number: UInt64, phase: RunPhase = .extracting, _ change: (inout RunFinished) -> Void = { _ in })
        -> ConnectionNotice
    {
        ConnectionNotice(
            kind: .runStalled,
            run: .ended(.failed, "run_stalled", number: number) {
                $0.report.arguments = ["phase": phase.rawValue, "since": "\(Instant.example)"]
                $0.report.read = 300
                $0.report.countBefore = 1000
                change(&$0)
            })
    }

    static func outdated(number: UInt64) -> ConnectionNotice {
        ConnectionNotice(
            kind: .setOutdated,
            run: .ended(.failed, "set_outdated", number: number) {
                $0.report.asOf = .example
                $0.report.arguments = ["asOf": "\(Instant.example)", "promised": "60"]
            })
    }
}

@Suite struct ToleranceMailTests {
    @Test func `an import that made use of its tolerance is mailed once with both numbers, until all items come again`()
        async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.tolerated(number: 1))
        #expect(notifier.transport.sent.count == 2)
        let mail = try #require(notifier.transport.sent.first { $0.address == "cy@cykler.dk" })
        #expect(mail.subject == "Nordlys Cykler: import SAP > shop is in the shop, but 2 items are missing")
        for part in [
            "The import lacks 2 items of 1,000; up to 3 may be missing on this connection",
            "Items that are missing: 2. Up to 3 may be missing on this connection.",
            "The import was published to Webshop.", "set the tolerance to 0",
        ] {
            #expect(mail.text.contains(part), "\(part): \(mail.text)")
        }
        let danish = try #require(notifier.transport.sent.first { $0.address == "bo@cykler.dk" }).text
        #expect(danish.contains("Varer, der mangler: 2. Op til 3 må mangle på forbindelsen."))
        try await notifier.tell(.tolerated(.unchanged, number: 2))
        try await notifier.pass(after: .seconds(3 * 86_400))
        #expect(notifier.transport.sent.count == 2, "what is allowed is nobody reminded of")
        #expect(try await notifier.openIncidents().map(\.runCount) == [2])

        try await notifier.tell(.published(number: 3))
        #expect(notifier.transport.sent.count == 4)
        #expect(try await notifier.openIncidents().isEmpty)
        try await notifier.tell(.tolerated(number: 4))
        #expect(notifier.transport.sent.count == 6)
    }

    @Test func `a tolerance that was not needed is no news`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.tolerated(number: 1, lacking: 0))
        #expect(notifier.transport.sent.isEmpty)
    }

    @Test func `a recovery says what is still missing, and what is tolerated stays open`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(.incomplete())
        try await notifier.tell(.tolerated(number: 2))
        let mails = notifier.transport.sent
        #expect(mails.count == 3)
        let recovery = try #require(mails.first { $0.subject.contains("well again") }).text
        #expect(recovery.contains("2 items are missing; up to 3 may be missing on this connection."))
        #expect(!recovery.contains("The shop now has what the source has."))
        #expect(try await notifier.openIncidents().map(\.kind) == [.importTolerated])
    }

    @Test func `a refused import says how many may be missing and how many were`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        var event = RunFinished.incomplete(missing: 4)
        event.report.tolerance = ToleranceUse(allowed: 3, lacking: 4)
        try await notifier.tell(event)
        let text = try #require(notifier.transport.sent.first).text
        #expect(text.contains("Items that are missing: 4. Only 3 may be missing on this connection."))
    }
}

@Suite struct ShadowMailTests {
    private func ended(_ number: UInt64, stops: Int = 3, until: Instant = .example) -> RunFinished {
        .ended(.refused, "run_incomplete", number: number) {
            $0.report.verdict = .incomplete
            $0.report.shadowEnded = ShadowPeriod(since: .example - .seconds(7 * 86_400), until: until, stops: stops)
        }
    }

    private func told(_ notifier: NotifierFixture) -> [Letter] {
        notifier.transport.sent.filter { $0.subject.contains("shadow mode") || $0.subject.contains("prøvetiden") }
    }

    @Test func `the end of shadow mode is one mail to the list and to support, whoever tells of it again`() async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(ended(1))
        let mails = told(notifier)
        #expect(mails.map(\.address).sorted() == ["bo@cykler.dk", "cy@cykler.dk", NotifierFixture.support])
        let mail = try #require(mails.first { $0.address == "cy@cykler.dk" })
        #expect(mail.subject == "Nordlys Cykler: shadow mode of import SAP > shop is over")
        for part in [
            "3 imports would have been stopped", "sluice policy would-have-stopped \(ConnectionID.example)",
            "From now on an import that the checks cannot vouch for is stopped", NotifierFixture.support,
        ] {
            #expect(mail.text.contains(part), "\(part): \(mail.text)")
        }
        let danish = try #require(mails.first { $0.address == "bo@cykler.dk" }).text
        #expect(danish.contains("ville 3 importer være blevet stoppet"), "\(danish)")
        try await notifier.tell(ended(2))
        try await notifier.pass(after: .seconds(3 * 86_400))
        #expect(told(notifier).count == 3)
        #expect(try await notifier.openIncidents().map(\.kind) == [.importRefused])
        try await notifier.tell(ended(3, until: .example + .seconds(60)))
        #expect(told(notifier).count == 6)
        #expect(try await notifier.messages().contains { $0.purpose == .notice })
    }

    @Test func `when nothing would have been stopped there is nothing to do, and the success is no news`() async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        var event = RunFinished.published(number: 1)
        event.report.shadowEnded = ended(1, stops: 0).report.shadowEnded
        try await notifier.tell(event)
        #expect(notifier.transport.sent.count == 2)
        let text = try #require(told(notifier).first).text
        #expect(text.contains("no import would have been stopped"))
        #expect(text.contains("There is nothing you need to do."))
        #expect(!text.contains("would-have-stopped"))
    }
}

@Suite struct StalledMailTests {
    @Test func `a standstill is one mail to the list and to support, and the success one recovery`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        for _ in 1...4 { try await notifier.tell(.stalled(number: 1)) }
        #expect(
            notifier.transport.sent.map(\.address).sorted() == ["cy@cykler.dk", NotifierFixture.support])
        let mail = try #require(notifier.transport.sent.first)
        #expect(mail.subject == "Nordlys Cykler: import SAP > shop has come to a standstill")
        for part in [
            "nothing has moved since", "Nothing was uploaded. Webshop still shows what it received",
            "See whether SAP answers", "sluice run cancel",
        ] {
            #expect(mail.text.contains(part), "\(part): \(mail.text)")
        }
        try await notifier.pass(after: .seconds(2 * 86_400))
        #expect(notifier.transport.sent.count == 2)
        try await notifier.tell(.published(number: 1))
        #expect(notifier.transport.sent.count == 4)
        #expect(notifier.transport.sent.suffix(2).allSatisfy { $0.subject.hasSuffix("is well again") })
        #expect(notifier.transport.sent.last?.text.contains("nothing has moved since") == true)
    }

    @Test func `cancelled by a person, the standstill is over and nobody is told`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(.stalled(number: 1))
        try await notifier.tell(.ended(.cancelled, "run_cancelled", number: 2))
        #expect(try await notifier.openIncidents().map(\.kind) == [.importStalled], "that was another run")
        try await notifier.tell(.ended(.cancelled, "run_cancelled", number: 1))
        #expect(try await notifier.openIncidents().isEmpty)
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `where rows are live as they are sent, or the shop is being asked, nobody is told that it has nothing`()
        async throws
    {
        let direct = try NotifierFixture()
        try await direct.tell(
            .stalled(number: 1, phase: .publishing) { $0.report.pushed = PushedRows(planned: 9, applied: 4) })
        #expect(direct.transport.sent.first?.text.contains("A part of the import is in Webshop already.") == true)
        let committing = try NotifierFixture()
        try await committing.tell(.stalled(number: 1, phase: .committing))
        let text = try #require(committing.transport.sent.first).text
        #expect(text.contains("It is not certain yet whether Webshop has received the import."))
        #expect(!text.contains("Nothing was uploaded"))
    }
}

@Suite struct OutdatedMailTests {
    @Test func `a shop older than promised is mailed once, with its time, and the success closes it`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(.outdated(number: 1))
        try await notifier.tell(.outdated(number: 1))
        #expect(notifier.transport.sent.count == 1)
        let mail = try #require(notifier.transport.sent.first)
        #expect(mail.subject == "Nordlys Cykler: the shop is older than promised (SAP > shop)")
        #expect(mail.text.contains("older than the 60 minutes that were promised"))
        #expect(mail.text.contains("Webshop shows the source as it was on"))
        #expect(!mail.text.contains("It happened in the import"))
        try await notifier.tell(.published(number: 2))
        #expect(notifier.transport.sent.count == 2)
        #expect(try await notifier.openIncidents().isEmpty)
    }
}

@Suite struct HeldMailTests {
    private func held(_ change: (inout RunFinished) -> Void = { _ in }) -> RunFinished {
        .ended(.held, "run_held_drop_guard") {
            var price = Hold(.priceChange)
            price.item = "LAMP-7"
            price.priceList = "retail DKK"
            price.before = ExactDecimal(100)
            price.after = ExactDecimal(900)
            price.percent = ExactDecimal(800)
            price.limitPercent = ExactDecimal(50)
            $0.report.verdict = .complete
            $0.report.holds = [.example, price]
            $0.report.arguments = Hold.example.arguments
            $0.report.publication = [
                Publication(module: .products, mode: "delta", created: 0, updated: 0, removed: 412)
            ]
            change(&$0)
        }
    }

    @Test func `a held import says all that holds it, that nothing was uploaded, and how support sees more`()
        async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        let event = held()
        try await notifier.tell(event)
        let text = try #require(notifier.transport.sent.first).text
        for part in [
            "412 of the shop's 1,000 items", "It is also held for this:",
            "* The import is complete, but the price of LAMP-7 (retail DKK) goes from 100 to 900",
            "Nothing was uploaded. Webshop still shows", "sluice run preview \(event.runID)",
        ] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(!text.contains("was sent to Webshop"))
    }

    @Test func `fields of the source that are otherwise are named`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(
            held {
                $0.report.sourceChanges = [
                    SourceFieldChange(field: "ItemName", change: .retyped, was: .text, now: .object, isMapped: true)
                ]
            })
        let text = try #require(notifier.transport.sent.first).text
        #expect(text.contains("FIELDS OF THE SOURCE THAT ARE OTHERWISE THAN BEFORE"))
        #expect(text.contains("The field ItemName, which the shop gets, is now"))
    }
}
