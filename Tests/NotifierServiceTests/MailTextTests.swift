import CoreTypes
import NotifierAPI
import RPC
import SchedulerAPI
import TestSupport
import Testing
import Texts

@testable import NotifierService

@Suite struct MailTextTests {
    private let setting = MailSetting(
        zone: LocalZone("Europe/Copenhagen") ?? .utc, supportAddress: "support@sluice.dk")

    private func mail(
        _ event: RunFinished, _ kind: NoticeKind = .importRefused, _ language: Language = .danish,
        others: [String] = ["cy@cykler.dk"]
    ) -> MailText {
        RunMail(event: event, kind: kind, incident: .example, setting: setting).text(in: language, others: others)
    }

    @Test func `an incomplete import is told in Danish with counts, missing items, what to do and whom to ask`() {
        let mail = mail(.incomplete())
        #expect(mail.subject == "Nordlys Cykler: importen SAP > shop er afvist, intet er lagt i webshoppen")
        for part in [
            "SAP oplyste 50.000 varer, men kun 49.983 kunne hentes.",
            "Intet er lagt i webshoppen. Webshop viser stadig det, den fik 2. marts 2026 kl. 06.00 (UTC+1).",
            "Antal varer i kilden før læsning: 50.000", "Antal varer i kilden efter læsning: 50.000",
            "Læste rækker: 49.983", "Forskellige varenumre: 49.983", "Det gik galt på side 31 af 100.",
            "VARER, DER MANGLER (17)", "A17  Cykelhjelm, grøn nr. 17", "1. Se, om andre kan logge på SAP lige nu.",
            "support@sluice.dk", "Denne mail er også sendt til: cy@cykler.dk",
            "Kørsel: \(RunID(bytes: (1, 1)))", "Sporingsnummer: 4bf92f3577b34da6a3ce929d0e0e4736",
            "Den næste import er planlagt til 2. marts 2026 kl. 09.00 (UTC+1).",
        ] {
            #expect(mail.text.contains(part), "\(part)")
        }
        #expect(!mail.text.contains("HELE LISTEN"))
    }

    @Test func `the same mail in English`() {
        let mail = mail(.incomplete(), .importRefused, .english)
        #expect(mail.subject == "Nordlys Cykler: import SAP > shop refused, nothing was uploaded")
        for part in [
            "SAP counted 50,000 items, but only 49,983 could be read.", "Nothing was uploaded.",
            "MISSING ITEMS (17)", "A1  Cykelhjelm, grøn nr. 1", "If in doubt, write to support@sluice.dk.",
            "This mail also went to: cy@cykler.dk",
        ] {
            #expect(mail.text.contains(part), "\(part)")
        }
    }

    @Test func `of many missing items twenty are named, and the known ones go along as a file`() throws {
        let mail = mail(.incomplete(missing: 1500), .importRefused, .english)
        #expect(mail.text.contains("A20  "))
        #expect(!mail.text.contains("A21  "))
        #expect(mail.text.contains("… and 1,480 more."))
        #expect(mail.text.contains("The list is attached as missing-items.csv."))
        #expect(mail.text.contains("The list holds the first 1,000 of 1,500."))
        let file = try #require(mail.missingItems)
        #expect(file.hasPrefix("\u{FEFF}code;name\r\n\"A1\";"))
        let lines = file.split(whereSeparator: \.isNewline)
        #expect(lines.count == 1002)
        #expect(lines.last == ";\"… The list holds the first 1,000 of 1,500.\"")
    }

    @Test func `what the source no longer counts is told from what was not read`() {
        var event = RunFinished.incomplete(missing: 5)
        (event.report.countBefore, event.report.distinctKeys) = (100, 98)
        #expect(mail(event, .importRefused, .english).text.contains("At least 3 of them SAP does not count any more"))
        event.report.distinctKeys = 95
        #expect(!mail(event, .importRefused, .english).text.contains("does not count any more"))
    }

    @Test func `an item that a spreadsheet would take for a formula, or for two cells, stays one text`() throws {
        var event = RunFinished.incomplete(missing: 1)
        event.report.missing = [MissingItem(key: "=1+1", name: "Rør \"stor\"; 2\n\"x\"")]
        let file = try #require(mail(event, .importRefused, .danish).missingItems)
        #expect(file == "\u{FEFF}code;name\r\n\"'=1+1\";\"Rør \"\"stor\"\"; 2 \"\"x\"\"\"\r\n")
    }

    @Test func `duplicates are listed with their pages`() {
        let event = RunFinished.ended(.refused, "run_source_has_duplicates") {
            $0.report.verdict = .sourceHasDuplicates
            $0.report.duplicates = [
                DuplicateKey(key: "A42", pages: [3, 9]), DuplicateKey(key: "A43", pages: [4, 4]),
            ]
        }
        let text = mail(event, .importRefused, .english).text
        #expect(text.contains("A42, pages 3, 9"))
        #expect(text.contains("A43, page 4, 4"))
        #expect(text.contains("2 item numbers are there more than once"))
    }

    @Test func `items that cannot be read are named with place, cause and remedy`() {
        let event = RunFinished.ended(.refused, "run_incomplete") {
            $0.report.verdict = .incomplete
            $0.report.unreadable = [
                UnreadableItem(page: 2, position: 7, key: nil, reason: "item_price_not_a_number")
            ]
        }
        let text = mail(event, .importRefused, .english).text
        #expect(text.contains("Page 2, position 7: without item number. The item's price is not a number."))
        #expect(text.contains("Correct the price in the source."))
    }

