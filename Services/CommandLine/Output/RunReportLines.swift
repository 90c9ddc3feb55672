import CoreTypes
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI

/// One run for people: what happened, what to do, then the figures.
struct RunReportLines {
    private let run: RunDescription
    private let texts: TextLookup

    init(_ run: RunDescription, _ texts: TextLookup) {
        self.run = run
        self.texts = texts
    }

    func all() -> [String] {
        guard let report = run.report else { return head() + progress() }
        return texts.guidance(report.reason, run.textArguments) + shadow(report) + [""] + head() + figures(report)
            + held(report) + sourceChanges(report.sourceChanges) + checks(report) + publication(report) + pushed(report)
            + readBack(report) + missing(report) + duplicates(report) + unreadable(report) + decide(report)
    }

    /// What happened and what to do, without the figures; of a run that was cancelled also what the shop has of it.
    func ending() -> [String] {
        guard let report = run.report else { return [texts.outcome(run.run)] }
        let guidance = texts.guidance(report.reason, run.textArguments)
        guard report.outcome == .cancelled, report.pushed == nil else { return guidance + leftOut() + shadow(report) }
        return [guidance[0] + " " + texts.title("nothing_uploaded")] + guidance.dropFirst()
    }

    private func leftOut() -> [String] {
        guard let modules = run.modulesLeftOut, !modules.isEmpty else { return [] }
        return [texts.title("run_left_out", ["modules": modules.map(\.rawValue).joined(separator: ", ")])]
    }

    /// What would have stopped an import that shadow mode has let pass.
    private func shadow(_ report: RunReport) -> [String] {
        guard let shadow = report.inShadow else { return [] }
        let reasons =
            shadow.holds.isEmpty
            ? [texts.title(shadow.reason, run.textArguments)] : texts.reasons(shadow.holds, of: run)
        return ["", texts.title("run_shadow_mode")] + reasons.map { "  " + $0.singleLine }
    }

    /// All that holds it, where that is more than the one sentence above.
    private func held(_ report: RunReport) -> [String] {
        guard let holds = report.holds, holds.count > 1 else { return [] }
        return ["", "Held because"] + texts.reasons(holds, of: run).map { "  " + $0.singleLine }
    }

    /// How to go on with what waits for a person.
    private func decide(_ report: RunReport) -> [String] {
        guard report.outcome == .held, let held = run.held, held.decision == nil else { return [] }
        return [""] + texts.guidance("held_release_how", ["run": "\(held.heldAgainBy ?? run.run.runID)"])
    }

    private func head() -> [String] {
        var facts = Facts()
        facts.add("Run", "\(run.run.runID)")
        facts.add("Connection", "\(run.merchantName): \(run.run.connectionLabel)")
        facts.add("Modules", modules)
        facts.add("Started by", run.run.startedBy ?? texts.word(run.run.trigger))
        facts.add("Because", run.run.startReason)
        facts.add("From", run.run.startedAt.local)
        facts.add("To", run.run.finishedAt.local)
        facts.add("Outcome", texts.outcome(run.run))
        facts.add("Verdict", run.report?.verdict.map(texts.word))
        facts.add("Task", task)
        facts.add("Cancelled", run.cancel.map { "by \($0.by), \($0.at.local): \($0.reason)" })
        facts.add("Decided", decision)
        facts.add("Trace", run.traceparent.traceID)
        return facts.lines()
    }

    private var modules: String {
        let names = run.run.modules.map(\.rawValue).joined(separator: ", ")
        guard let left = run.modulesLeftOut, !left.isEmpty else { return names }
        return names + " (without \(left.map(\.rawValue).joined(separator: ", ")))"
    }

    private var task: String? {
        switch run.run.task?.kind {
        case nil: nil
        case .release: "publishes held run \(run.run.task?.runID.rawValue ?? "")"
        case .finish: "finishes what run \(run.run.task?.runID.rawValue ?? "") left half published"
        case .rollback: "brings back the set of run \(run.run.task?.runID.rawValue ?? "")"
        }
    }

    private var decision: String? {
        guard let held = run.held else { return nil }
        guard let decision = held.decision else { return "waits until \(held.waitsUntil.local)" }
        return [decision.rawValue, held.decidedBy.map { "by \($0)" }, held.decidedAt.local, held.reason]
            .compactMap(\.self).joined(separator: ", ")
    }

    private func progress() -> [String] {
        guard let progress = run.progress else { return [] }
        var facts = Facts()
        facts.add("Now", texts.word(progress.phase))
        facts.add("Items", "\(progress.fetched) of \(progress.expected.orDash), page \(progress.page)")
        facts.add("Rows sent", progress.toPublish.map { "\(progress.sent) of \($0)" })
        facts.add("Items a minute", progress.itemsPerMinute.map { "\($0)" })
        facts.add("Time left", progress.secondsLeft.map { Duration.seconds($0).short })
        facts.add("Last activity", progress.lastActivityAt.local)
        facts.add("Stalled since", progress.stalledSince.map { $0.local })
        return [""] + facts.lines() + sourceChanges(progress.sourceChanges)
    }

    private func figures(_ report: RunReport) -> [String] {
        var facts = Facts()
        facts.add("Detail", report.arguments["detail"])
        addCounts(report, &facts)
        facts.add("Tolerance", report.tolerance.map(texts.sentence))
        facts.add("As of", report.asOf?.local)
        facts.add("Stopped while", report.arguments["phase"].flatMap(RunPhase.init).map(texts.word))
        facts.add("After a lost run", report.earlierRead.map(texts.sentence))
        facts.add("Went wrong at page", report.faultyPage.map { "\($0)" })
        return [""] + facts.lines()
    }

