import CoreTypes
import ImporterAPI
import RPC
import SchedulerAPI
import Testing

@testable import SupportCommandLine

/// What a person reads of runs, probes and trials that failed.
@Suite struct FailureLinesTests {
    private let english = TextLookup(language: .english)
    private let danish = TextLookup(language: .danish)

    private func lines(_ outcome: RunOutcome, _ reason: String, _ change: (inout RunReport) -> Void) -> String {
        var run = RunDescription.example
        var report = RunReport(outcome: outcome, reason: reason)
        change(&report)
        run.report = report
        run.run.outcome = outcome
        return RunReportLines(run, english).all().joined(separator: "\n")
    }

    private static func value(_ fact: String, in text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(fact + "  ") }
        return line.map { String($0.dropFirst(fact.count).drop { $0 == " " }) }
    }

    @Test(arguments: [RunOutcome.failed, .cancelled, .lost])
    func `a run that ended while it read says how far it came, and nothing that was not asked`(outcome: RunOutcome) {
        let text = lines(outcome, "run_failed_connection") {
            $0.countBefore = 50_000
            $0.read = 14_500
            $0.pages = 29
            $0.faultyPage = 30
        }
        #expect(Self.value("Counted before", in: text) == "50000")
        #expect(Self.value("Counted after", in: text) == "not any more")
        #expect(Self.value("Read", in: text) == "14500 on 29 pages, then it stopped")
        #expect(Self.value("Distinct keys", in: text) == nil)
        #expect(Self.value("Went wrong at page", in: text) == "30")
    }

    @Test func `of a run that came to no reading there are no figures, of a whole one all`() {
        let early = lines(.failed, "run_failed_login") { $0.failure = .login }
        for fact in ["Counted before", "Counted after", "Read", "Distinct keys"] {
            #expect(Self.value(fact, in: early) == nil, "\(fact)")
        }
        let whole = lines(.refused, "run_incomplete") {
            $0.verdict = .incomplete
            $0.read = 0
        }
        #expect(Self.value("Counted after", in: whole) == "–")
        #expect(Self.value("Read", in: whole) == "0 on 0 pages")
        #expect(Self.value("Distinct keys", in: whole) == "0")
    }

    @Test func `what the source said stands there for support, on one line`() {
        let text = lines(.failed, "run_failed_answer") {
            $0.failure = .answer
            $0.arguments = ["detail": "Internal\nerror \u{1B}[31m(-1)", "system": "SAP"]
        }
        #expect(Self.value("Detail", in: text)?.hasPrefix("Internal") == true)
        #expect(!text.contains("\u{1B}"))
        #expect(Self.value("Detail", in: lines(.published, "run_published") { _ in }) == nil)
    }

    @Test func `a mapping that asks for what is not there names the field, in a run, a probe and a trial`() {
        let text = lines(.failed, "run_failed_mapping") {
            $0.failure = .settings
            $0.arguments = [
                "field": "BarCod", "system": "Demo ERP", "detail": "Property 'BarCod' of 'Item' is invalid",
            ]
        }
        #expect(text.hasPrefix("The mapping asks for the field BarCod, but Demo ERP has no field of that name."))
        let step = ProbeStep(
            name: "read Items", durationMs: 1, failure: .settings, detail: "Property 'BarCod' of 'Item' is invalid",
            reason: "run_failed_mapping", arguments: ["field": "BarCod"])
        #expect(english.guidance(step, of: "Demo ERP")[0] == text.split(separator: "\n")[0])
        #expect(danish.guidance(step, of: "Demo ERP")[0].hasPrefix("Oversættelsen henter feltet BarCod"))
    }

    @Test func `a trial of a filter the source does not take quotes filter and answer`() {
        let step = ProbeStep(
            name: "try Items", durationMs: 1, failure: .settings, detail: "Property 'Valdi' is invalid (201)",
            reason: "run_failed_filter", arguments: ["filter": "Valdi eq 'tYES'"])
        let lines = TrialLines(
            TryMapping.Response(steps: [step]), english, source: "Demo ERP", isWhole: false
        ).all
        #expect(lines[0].contains("Valdi eq 'tYES'") && lines[0].contains("Property 'Valdi' is invalid (201)"))
        #expect(!lines.joined().contains("cannot be read"))
    }

    @Test func `a step without a reason of its own is told by its class`() {
        let step = ProbeStep(name: "login", durationMs: 1, failure: .version, detail: nil)
        let lines = english.guidance(step, of: "Demo ERP")
        #expect(lines[0].contains("at the address Sluice knows"))
        #expect(lines[1].contains("port and path"))
    }
}
