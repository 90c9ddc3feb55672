import ArgumentParser
import CoreTypes
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI

/// What a person decides about a run that was held.
extension RunCommand {
    struct Preview: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a held run would change at the shop, and what holds it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String

        func perform(_ session: Session) async throws {
            let preview = try await PreviewOfRun(try session.run(run), session)
            try session.output.show(preview.evidence) { preview.lines(session.texts) }
        }
    }

    struct Release: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish a held run after all; agrees to exactly the figures 'run preview' shows.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String
        @Option(help: "Why; kept with the release and in the receipt.") var reason: String
        @Flag(help: "Do not wait for the end.") var noWait = false

        func perform(_ session: Session) async throws {
            let id = try session.run(run)
            let preview = try await PreviewOfRun(id, session)
            if !session.options.json { for line in preview.lines(session.texts) + [""] { print(line) } }
            let holds = preview.holds
            if !holds.isEmpty {
                _ = try await session.call(ApproveImport(runID: id, holds: holds, reason: reason))
            }
            let release = try await session.call(ReleaseRun(runID: id, reason: reason))
            if noWait {
                try session.output.show(release) { ["\(release.runID)"] }
            } else {
                try await RunCommand.watch(release.runID, session)
            }
        }
    }

    struct Refuse: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Throw away what a held run has fetched; the shop stays as it is.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String
        @Option(help: "Why; kept with the run.") var reason: String

        func perform(_ session: Session) async throws {
            let response = try await session.call(RefuseRun(runID: try session.run(run), reason: reason))
            try session.output.show(response) { ["Refused. What was fetched is thrown away; the shop stays as it is."] }
        }
    }
}

/// A held run before it is decided: the scheduler's report and the monitor's evidence, side by side.
struct PreviewOfRun {
    let run: RunDescription
    let evidence: DescribeEvidence.Response

    init(_ id: RunID, _ session: Session) async throws {
        run = try await session.call(DescribeRun(runID: id)).run
        evidence = try await session.call(DescribeEvidence(runID: id))
    }

    var holds: [Hold] { evidence.verdict.holds ?? [] }

    func lines(_ texts: TextLookup) -> [String] {
        reasons(texts) + changes() + content() + prices() + missing()
    }

    private func reasons(_ texts: TextLookup) -> [String] {
        guard let report = run.report else { return [] }
        let arguments = report.textArguments(
            connection: run.run.connectionLabel, source: run.sourceName, target: run.targetName)
        let all =
            holds.isEmpty
            ? [(report.reason, arguments)]
            : holds.map { hold in
                (hold.reason, arguments.merging(hold.arguments) { _, own in own })
            }
        return all.map { reason, arguments in texts.guidance(reason, arguments)[0] } + [""]
    }

    private func changes() -> [String] {
        guard let publication = run.report?.publication, !publication.isEmpty else { return [] }
        var table = Table("module", "would create", "would update", "would remove", "then live")
        for part in publication {
            table.add(
                part.module.rawValue, "\(part.created)", "\(part.updated)", "\(part.removed)", part.live.orDash)
        }
        return table.lines() + [""]
    }

    private func content() -> [String] {
        guard let content = evidence.evidence.content else { return [] }
        var facts = Facts()
        facts.add("Items compared", content.compared.map(String.init))
        facts.add("Removed", content.removed.map(String.init))
        facts.add("Out of stock now", content.emptied.map(String.init))
        facts.add("Without price now", content.unpriced.map(String.init))
        facts.add("Prices that are 0", content.zeroPrices.map(String.init))
        if let before = content.stockBefore, let after = content.stockAfter {
            facts.add("Sum of stock", "\(before) to \(after)")
        }
        return facts.lines() + [""]
    }

    private func prices() -> [String] {
        guard let changes = evidence.evidence.content?.priceChanges, !changes.isEmpty else { return [] }
        var table = Table("largest change of price", "currency", "item", "from", "to")
        for change in changes {
            table.add(change.priceList, change.currency, change.key, "\(change.before)", "\(change.after)")
        }
        return table.lines() + [""]
    }

    private func missing() -> [String] {
        guard let report = run.report, report.missingCount > 0 else { return [] }
        var table = Table("would be removed", "name")
        for item in report.missing.prefix(20) { table.add(item.key, item.name) }
        let more = report.missingCount - min(20, report.missing.count)
        return table.lines() + (more > 0 ? ["… and \(more) more"] : [])
    }
}
