import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SupportCommandLine

/// What a person reads of a shop where each row is live as soon as it is sent.
@Suite struct DirectShopLinesTests {
    private let texts = TextLookup(language: .english)
    private let promise = "All or nothing"

    private func run(_ outcome: RunOutcome, _ reason: String, _ pushed: PushedRows?) -> RunDescription {
        var run = RunDescription.example
        var report = RunReport(outcome: outcome, reason: reason)
        report.pushed = pushed
        report.arguments = ["planned": "500", "applied": "412", "stillLive": "412"]
        run.report = report
        run.run.outcome = outcome
        return run
    }

    private func lines(_ run: RunDescription) -> String { RunReportLines(run, texts).all().joined(separator: "\n") }

    @Test func `a lost run shows how many rows are live, and the promise`() {
        let text = lines(run(.lost, "run_lost_half_published", PushedRows(planned: 500, applied: 412)))
        for part in ["412 of 500", promise, "switched off", "A part of the import is in"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `rows that were put back are not said never to have been there`() {
        let text = lines(run(.cancelled, "run_cancelled", PushedRows(planned: 500, applied: 400, reverted: 400)))
        #expect(text.contains("have been put back"))
        #expect(!text.contains("Nothing was uploaded"))
    }

    @Test func `the run that finishes it says for which run it is there`() {
        var finish = run(.published, "run_push_finished", PushedRows(planned: 500, applied: 500))
        finish.run.task = RunTask(kind: .finish, runID: .example)
        let text = lines(finish)
        #expect(text.contains("finishes what run \(RunID.example) left half published"))
        #expect(text.contains("500 of 500"))
    }

    @Test func `the preview of a held run tells the promise where the shop does not stage, and nowhere else`() {
        let held = run(.held, "run_frozen", PushedRows(planned: 500, applied: 0))
        #expect(PreviewOfRun(run: held, evidence: nil).lines(texts).contains { $0.contains(promise) })
        let staged = run(.held, "run_frozen", nil)
        #expect(!PreviewOfRun(run: staged, evidence: nil).lines(texts).contains { $0.contains(promise) })
    }

    @Test(arguments: [(SystemKind.directWebshop, true), (.genericWebshop, false)])
    func `a connection is shown with the promise where its shop does not stage`(kind: SystemKind, told: Bool) throws {
        var answer = DescribeConnection.example.response
        answer.connection.target.kind = kind
        let lines = try ConnectionCommand.Show.lines(answer, texts, at: .example)
        #expect(lines.contains { $0.contains(promise) } == told)
    }
}
