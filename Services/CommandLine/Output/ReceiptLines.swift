import CoreTypes
import MonitorAPI
import SchedulerAPI
import Texts

/// A receipt for people.
struct ReceiptLines {
    private let receipt: Receipt
    private let texts: TextLookup

    init(_ receipt: Receipt, _ texts: TextLookup) {
        self.receipt = receipt
        self.texts = texts
    }

    func all() -> [String] {
        run() + (receipt.reading.map(reading) ?? []) + (receipt.judgement.map(judged) ?? []) + publication()
    }

    private func judged(_ judgement: Receipt.JudgementFacts) -> [String] {
        self.judgement(judgement) + list("Checks made", judgement.checksMade)
            + list("Checks not made", judgement.checksNotMade) + list("Notes", judgement.notes)
    }

    private func run() -> [String] {
        let run = receipt.run
        var facts = Facts()
        facts.add("Receipt", "\(receipt.number) of \(run.connectionLabel), made \(receipt.madeAt.local)")
        facts.add("Run", "\(run.id)")
        facts.add("Merchant", run.merchantName)
        facts.add("Direction", "\(run.source) > \(run.target)")
        facts.add("Modules", run.modules.map(\.rawValue).joined(separator: ", "))
        facts.add("Started by", run.startedBy ?? texts.word(run.trigger))
        facts.add("Reason", run.startReason)
        if let task = run.task { facts.add(task.kind.label, "\(task.runID)") }
        facts.add("From", run.startedAt.local)
        facts.add("To", run.finishedAt.local)
        facts.add("Previous receipt", receipt.previous ?? "none, this is the first")
        return facts.lines()
    }

    private func reading(_ reading: Receipt.ReadingFacts) -> [String] {
        var facts = Facts()
        facts.add("Counted before", reading.countBefore.orDash)
        facts.add("Counted after", reading.countAfter.orDash)
        facts.add("Read", "\(reading.rows) on \(reading.pages) pages")
        facts.add("Distinct keys", "\(reading.distinctKeys)")
        facts.add(
            "Missing of the published set",
            reading.publishedBefore.map { "\(reading.missing) of \($0)" } ?? "not known")
        facts.add(
            "Second reading of keys",
            reading.sweep.map { "\($0.distinctKeys) keys, \($0.notReadBefore) new, \($0.goneSince) gone" })
        facts.add("After a lost run", reading.earlierRead.map(texts.sentence))
        facts.add("Prices in another currency", reading.content?.currencyChanges.flatMap(words))
        facts.add("Key set", reading.keySet)
        facts.add("Pages", reading.pagesRoot)
        return [""] + facts.lines()
    }

    /// With the first of them; nil for none.
    private func words(_ changes: CurrencyChanges) -> String? {
        guard changes.count > 0 else { return nil }
        let first = changes.first.first.map { change in
            let prices = "\(change.before) \(change.from) to \(change.after) \(change.to)"
            return ", as \(change.key) (\(change.priceList)) from \(prices)"
        }
        return "\(changes.count)\(first ?? "")".singleLine
    }

    private func judgement(_ judgement: Receipt.JudgementFacts) -> [String] {
        var facts = Facts()
        facts.add("Verdict", texts.word(judgement.verdict))
        facts.add("Tolerance", judgement.tolerance.map(texts.sentence))
        for hold in judgement.holds ?? [] { facts.add("Held", texts.guidance(hold.reason, arguments(hold))[0]) }
        facts.add("Would have been", judgement.shadow.map { texts.word($0.verdict) })
        facts.add("Released by", judgement.approval.map { "\($0.by), \($0.at.local): \($0.reason)" })
        let fields = (judgement.sourceChanges ?? []).map { "  " + texts.sentence($0).singleLine }
        return [""] + facts.lines() + (fields.isEmpty ? [] : ["", "Fields of the source"] + fields)
    }

    private func arguments(_ hold: Hold) -> [String: String] {
        hold.arguments.merging(["source": receipt.run.source]) { own, _ in own }
    }

    private func publication() -> [String] {
        let publication = receipt.publication
        var facts = Facts()
        facts.add("Outcome", Texts.word(.outcome, publication.outcome.rawValue, texts.language))
        for part in publication.datasets {
            facts.add(
                part.module.rawValue,
                "\(part.created) created, \(part.updated) updated, \(part.removed) removed, now \(part.version.orDash)")
        }
        if let pushed = publication.pushed {
            facts.add(
                "Rows, one by one",
                "\(pushed.applied) of \(pushed.planned) sent, \(pushed.reverted) taken back, "
                    + "\(pushed.live) at the shop")
        }
        if let differences = publication.differences, !differences.isEmpty {
            let modules = differences.map(\.module.rawValue).joined(separator: ", ")
            facts.add("Read back", "the shop showed something else: \(modules)")
        }
        return [""] + facts.lines()
    }

    private func list(_ title: String, _ keys: [String]) -> [String] {
        keys.isEmpty ? [] : ["", title] + keys.map { "  " + texts.title($0) }
    }
}

extension RunTask.Kind {
    fileprivate var label: String {
        switch self {
        case .release: "Publishes the set of"
        case .rollback: "Back to the set of"
        case .finish: "Finishes the rows of"
        }
    }
}
