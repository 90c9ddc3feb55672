import CoreTypes
import NotifierAPI
import RPC
import SchedulerAPI
import TestSupport
import Testing
import Texts

@testable import NotifierService

/// Mails of runs that ended before everything was read, or for what somebody had set up wrongly.
@Suite struct CutShortMailTests {
    private func text(
        _ language: Language, _ outcome: RunOutcome = .failed, _ reason: String = "run_failed_connection",
        _ change: (inout RunReport) -> Void
    ) -> String {
        let setting = MailSetting(zone: .utc, supportAddress: "support@sluice.dk")
        let event = RunFinished.ended(outcome, reason) {
            $0.report.failure = .connection
            change(&$0.report)
        }
        return RunMail(event: event, kind: .importFailed, incident: .example, setting: setting)
            .text(in: language, others: []).text
    }

    private func offline(_ report: inout RunReport) {
        report.countBefore = 50_000
        report.read = 14_500
        report.pages = 29
        report.faultyPage = 30
    }

    @Test func `a read that was cut short is told with how far it came, and nothing that was not asked`() {
        let danish = text(.danish) { offline(&$0) }
        for part in [
            "Antal varer i kilden før læsning: 50.000", "Antal varer i kilden efter læsning: nåede ikke at blive talt",
            "Rækker, der nåede at blive læst: 14.500 på 29 sider", "Det gik galt på side 30.",
        ] {
            #expect(danish.contains(part), "\(part): \(danish)")
        }
        #expect(!danish.contains("Forskellige varenumre") && !danish.contains("ikke oplyst"))
        #expect(!danish.contains("side 30 af"))
        let english = text(.english) { offline(&$0) }
        for part in [
            "Items in the source after reading: not counted any more",
            "Rows read before it stopped: 14,500 on 29 pages",
            "It went wrong on page 30.",
        ] {
            #expect(english.contains(part), "\(part): \(english)")
        }
        #expect(!english.contains("Different item numbers") && !english.contains("page 30 of"))
    }

    @Test func `one page is one page, and of a read from before there are figures as ever`() {
        let one = text(.english) {
            $0.countBefore = 100
            $0.read = 20
            $0.pages = 1
        }
        #expect(one.contains("20 on 1 page\n"))
        let whole = text(.english, .refused, "run_incomplete") {
            $0.failure = nil
            $0.verdict = .incomplete
            $0.countBefore = 100
            $0.read = 90
            $0.distinctKeys = 90
            $0.pages = 5
            $0.faultyPage = 5
        }
        for part in ["Rows read: 90", "Different item numbers: 90", "page 5 of 5", "after reading: not given"] {
            #expect(whole.contains(part), "\(part): \(whole)")
        }
    }

    @Test func `a run that was lost while it read is told the same way`() {
        let text = text(.danish, .lost, "run_lost") {
            $0.failure = nil
            $0.countBefore = 50_000
            $0.read = 14_500
            $0.pages = 29
        }
        #expect(text.contains("Rækker, der nåede at blive læst: 14.500 på 29 sider"))
        #expect(!text.contains("Forskellige varenumre"))
    }

    @Test(arguments: Language.allCases)
    func `an address that is not allowed sends nobody to the ERP's web services`(language: Language) {
        let text = text(language, .failed, "run_failed_private_address") {
            $0.arguments = ["address": "10.0.0.5", "system": "SAP"]
        }
        #expect(text.contains("10.0.0.5") && text.contains("IMPORTER_PRIVATE_ADDRESSES"))
        #expect(!text.contains("1. "))
        #expect(self.text(language) { _ in }.contains("1. "))
    }

    @Test func `a field that is spelt wrong is the mapping's, with the source's words, and support mends it`() {
        let text = text(.danish, .failed, "run_failed_mapping") {
            $0.failure = .settings
            $0.arguments = [
                "field": "BarCod", "detail": "Property 'BarCod' of 'Item' is invalid (-1000)", "system": "SAP",
            ]
        }
        for part in [
            "Oversættelsen henter feltet BarCod, men SAP har ikke noget felt, der hedder sådan.",
            "Teknisk: Property 'BarCod' of 'Item' is invalid (-1000)", "Det kan support hjælpe med.",
        ] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(!text.contains("1. ") && !text.contains("dem, der passer"))
    }
}