    @Test func `an import that could not be judged says which checks were not made`() {
        let event = RunFinished.ended(.held, "run_unverifiable") {
            $0.report.verdict = .unverifiable
            $0.report.checksNotMade = ["check_count_before"]
        }
        let text = mail(event, .importHeld, .english).text
        #expect(text.contains("CHECKS THAT WERE NOT MADE"))
        #expect(text.contains("The source counted its items before reading."))
        #expect(text.contains("Items in the source before reading: not given"))
    }

    @Test func `a source that cannot be reached brings the step list, a refused password does not`() {
        let down = RunFinished.ended(.failed, "run_failed_connection") { $0.report.failure = .connection }
        #expect(mail(down, .importFailed).text.contains("5. Er du stadig i tvivl"))
        let said = RunFinished.ended(.failed, "run_failed_login") {
            $0.report.arguments["detail"] = "Login failed (-304)"
        }
        #expect(mail(said, .importFailed).text.contains("Teknisk: Login failed (-304)"))
        let shop = RunFinished.ended(.failed, "run_failed_connection") {
            $0.report.failure = .connection
            $0.report.arguments["system"] = "Webshop"
        }
        #expect(!mail(shop, .importFailed).text.contains("5. Er du"))
        #expect(mail(shop, .importFailed).text.contains("Der kunne ikke skabes forbindelse til Webshop"))
        let login = RunFinished.ended(.failed, "run_failed_login") { $0.report.failure = .login }
        let text = mail(login, .importFailed).text
        #expect(!text.contains("5. Er du"))
        #expect(text.contains("SAP afviste brugernavn eller adgangskode."))
        #expect(!text.contains("TALLENE"))
    }

    @Test func `what the mail says of the shop is true for every ending`() {
        let never = RunFinished.ended(.refused, "run_incomplete") { $0.lastPublishedAt = nil }
        #expect(mail(never, .importRefused, .english).text.contains("has not yet received an import"))
        let lost = RunFinished.ended(.lost, "run_lost")
        #expect(mail(lost, .importLost, .english).text.contains("It is not certain whether Webshop received"))
        let after = RunFinished.ended(.failed, "run_failed_shop") {
            $0.report.failure = .shop
            $0.report.publication = [Publication(module: .stock, mode: "full", created: 1, updated: 0, removed: 0)]
        }
        let text = mail(after, .importFailed, .english).text
        #expect(text.contains("was sent to Webshop"))
        #expect(!text.contains("Nothing was uploaded."))
    }

    @Test func `a run started by hand says by whom and why, and a lone reader knows it`() {
        let event = RunFinished.ended(.failed, "run_failed_timeout") {
            $0.startedBy = "operator anna"
            $0.startReason = "Asked by phone"
        }
        let text = mail(event, .importFailed, .english, others: []).text
        #expect(text.contains("by hand by operator anna: Asked by phone"))
        #expect(text.contains("This mail went only to you."))
    }

    @Test func `names that other systems made up cannot forge lines of the mail`() {
        let event = RunFinished.ended(.refused, "run_incomplete") {
            $0.merchantName = "Evil\r\nBcc: x@y.dk"
            $0.report.missing = [MissingItem(key: "A1", name: "x\n\nALL IS WELL")]
            $0.report.missingCount = 1
        }
        let mail = mail(event)
        #expect(!mail.subject.contains { $0.isNewline })
        #expect(!mail.text.contains("\nALL IS WELL"))
    }

    @Test(arguments: Language.allCases)
    func `no mail has a place left to fill, for any outcome and reason`(language: Language) {
        let reasons = Texts.keys.filter { $0.hasPrefix("run_") }
        for reason in reasons {
            for (kind, outcome) in [
                (NoticeKind.importRefused, RunOutcome.refused), (.importHeld, .held), (.importFailed, .failed),
                (.importLost, .lost), (.connectionParked, .lost),
            ] {
                let event = RunFinished.ended(outcome, reason) {
                    $0.report.verdict = .incomplete
                    $0.report.countBefore = 10
                    $0.report.countAfter = 10
                }
                let mail = mail(event, kind, language)
                #expect(!mail.text.contains { "{}".contains($0) }, "\(reason)")
                #expect(!mail.text.contains("mail_"), "\(reason)")
                #expect(!mail.subject.contains("mail_"), "\(reason)")
            }
        }
    }

    @Test func `each recipient gets the mail in their own language, and the recovery tells what is over`() async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        try await notifier.tell(.published(number: 2))
        let sent = Dictionary(grouping: notifier.transport.sent, by: \.address)
        let danish = try #require(sent["bo@cykler.dk"])
        let english = try #require(sent["cy@cykler.dk"])
        #expect(danish[0].subject.contains("afvist"))
        #expect(english[0].subject.contains("refused"))
        #expect(danish[1].subject == "Nordlys Cykler: importen SAP > shop er i orden igen")
        #expect(english[1].text.contains("The shop now has what the source has."))
        #expect(english[1].text.contains("SAP counted 50,000 items"))
        #expect(english[1].text.contains("prices: 3 created, 1,200 updated, 0 removed"))
    }
}
