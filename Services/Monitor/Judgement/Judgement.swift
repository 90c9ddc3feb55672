public import MonitorAPI
public import SchedulerAPI

/// What the figures of one read amount to. Pure: the same evidence under the same policy gives the same judgement.
///
/// The rules stand in the order of ``Judgement/finding(in:)``; `DESIGN.md` says why, case by case.
public struct Judgement: Sendable, Equatable {
    public var verdict: Verdict
    public var checksMade: [String]
    public var checksNotMade: [String]
    /// At which page reading went wrong; nil when it did not or cannot be said.
    public var faultyPage: Int?
    public var notes: [String]

    /// - Parameter isMonitored: False for a connection whose monitoring is off. Then only what must never pass is
    ///   looked for: nothing where there was something, and items that could not be read.
    public init(of evidence: ImportEvidence, isMonitored: Bool) {
        verdict =
            Self.neverAcceptable(evidence) ?? (isMonitored ? Self.finding(in: evidence) : .notJudged)
        let made = Check.allCases.filter { $0.wasMade(on: evidence, isMonitored: isMonitored) }
        checksMade = made.map(\.rawValue)
        checksNotMade = Check.allCases.filter { !made.contains($0) }.map(\.rawValue)
        faultyPage = verdict.publishesByItself ? nil : FaultyPage.of(evidence, verdict: verdict)
        let isEdited = verdict == .complete && evidence.changeToken == .changed
        notes = isEdited ? ["note_edited_while_reading"] : []
    }

    /// Catalogue key of what was found.
    public var reason: String {
        switch verdict {
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

    /// Found also where monitoring is off: both would empty a shop in silence.
    private static func neverAcceptable(_ evidence: ImportEvidence) -> Verdict? {
        if evidence.rowsRead == 0, evidence.unreadableCount == 0, evidence.previousCount > 0 { return .emptySource }
        if evidence.unreadableCount > 0 { return .incomplete }
        return nil
    }

    private static func finding(in evidence: ImportEvidence) -> Verdict {
        guard let before = evidence.countBefore, let after = evidence.countAfter else { return .unverifiable }
        guard evidence.countFilter == evidence.readFilter else { return .notComparable }
        guard before == after else { return .changedWhileReading }
        if evidence.hasDuplicates { return findingOfDuplicates(in: evidence, count: before) }
        if evidence.rowsRead > before { return findingOfSurplus(in: evidence) }
        if evidence.distinctKeys < before { return findingOfShortfall(in: evidence) }
        return findingOfEqualCounts(in: evidence)
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
    /// Whether a run with this verdict is published without anybody being asked.
    public var publishesByItself: Bool { self == .complete || self == .notJudged }
}

extension ImportEvidence {
    /// Nothing of the last published set is missing. What the source counts beyond that it never gave out, so its
    /// count means other items than its list.
    fileprivate var readEverythingKnown: Bool {
        previousCount > 0 && missingCount == 0 && distinctKeys >= previousCount
    }
}
