import CoreTypes
import MonitorAPI
import RPC
import SchedulerAPI
import Testing

@testable import SupportCommandLine

/// What a person reads of held, tolerated and outdated runs.
@Suite struct RunLinesTests {
    private let english = TextLookup(language: .english)
    private let danish = TextLookup(language: .danish)

    private func described(_ outcome: RunOutcome, _ change: (inout RunReport) -> Void) -> RunDescription {
        var run = RunDescription.example
        var report = RunReport(outcome: outcome, reason: "run_\(outcome.rawValue)")
        change(&report)
        run.report = report
        run.run.outcome = outcome
        return run
    }

    private func lines(_ run: RunDescription, _ texts: TextLookup) -> String {
        RunReportLines(run, texts).all().joined(separator: "\n")
    }

    private func held() -> RunDescription {
        var zero = Hold(.zeroPrices)
        zero.count = 7
        zero.limitCount = 2
        var run = described(.held) {
            $0.reason = "run_held_drop_guard"
            $0.holds = [.example, zero]
            $0.arguments = Hold.example.arguments
            $0.publication = [
                Publication(module: .products, mode: "delta", created: 1, updated: 2, removed: 412)
            ]
        }
        run.held = HeldState(waitsUntil: .example)
        return run
    }

    @Test func `a held run says all that holds it, that nothing was published, and how to decide`() {
        let run = held()
        let text = lines(run, english)
        for part in [
            "Held because", "412 of the shop's 1,000 items (41.2 %). The limit is 20 items and 10 %",
            "7 prices are 0. The limit is 2", "Nothing was published; the figures show what the import would change.",
            "WOULD REMOVE", "sluice run release \(run.run.runID) --reason", "sluice run refuse \(run.run.runID)",
        ] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(!text.contains("NOW LIVE"))
        #expect(lines(run, danish).contains("Intet er lagt i webshoppen; tallene viser, hvad importen ville ændre."))
    }

    @Test func `held again, it is released by the run that has the new figures`() {
        var run = held()
        let again = RunID(bytes: (7, 7))
        run.held?.heldAgainBy = again
        let text = lines(run, english)
        #expect(text.contains("sluice run release \(again) --reason"))
        #expect(!text.contains("sluice run release \(run.run.runID)"))
    }

    @Test(arguments: [
        (0, "No items are missing; up to 3 may be missing on this connection"),
        (1, "1 item is missing; up to 3 may be missing on this connection"),
        (4, "4 items are missing; only 3 may be missing on this connection"),
    ])
    func `a tolerance is said with both numbers`(lacking: Int, sentence: String) {
        let run = described(.published) { $0.tolerance = ToleranceUse(allowed: 3, lacking: lacking) }
        #expect(lines(run, english).contains(sentence))
    }

    @Test func `a changed field of the source is told once while a run is watched, and stands in its figures`() {
        let change = SourceFieldChange(field: "ItemName", change: .retyped, was: .text, now: .object, isMapped: true)
        var progress = RunProgress(phase: .counting)
        progress.sourceChanges = [change]
        let bar = ProgressBar(english)
        #expect(bar.newFields(progress) == ["!  " + english.sentence(change)])
        #expect(bar.newFields(progress).isEmpty)
        let ended = described(.published) { $0.sourceChanges = [change] }
        #expect(lines(ended, english).contains(english.sentence(change)))
    }

    @Test func `a shop older than promised is warned of, in both languages, and a fresh one is not`() throws {
        var connection = ConnectionSummary.example
        connection.asOf = .example
        connection.promisedUntil = .example + .seconds(3600)
        var settings = ConnectionSettings()
        settings.promisedMinutes = 60
        let answer = DescribeConnection.Response(
            connection: connection, settings: settings, settingsVersion: 2, settingsChangedBy: "operator anna",
            settingsChangedAt: .example)
        func shown(_ texts: TextLookup, after seconds: Int) throws -> String {
            try ConnectionCommand.Show.lines(answer, texts, at: .example + .seconds(seconds)).joined(separator: "\n")
        }
        #expect(try shown(english, after: 3601).contains("OLDER THAN PROMISED since"))
        #expect(try shown(danish, after: 3601).contains("ÆLDRE END LOVET siden"))
        let fresh = try shown(english, after: 3599)
        #expect(!fresh.contains("OLDER THAN PROMISED"))
        #expect(fresh.contains("never older than 60 minutes"))
    }

    @Test func `a preview without evidence still says why it is held`() {
        var run = described(.held) { $0.reason = "run_monitor_unavailable" }
        run.held = HeldState(waitsUntil: .example)
        let lines = PreviewOfRun(run: run, evidence: nil).lines(english)
        #expect(lines.first?.contains("could not be checked") == true)
    }
}
