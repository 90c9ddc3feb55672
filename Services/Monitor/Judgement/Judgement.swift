public import MonitorAPI
public import SchedulerAPI

/// What the figures of one read amount to. Pure: the same evidence under the same policy gives the same judgement.
///
/// First it is found whether the read is complete (``Judgement/finding(in:_:)``, in the order of its rules), then whether
/// what is complete stays within the connection's limits (``Limits``). `DESIGN.md` says why, case by case.
public struct Judgement: Sendable, Equatable {
    /// How often a run reads a source that was changed while it was read, before it gives up.
    public static let readingsMax = 2

    public var verdict: Verdict
    /// Catalogue key of what was found.
    public var reason: String
    /// Why a person has to agree; empty for what publishes by itself and for what is refused.
    public var holds: [Hold] = []
    public var checksMade: [String]
    public var checksNotMade: [String]
    /// At which page reading went wrong; nil when it did not or cannot be said.
    public var faultyPage: Int?
    public var notes: [String] = []
    /// Set when the connection tolerates missing items, for a read that is complete or lacks items.
    public var tolerance: ToleranceUse?
    /// What shadow mode let pass.
    public var shadow: ShadowFinding?

    public init(of evidence: ImportEvidence, under policy: JudgingPolicy) {
        let unacceptable = Self.neverAcceptable(evidence)
        verdict = unacceptable ?? Self.finding(in: evidence, policy)
        reason = Self.reason(of: verdict, evidence)
        let made = Check.allCases.compactMap { check in check.wasMade(on: evidence, under: policy).map { (check, $0) } }
        checksMade = made.filter(\.1).map(\.0.rawValue)
        checksNotMade = made.filter { !$0.1 }.map(\.0.rawValue)
        faultyPage = verdict.publishesByItself ? nil : FaultyPage.of(evidence, verdict: verdict)
        noteSourceChanges(evidence)
        if evidence.content?.currencyChanges?.count ?? 0 > 0 { notes.append("note_currency_changed") }
        if policy.isMonitored { applyLimits(evidence, policy) }
        if policy.isMonitored, policy.isShadow {
            letPass(evidence, unlessUnacceptable: unacceptable)
        }
    }

    /// Where every item came, and some cannot be read, that is what has to be mended.
    private static func reason(of verdict: Verdict, _ evidence: ImportEvidence) -> String {
        guard verdict == .incomplete, evidence.unreadableCount > 0 else { return verdict.reason }
        let lacking = (evidence.countBefore ?? evidence.rowsRead) - evidence.rowsRead
        return lacking <= 0 ? "run_unreadable_items" : verdict.reason
    }

    /// They stop nothing by themselves, but whoever reads the verdict should know.
    private mutating func noteSourceChanges(_ evidence: ImportEvidence) {
        guard let changes = evidence.sourceChanges, !changes.isEmpty else { return }
        notes.append(
            changes.contains(where: \.isMapped) ? "note_source_mapped_fields_changed" : "note_source_fields_changed")
    }

    /// What is complete may still do more to the shop than the connection permits.
    private mutating func applyLimits(_ evidence: ImportEvidence, _ policy: JudgingPolicy) {
        if verdict == .incomplete { tolerance = ToleranceUse(evidence, policy.rules) }
        guard verdict == .complete || verdict == .unverifiable else { return }
        if verdict == .complete {
            if evidence.changeToken == .changed { notes.append("note_edited_while_reading") }
            noteTolerance(evidence, policy.rules)
        }
        holds = (verdict == .unverifiable ? [Hold(.unverifiable)] : []) + Limits.holds(evidence, policy)
        if let first = holds.first { reason = first.reason }
    }

    private mutating func noteTolerance(_ evidence: ImportEvidence, _ rules: PolicyRules) {
        tolerance = ToleranceUse(evidence, rules)
        guard tolerance?.isUsed == true else { return }
        reason = "run_within_tolerance"
        notes.append("note_within_tolerance")
    }

    /// Shadow mode stops nothing but what never passes, what cannot be published at all (two rows with one key), and what
    /// a second reading is still to be made of.
    private mutating func letPass(_ evidence: ImportEvidence, unlessUnacceptable unacceptable: Verdict?) {
        notes.append("note_shadow_mode")
        guard !verdict.publishesByItself || !holds.isEmpty else { return }
        guard unacceptable == nil, !evidence.hasDuplicates else { return }
        guard verdict != .changedWhileReading || evidence.attempt >= Self.readingsMax else { return }
        shadow = ShadowFinding(verdict: verdict, reason: reason, holds: holds)
        verdict = .notJudged
        holds = []
        reason = "run_shadow_mode"
    }
}

// MARK: Completeness

extension Judgement {
    /// Found also where monitoring is off: both would empty a shop in silence.
    private static func neverAcceptable(_ evidence: ImportEvidence) -> Verdict? {
        if evidence.rowsRead == 0, evidence.unreadableCount == 0, evidence.previousCount > 0 { return .emptySource }
        if evidence.unreadableCount > 0 { return .incomplete }
        return nil
    }

