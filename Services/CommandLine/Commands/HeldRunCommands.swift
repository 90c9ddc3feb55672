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
            abstract: "Show what a held run would change at the shop, and what holds it.",
            discussion: "Of a run that was to be published and was held again: the figures of then, which are larger.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String

        func perform(_ session: Session) async throws {
            let preview = try await PreviewOfRun.newest(of: try session.run(run), session)
            try preview.show(session.output, session.texts)
        }
    }

    struct Release: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish a held run after all; agrees to exactly the figures 'run preview' shows of this run.",
            discussion: """
                By the time it is published the shop may have changed. A run that would do more than was agreed to is held \
                again: then its figures are shown, and it is released by the id of the run that has them.
                """)
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String
        @Option(help: "Why; kept with the release and in the receipt.") var reason: String
        @Flag(help: "Do not wait for the end.") var noWait = false

        func perform(_ session: Session) async throws {
            let id = try session.run(run)
            let preview = try await PreviewOfRun.newest(of: id, session)
            if !session.options.json { for line in preview.lines(session.texts) + [""] { print(line) } }
            // Nobody agrees to figures by naming the run that had smaller ones.
            guard preview.id == id else {
                throw ServiceError(
                    .failedPrecondition, reason: "held_again", arguments: ["run": "\(id)", "again": "\(preview.id)"],
                    references: ["again": "\(preview.id)"])
            }
            // What cannot be released now nobody shall have agreed to; the scheduler says why it cannot.
            if try await waits(preview, session) { try await agree(to: preview, session) }
            let release = try await session.call(ReleaseRun(runID: id, reason: reason))
            if noWait {
                try session.output.show(release) { ["\(release.runID)"] }
            } else {
                try await RunCommand.watch(release.runID, session)
            }
        }

        private func waits(_ preview: PreviewOfRun, _ session: Session) async throws -> Bool {
            guard let held = preview.run.held, held.decision == nil else { return false }
            let connection = DescribeConnection(connectionID: preview.run.run.connectionID)
            return try await session.call(connection).connection.freeze == nil
        }

        private func agree(to preview: PreviewOfRun, _ session: Session) async throws {
            guard !preview.holds.isEmpty else { return }
            let approval = try await session.call(
                ApproveImport(runID: preview.id, holds: preview.holds, reason: reason)
            ).approval
            let words = ["by": approval.by, "until": approval.expiresAt.local, "reason": approval.reason]
            session.output.hint(session.texts.title("held_figures_agreed", words))
            session.output.hint("")
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
    /// nil for a run the monitor was never asked about.
    let evidence: DescribeEvidence.Response?

    /// The run that has the figures to agree to: the one asked for, or the last that was to publish its set and was held
    /// again for more than that one shows.
    static func newest(of id: RunID, _ session: Session) async throws -> PreviewOfRun {
        let own = try await PreviewOfRun(try await session.call(DescribeRun(runID: id)).run, session)
        guard let again = own.run.held?.heldAgainBy, again != id else { return own }
        let newest = try await PreviewOfRun(try await session.call(DescribeRun(runID: again)).run, session)
        return own.covers(newest) ? own : newest
    }

    /// Whether whoever agrees to this has agreed to the other too.
    private func covers(_ other: PreviewOfRun) -> Bool {
        other.holds.allSatisfy { hold in holds.contains { $0.covers(hold) } }
    }

    private init(_ run: RunDescription, _ session: Session) async throws {
        self.run = run
        do {
            evidence = try await session.call(DescribeEvidence(runID: run.run.runID))
        } catch let error as ServiceError {
            guard error.reason == "evidence_not_found", run.report?.outcome == .held else { throw error }
            evidence = nil
        }
    }

    init(run: RunDescription, evidence: DescribeEvidence.Response?) {
        self.run = run
        self.evidence = evidence
    }

    var id: RunID { run.run.runID }
    var holds: [Hold] { evidence?.verdict.holds ?? [] }

    func show(_ output: Output, _ texts: TextLookup) throws {
        let lines = lines(texts) + decide(texts)
        if let evidence { try output.show(evidence) { lines } } else { try output.show(run) { lines } }
    }

    func lines(_ texts: TextLookup) -> [String] {
        reasons(texts) + sourceChanges(texts) + changes() + content() + prices() + currencies() + missing()
            + promise(texts)
    }

    /// What all or nothing means, for a shop that does not stage.
    private func promise(_ texts: TextLookup) -> [String] {
        guard run.report?.pushed != nil else { return [] }
        return [""] + texts.guidance("direct_shop_promise", ["target": run.targetName])
    }

    private func reasons(_ texts: TextLookup) -> [String] {
        guard let report = run.report else { return [] }
        let tolerance = report.tolerance.flatMap { $0.lacking > 0 ? [texts.sentence($0)] : nil } ?? []
        if holds.isEmpty { return [texts.title(report.reason, run.textArguments)] + tolerance + [""] }
        return texts.reasons(holds, of: run) + tolerance + [""]
    }

    private func sourceChanges(_ texts: TextLookup) -> [String] {
        guard let changes = run.report?.sourceChanges, !changes.isEmpty else { return [] }
        return changes.prefix(20).map { texts.sentence($0).singleLine } + [""]
    }

    private func decide(_ texts: TextLookup) -> [String] {
        guard let held = run.held, held.decision == nil else { return [] }
        return [""] + texts.guidance("held_release_how", ["run": "\(id)"])
    }

    private func changes() -> [String] {
        guard let publication = run.report?.publication, !publication.isEmpty else { return [] }
        return publication.wouldChange.lines() + [""]
    }

    private func content() -> [String] {
        guard let content = evidence?.evidence.content else { return [] }
        var facts = Facts()
        facts.add("Items compared", content.compared.map(String.init))
        facts.add("Removed", content.removed.map(String.init))
        facts.add("Out of stock now", content.emptied.map(String.init))
        facts.add("Without price now", content.unpriced.map(String.init))
        facts.add("Prices that are 0", content.zeroPrices.map(String.init))
        facts.add("In another currency", content.currencyChanges.map { "\($0.count)" })
        if let before = content.stockBefore, let after = content.stockAfter {
            facts.add("Sum of stock", "\(before) to \(after)")
        }
        return facts.lines() + [""]
    }

    private func prices() -> [String] {
        guard let changes = evidence?.evidence.content?.priceChanges, !changes.isEmpty else { return [] }
        var table = Table("largest change of price", "currency", "item", "from", "to")
        for change in changes {
            table.add(change.priceList, change.currency, change.key, "\(change.before)", "\(change.after)")
        }
        return table.lines() + [""]
    }

    private func currencies() -> [String] {
        guard let changes = evidence?.evidence.content?.currencyChanges, changes.count > 0 else { return [] }
        var table = Table("in another currency", "item", "from", "to")
        for change in changes.first {
            table.add(
                change.priceList, change.key, "\(change.before) \(change.from)", "\(change.after) \(change.to)")
        }
        let more = changes.count - changes.first.count
        return table.lines() + (more > 0 ? ["… and \(more) more"] : []) + [""]
    }

    private func missing() -> [String] {
        guard let report = run.report, report.missingCount > 0 else { return [] }
        var table = Table("would be removed", "name")
        for item in report.missing.prefix(20) { table.add(item.key, item.name) }
        let more = report.missingCount - min(20, report.missing.count)
        return table.lines() + (more > 0 ? ["… and \(more) more"] : [])
    }
}
