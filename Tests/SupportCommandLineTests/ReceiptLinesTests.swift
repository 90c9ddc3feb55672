import CoreTypes
import MonitorAPI
import SchedulerAPI
import Testing

@testable import SupportCommandLine

/// What a person reads of a receipt.
@Suite struct ReceiptLinesTests {
    private func event(_ report: RunReport, task: RunTask? = nil) -> RunFinished {
        RunFinished(
            runID: .example, merchantID: .example, merchantName: "Nordlys Cykler", connectionID: .example,
            connectionLabel: "SAP > shop", sourceName: "SAP", targetName: "shop", modules: [.prices], trigger: .manual,
            startedBy: "anna", startReason: "The new prices lack VAT", startedAt: .example, finishedAt: .example,
            lastPublishedAt: nil, nextRunAt: nil, report: report, traceparent: .example, task: task, fencingToken: 7)
    }

    private func lines(_ receipt: Receipt) -> String {
        ReceiptLines(receipt, TextLookup(language: .english)).all().joined(separator: "\n")
    }

    @Test func `a rollback's receipt names the set that came back, who wanted it, and why`() {
        var report = RunReport(outcome: .published, reason: "run_rolled_back")
        report.publication = [
            Publication(module: .prices, mode: "rollback", created: 0, updated: 0, removed: 0, live: 40, version: "v3")
        ]
        let task = RunTask(kind: .rollback, runID: .example)
        let text = lines(
            Receipt(number: 4, previous: "00", of: event(report, task: task), monitorVersion: "1", at: .example))
        for part in ["Back to the set of", "\(RunID.example)", "anna", "The new prices lack VAT", "v3"] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("Counted before"))
        #expect(!text.contains("Verdict"))
    }

    @Test func `a receipt says how many prices are in another currency, and that the reader should know`() {
        var evidence = ImportEvidence.example
        evidence.content = ContentEvidence()
        evidence.content?.currencyChanges = ContentEvidence.example.currencyChanges
        var verdict = VerdictBody.example
        verdict.notes = ["note_currency_changed"]
        let receipt = Receipt(
            number: 1, previous: nil, of: event(RunReport(outcome: .published, reason: "run_published")),
            evidence: evidence, evidenceDigest: "00", verdict: verdict, monitorVersion: "1", at: .example)
        let text = lines(receipt)
        #expect(text.contains("1, as A2 (web) from 900 EUR to 900 DKK"), "\(text)")
        #expect(text.contains("Prices are in another currency than the shop had them in before."))
    }

    @Test func `the receipt of a push left half done says how many rows are at the shop`() {
        var report = RunReport(outcome: .failed, reason: "run_push_unfinished")
        report.pushed = PushedRows(planned: 500, applied: 400, reverted: 100)
        let receipt = Receipt(
            number: 1, previous: nil, of: event(report), evidence: .example, evidenceDigest: "00", verdict: .example,
            monitorVersion: "1", at: .example)
        #expect(lines(receipt).contains("400 of 500 sent, 100 taken back, 300 at the shop"))
    }

    @Test func `the set that the shop shows otherwise than it was published is marked as such`() {
        var current = PublishedSetSummary.example
        current.differs = true
        let table = ConnectionCommand.Sets.table([current]).lines().joined(separator: "\n")
        #expect(table.contains("current, not as it was published"))
    }
}