    private static func finding(in evidence: ImportEvidence, _ policy: JudgingPolicy) -> Verdict {
        guard policy.isMonitored else { return findingUnmonitored(evidence) }
        guard let before = evidence.countBefore, let after = evidence.countAfter else {
            return findingWithoutCounts(evidence, policy.rules)
        }
        guard evidence.countFilter == evidence.readFilter else { return .notComparable }
        guard before == after else { return .changedWhileReading }
        if evidence.hasDuplicates { return findingOfDuplicates(in: evidence, count: before) }
        if evidence.rowsRead > before { return findingOfSurplus(in: evidence) }
        let lacking = before - evidence.distinctKeys
        // Nothing at all is never a few items less.
        if lacking > 0, lacking > policy.rules.tolerance || evidence.distinctKeys == 0 {
            return findingOfShortfall(in: evidence)
        }
        return findingOfEqualCounts(in: evidence)
    }

    /// Nobody asked for a judgement; but two rows with one key cannot be published, and which one holds nobody knows.
    private static func findingUnmonitored(_ evidence: ImportEvidence) -> Verdict {
        evidence.hasDuplicates ? findingOfDuplicates(in: evidence, count: evidence.rowsRead) : .notJudged
    }

    /// Without a count before and after, nothing shows that all was read. What shows that it was not still does.
    private static func findingWithoutCounts(_ evidence: ImportEvidence, _ rules: PolicyRules) -> Verdict {
        if evidence.hasDuplicates { return findingOfDuplicates(in: evidence, count: evidence.rowsRead) }
        if let sweep = evidence.sweep, !sweep.confirms(evidence) { return .changedWhileReading }
        if let count = evidence.countBefore ?? evidence.countAfter, evidence.countFilter == evidence.readFilter {
            if evidence.rowsRead > count { return findingOfSurplus(in: evidence) }
            if count - evidence.distinctKeys > rules.tolerance { return findingOfShortfall(in: evidence) }
        }
        return .unverifiable
    }

    /// A key came twice. The source's own duplicates come again in a second sweep of a source that stands still;
    /// all else moved between two pages, and then a neighbour was skipped.
    private static func findingOfDuplicates(in evidence: ImportEvidence, count: Int) -> Verdict {
        guard evidence.changeToken != .changed, let sweep = evidence.sweep, sweep.hasSameKeys, sweep.sameDuplicates
        else { return .changedWhileReading }
        return evidence.rowsRead < count ? .incomplete : .sourceHasDuplicates
    }

    /// More items than the source counted, each once.
    private static func findingOfSurplus(in evidence: ImportEvidence) -> Verdict {
        if evidence.changeToken == .changed { return .changedWhileReading }
        if let sweep = evidence.sweep, !sweep.confirms(evidence) { return .changedWhileReading }
        return .notComparable
    }

    /// Fewer items than the source counted, each once. A source that shows other items in a second sweep has moved;
    /// one that stands still has kept items back, or counts items that the read does not mean.
    private static func findingOfShortfall(in evidence: ImportEvidence) -> Verdict {
        let steady: Verdict = evidence.readEverythingKnown ? .notComparable : .incomplete
        if evidence.changeToken == .same { return steady }
        if let sweep = evidence.sweep { return sweep.confirms(evidence) ? steady : .changedWhileReading }
        return evidence.changeToken == .changed ? .changedWhileReading : .incomplete
    }

    /// As many items as counted before and after. That can still hide one item deleted and one inserted, unless the
    /// change token stood still or a second sweep shows the same keys.
    private static func findingOfEqualCounts(in evidence: ImportEvidence) -> Verdict {
        guard let sweep = evidence.sweep else { return evidence.changeToken == .same ? .complete : .unverifiable }
        return sweep.confirms(evidence) ? .complete : .changedWhileReading
    }
}

extension Verdict {
    /// Catalogue key of what a verdict says when nothing else is to be said.
    fileprivate var reason: String {
        switch self {
        case .complete: "run_complete"
        case .incomplete: "run_incomplete"
        case .changedWhileReading: "run_changed_while_reading"
        case .sourceHasDuplicates: "run_source_has_duplicates"
        case .notComparable: "run_not_comparable"
        case .emptySource: "run_empty_source"
        case .unverifiable: "run_unverifiable"
        case .notJudged: "run_not_judged"
        }
    }
}

extension ToleranceUse {
    /// - Returns: nil when no item may be missing, or nobody knows how many are.
    fileprivate init?(_ evidence: ImportEvidence, _ rules: PolicyRules) {
        guard rules.tolerance > 0, let count = evidence.countBefore else { return nil }
        self.init(allowed: rules.tolerance, lacking: max(0, count - evidence.distinctKeys))
    }
}

extension ImportEvidence {
    /// Nothing of the last published set is missing. What the source counts beyond that it never gave out, so its
    /// count means other items than its list.
    fileprivate var readEverythingKnown: Bool {
        // Where only rows are known, nobody can say that no item is missing.
        previousIsRows != true && previousCount > 0 && missingCount == 0 && distinctKeys >= previousCount
    }
}
