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

    @Test func `a cancelled run says who stopped it and why, and that nothing reached the shop`() {
        var run = described(.cancelled) { _ in }
        run.cancel = RunDescription.Cancel(by: "operator anna", at: .example, reason: "Wrong company")
        #expect(lines(run, english).contains("by operator anna, \(Instant.example.local): Wrong company"))
        #expect(RunReportLines(run, english).ending()[0].contains("Nothing was uploaded"))
        #expect(RunReportLines(run, danish).ending()[0].contains("Intet blev lagt i webshoppen"))
    }

    @Test func `an import that shadow mode has let pass says what would have stopped it`() {
        let run = described(.published) {
            $0.inShadow = ShadowFinding(verdict: .incomplete, reason: "run_incomplete", holds: [])
            ($0.countBefore, $0.distinctKeys) = (50_000, 49_996)
        }
        for text in [lines(run, english), RunReportLines(run, english).ending().joined(separator: "\n")] {
            #expect(text.contains("would have been stopped, but the connection is in shadow mode"), "\(text)")
            #expect(text.contains("counted 50,000 items, but only 49,996 could be read"), "\(text)")
        }
    }

    @Test func `what a run leaves out is said when it ends, and in its figures`() {
        var run = described(.unchanged) { _ in }
        run.run.modules = [.products, .stock]
        run.modulesLeftOut = [.prices]
        #expect(lines(run, english).contains("products, stock (without prices)"))
        #expect(RunReportLines(run, english).ending().contains("Not in this run: prices."))
        #expect(RunReportLines(run, danish).ending().contains("Ikke med i denne kørsel: prices."))
    }

    @Test func `of a lost run nobody says that nothing was uploaded`() {
        let text = lines(described(.lost) { _ in }, english)
        #expect(text.contains("It is not certain whether"))
        #expect(!text.contains("Nothing was uploaded"))
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

    @Test func `shadow mode says until when, that it is over, and how many imports it let pass`() {
        var policy = MonitoringPolicy(connectionID: .example, on: true)
        func shown(_ seconds: Int) -> String {
            PolicyCommand.lines(policy, at: .example + .seconds(seconds)).first { $0.hasPrefix("Shadow mode") } ?? ""
        }
        #expect(shown(0).hasSuffix("off"))
        policy.rules.shadowUntil = .example
        policy.shadow = .example
        #expect(shown(-1).contains("until \(Instant.example.local); 3 imports would have been stopped so far"))
        let over = "OVER since \(Instant.example.local); 3 imports would have been stopped, see 'sluice"
        #expect(shown(0).contains(over))
        policy.shadow?.stops = 0
        #expect(shown(0).hasSuffix("0 imports would have been stopped"))
    }

    @Test func `what shadow mode let pass is listed with verdict, holds and figures`() {
        let stops = ListShadowStops.example.response.stops
        let lines = PolicyCommand.WouldHaveStopped.lines(stops, english)
        #expect(lines.count == 2)
        #expect(Self.cells(lines[1]).suffix(4) == ["–", "983", "1000", "\(RunID.example)"])
        #expect(PolicyCommand.WouldHaveStopped.lines([], english) == ["Nothing would have been stopped."])
    }

    @Test func `a preview without evidence still says why it is held, and what it would change`() {
        var run = described(.held) {
            $0.reason = "run_monitor_unavailable"
            $0.publication = [
                Publication(module: .prices, mode: "delta", created: 11, updated: 22, removed: 33)
            ]
        }
        run.held = HeldState(waitsUntil: .example)
        let lines = PreviewOfRun(run: run, evidence: nil).lines(english)
        #expect(lines.first?.contains("could not be checked") == true)
        #expect(lines.contains { Self.cells($0) == ["prices", "11", "22", "33"] }, "\(lines)")
    }

    private static func cells(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    private func preview(_ change: (inout ContentEvidence) -> Void) -> [String] {
        var answer = DescribeEvidence.example.response
        var content = ContentEvidence()
        change(&content)
        answer.evidence.content = content
        return PreviewOfRun(run: held(), evidence: answer).lines(english)
    }

    @Test func `a preview shows the largest change of each price list with item, from and to`() throws {
        func change(_ list: String, _ key: String, _ before: String, _ after: String) throws -> PriceChange {
            PriceChange(
                priceList: list, currency: "DKK", key: key, before: try #require(ExactDecimal(before)),
                after: try #require(ExactDecimal(after)))
        }
        let changes = [try change("retail", "A100", "61.725", "617.25"), try change("web", "B7", "50", "0.5")]
        let lines = preview { $0.priceChanges = changes }
        let heading = try #require(lines.firstIndex { $0.hasPrefix("LARGEST CHANGE OF PRICE") }, "\(lines)")
        #expect(Self.cells(lines[heading]).suffix(4) == ["CURRENCY", "ITEM", "FROM", "TO"])
        #expect(Self.cells(lines[heading + 1]) == ["retail", "DKK", "A100", "61.725", "617.25"])
        #expect(Self.cells(lines[heading + 2]) == ["web", "DKK", "B7", "50", "0.5"])
        #expect(!preview { $0.priceChanges = [] }.contains { $0.contains("LARGEST CHANGE") })
    }

    @Test func `a preview shows prices in another currency with item, from and to, and how many more`() throws {
        let change = CurrencyChange(
            priceList: "web", key: "A7", from: "EUR", to: "DKK", before: ExactDecimal(900), after: ExactDecimal(899))
        let lines = preview { $0.currencyChanges = CurrencyChanges(count: 412, first: [change]) }
        let heading = try #require(lines.firstIndex { $0.hasPrefix("IN ANOTHER CURRENCY") }, "\(lines)")
        #expect(Self.cells(lines[heading + 1]) == ["web", "A7", "900", "EUR", "899", "DKK"])
        #expect(lines[heading + 2] == "… and 411 more")
        #expect(!preview { $0.currencyChanges = CurrencyChanges() }.contains { $0.hasPrefix("IN ANOTHER") })
    }
}
