import MonitorAPI

/// The checks of an import, by their catalogue keys. Every verdict says which were made and which not.
enum Check: String, CaseIterable, Sendable {
    case zeroRule = "check_zero_rule"
    case itemsReadable = "check_items_readable"
    case countBefore = "check_count_before"
    case countAfter = "check_count_after"
    case filtersEqual = "check_filters_equal"
    case distinctKeys = "check_distinct_keys"
    case changeToken = "check_change_token"
    case secondSweep = "check_second_sweep"
    case pages = "check_pages"

    func wasMade(on evidence: ImportEvidence, isMonitored: Bool) -> Bool {
        switch self {
        case .zeroRule, .itemsReadable: true
        case .countBefore: isMonitored && evidence.countBefore != nil
        case .countAfter: isMonitored && evidence.countAfter != nil
        case .filtersEqual: isMonitored && evidence.countBefore != nil && evidence.countAfter != nil
        case .distinctKeys: isMonitored
        case .changeToken: isMonitored && evidence.changeToken != .none
        case .secondSweep: isMonitored && evidence.sweep != nil
        case .pages: isMonitored && evidence.pageCount > 0
        }
    }
}

/// What the source's highest change number or time did while it was read.
enum ChangeToken: Sendable {
    case same
    case changed
    /// The source has none, or did not give it both times.
    case none
}

extension ImportEvidence {
    var changeToken: ChangeToken {
        guard let before = changeTokenBefore, let after = changeTokenAfter else { return .none }
        return before == after ? .same : .changed
    }

    /// Fewer keys than rows is a duplicate too, whether or not it was listed.
    var hasDuplicates: Bool { duplicateKeyCount > 0 || distinctKeys < rowsRead }
}

extension SweepEvidence {
    var hasSameKeys: Bool { notReadBefore == 0 && goneSince == 0 }

    /// Whether the sweep saw the keys of the first read, each once.
    func confirms(_ evidence: ImportEvidence) -> Bool {
        hasSameKeys && rowsRead == distinctKeys && distinctKeys == evidence.distinctKeys
    }
}