    /// Of a run that ended before its read was complete only what was asked, and how far it came.
    private func addCounts(_ report: RunReport, _ facts: inout Facts) {
        if report.isCutShort, report.countBefore == nil, report.pages == 0, report.read == 0 { return }
        facts.add("Counted before", report.countBefore.orDash)
        facts.add("Counted after", report.isRecountUnasked ? "not any more" : report.countAfter.orDash)
        let read = "\(report.read) on \(report.pages) pages"
        facts.add("Read", report.isCutShort ? read + ", then it stopped" : read)
        facts.add("Distinct keys", report.isCutShort ? nil : "\(report.distinctKeys)")
    }

    private func checks(_ report: RunReport) -> [String] {
        list("Checks made", report.checksMade) + list("Checks not made", report.checksNotMade)
    }

    private func sourceChanges(_ changes: [SourceFieldChange]?) -> [String] {
        guard let changes, !changes.isEmpty else { return [] }
        let more = changes.count > 20 ? ["  … and \(changes.count - 20) more"] : []
        return ["", "Fields of the source"] + changes.prefix(20).map { "  " + texts.sentence($0).singleLine } + more
    }

    private func list(_ title: String, _ checks: [String]) -> [String] {
        checks.isEmpty ? [] : ["", title] + checks.map { "  " + texts.title($0) }
    }

    private func publication(_ report: RunReport) -> [String] {
        if report.publication.isEmpty, let pushed = report.pushed, pushed.applied > 0 {
            let sentence = pushed.live > 0 ? "mail_upload_partial" : "mail_upload_put_back"
            return ["", texts.phrase(sentence, ["target": run.targetName])]
        }
        if report.outcome == .lost {
            return ["", texts.phrase("mail_upload_unknown", ["target": run.targetName])]
        }
        guard !report.publication.isEmpty else { return ["", texts.title("nothing_uploaded")] }
        if report.outcome == .held {
            return ["", texts.title("held_nothing_published")] + report.publication.wouldChange.lines()
        }
        var table = Table("module", "sent as", "created", "updated", "removed", "now live", "version")
        for part in report.publication {
            table.add(
                part.module.rawValue, part.mode, "\(part.created)", "\(part.updated)", "\(part.removed)",
                part.live.orDash, part.version.orDash)
        }
        return [""] + table.lines()
    }

    /// How far a shop that does not stage was changed, and what all-or-nothing means there.
    private func pushed(_ report: RunReport) -> [String] {
        guard let pushed = report.pushed else { return [] }
        var facts = Facts()
        facts.add("Rows applied", "\(pushed.applied) of \(pushed.planned)")
        facts.add("Rows put back", pushed.reverted > 0 ? "\(pushed.reverted) of \(pushed.applied)" : nil)
        facts.add("Refused row", pushed.refused.map(words))
        facts.add("Could not be put back", pushed.stoppedAt.map(words))
        return [""] + facts.lines() + texts.guidance("direct_shop_promise", ["target": run.targetName]).prefix(1)
    }

    private func words(_ row: PushedRow) -> String { "\(row.module.rawValue) \(row.key): \(row.detail)".singleLine }

    private func readBack(_ report: RunReport) -> [String] {
        (report.readBack ?? []).flatMap { part in
            var table = Table(part.module.rawValue, "at the shop")
            for key in part.missing { table.add(key, "missing") }
            for key in part.unexpected { table.add(key, "was not published") }
            let more = part.missingCount + part.unexpectedCount - part.missing.count - part.unexpected.count
            return [""] + table.lines() + (more > 0 ? ["… and \(more) more"] : [])
        }
    }

    private func missing(_ report: RunReport) -> [String] {
        guard report.missingCount > 0 else { return [] }
        var table = Table("missing item", "name")
        for item in report.missing.prefix(20) { table.add(item.key, item.name) }
        let more = report.missingCount - min(20, report.missing.count)
        return [""] + table.lines() + (more > 0 ? ["… and \(more) more"] : [])
    }

    private func duplicates(_ report: RunReport) -> [String] {
        guard !report.duplicates.isEmpty else { return [] }
        var table = Table("read twice", "on pages")
        for duplicate in report.duplicates.prefix(20) {
            table.add(duplicate.key, duplicate.pages.map(String.init).joined(separator: ", "))
        }
        return [""] + table.lines()
    }

    private func unreadable(_ report: RunReport) -> [String] {
        guard !report.unreadable.isEmpty else { return [] }
        var table = Table("unreadable item", "page", "why")
        for item in report.unreadable.prefix(20) {
            table.add(item.key ?? "no. \(item.position)", "\(item.page)", texts.title(item.reason))
        }
        return [""] + table.lines()
    }
}

extension [Publication] {
    /// What publishing a held set would do to the shop.
    var wouldChange: Table {
        var table = Table("module", "would create", "would update", "would remove")
        for part in self {
            table.add(part.module.rawValue, "\(part.created)", "\(part.updated)", "\(part.removed)")
        }
        return table
    }
}

/// The pages of a run, from the monitor, which keeps the evidence.
struct EvidenceLines {
    let lines: [String]

    init(of run: RunID, _ session: Session) async throws {
        let evidence = try await session.call(DescribeEvidence(runID: run)).evidence
        var table = Table("page", "rows", "first key", "last key", "hash")
        for page in evidence.pages {
            table.add("\(page.number)", "\(page.rows)", page.firstKey ?? "–", page.lastKey ?? "–", page.hash)
        }
        lines = [""] + table.lines()
    }
}
