import MonitorAPI
import SchedulerAPI

/// The checks of an import, by their catalogue keys. Every verdict says which were made and which not.
enum Check: String, CaseIterable, Sendable {
    case zeroRule = "check_zero_rule"
    case itemsReadable = "check_items_readable"
    case countBefore = "check_count_before"
    case countAfter = "check_count_after"
    case filtersEqual = "check_filters_equal"
    case distinctKeys = "check_distinct_keys"
    case changeToken = "check_change_token"
    /// Nobody can make it: asked for, and then not made, where stock is read that the change token does not cover.
    case stockMoment = "check_stock_moment"
    case secondSweep = "check_second_sweep"
    case pages = "check_pages"
    case dropGuard = "check_drop_guard"
    /// The part of the drop guard that is left where the shop's stock and prices are not known.
    case removedItems = "check_drop_guard_removed"
    case mustHave = "check_must_have"
    case priceChange = "check_price_change"
    case currencyChange = "check_currency_change"
    case zeroPrices = "check_zero_prices"
    case stockSum = "check_stock_sum"

    /// - Returns: nil for a check that the connection does not ask for.
    func wasMade(on evidence: ImportEvidence, under policy: JudgingPolicy) -> Bool? {
        guard isAskedFor(by: policy.rules, of: evidence) else { return nil }
        return isAlwaysMade || policy.isMonitored && hasFigures(evidence, policy)
    }

    /// Without figures to look at, a check was not made.
    private func hasFigures(_ evidence: ImportEvidence, _ policy: JudgingPolicy) -> Bool {
        let content = evidence.content
        return switch self {
        case .zeroRule, .itemsReadable, .distinctKeys: true
        case .countBefore: evidence.countBefore != nil
        case .countAfter: evidence.countAfter != nil
        case .filtersEqual: evidence.countBefore != nil && evidence.countAfter != nil
        case .changeToken: evidence.changeToken != .none
        case .stockMoment: false
        case .secondSweep: evidence.sweep != nil
        case .pages: evidence.pageCount > 0
        case .dropGuard: evidence.drop?.isWhole == true
        case .removedItems: true
        case .mustHave: content?.mustHave(of: policy.mustHaveVersion) != nil
        case .priceChange: content?.priceChanges != nil
        case .currencyChange: content?.currencyChanges != nil
        case .zeroPrices: content?.zeroPrices != nil
        case .stockSum: content?.stockBefore != nil && content?.stockAfter != nil
        }
    }

    private var isAlwaysMade: Bool { self == .zeroRule || self == .itemsReadable }

    private func isAskedFor(by rules: PolicyRules, of evidence: ImportEvidence) -> Bool {
        switch self {
        case .stockMoment: evidence.unmarkedModules?.contains(.stock) == true
        // Where the source stood still and each key came once, a second reading could show nothing more.
        case .secondSweep: evidence.sweep != nil || evidence.changeToken != .same || evidence.hasDuplicates
        case .dropGuard: rules.dropGuard != nil
        case .removedItems: rules.dropGuard != nil && evidence.drop?.isWhole == false
        case .mustHave: !rules.mustHave.isEmpty
        case .priceChange, .currencyChange: rules.controlTotals.priceChangePercent != nil
        case .zeroPrices: rules.controlTotals.zeroPrices != nil
        case .stockSum: rules.controlTotals.stockSumPercent != nil
        default: true
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
