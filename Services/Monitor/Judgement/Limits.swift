import CoreTypes
import MonitorAPI
import SchedulerAPI

/// What an import may do to a shop by itself: drop guard, must-have items and control totals.
enum Limits {
    /// The limits that are passed, the one that matters most to a shop's visitors first.
    static func holds(_ evidence: ImportEvidence, _ policy: JudgingPolicy) -> [Hold] {
        let rules = policy.rules
        let content = evidence.content
        return [
            dropGuard(evidence, rules.dropGuard),
            mustHave(content, rules.mustHave, policy.mustHaveVersion),
            priceChange(content, rules.controlTotals.priceChangePercent),
            currencyChange(content, rules.controlTotals.priceChangePercent),
            zeroPrices(content, rules.controlTotals.zeroPrices),
            stockSum(content, rules.controlTotals.stockSumPercent),
        ].compactMap { $0 }
    }

    /// Both limits have to be passed: three of four items are a small shop's tidying up, and a thousand of a million too.
    private static func dropGuard(_ evidence: ImportEvidence, _ guarding: DropGuard?) -> Hold? {
        guard let guarding, let drop = evidence.drop, drop.items > guarding.items,
            Share.isMore(ExactDecimal(drop.items), than: guarding.percent, of: ExactDecimal(drop.of))
        else { return nil }
        var hold = Hold(.dropGuard)
        hold.count = drop.items
        hold.of = drop.of
        hold.limitCount = guarding.items
        hold.limitPercent = guarding.percent
        hold.percent = Share.percent(ExactDecimal(drop.items), of: ExactDecimal(drop.of))
        return hold
    }

    /// Items that nobody looked for are not there, as far as anybody can say.
    private static func mustHave(_ content: ContentEvidence?, _ list: [String], _ version: Int64) -> Hold? {
        guard !list.isEmpty else { return nil }
        var hold = Hold(.mustHave)
        hold.of = list.count
        guard let found = content?.mustHave(of: version) else { return hold }
        hold.missing = found.missing
        hold.unpriced = found.unpriced
        hold.count = Set(found.missing).union(found.unpriced).count
        return hold.count == 0 ? nil : hold
    }

    private static func priceChange(_ content: ContentEvidence?, _ limit: ExactDecimal?) -> Hold? {
        guard let limit, let changes = content?.priceChanges else { return nil }
        let beyond = changes.filter { Share.isMore($0.before.distance(to: $0.after), than: limit, of: $0.before) }
        let largest = beyond.max { Share.percent($0.size, of: $0.before) < Share.percent($1.size, of: $1.before) }
        guard let largest else { return nil }
        var hold = Hold(.priceChange)
        hold.limitPercent = limit
        hold.percent = Share.percent(largest.size, of: largest.before)
        hold.before = largest.before
        hold.after = largest.after
        hold.item = largest.key
        hold.priceList = "\(largest.priceList) \(largest.currency)"
        return hold
    }

    /// No limit in per cent says how large 900 EUR is beside 900 DKK: beyond any, until somebody has looked.
    private static func currencyChange(_ content: ContentEvidence?, _ limit: ExactDecimal?) -> Hold? {
        guard limit != nil, let changes = content?.currencyChanges, changes.count > 0 else { return nil }
        var hold = Hold(.currencyChange)
        hold.count = changes.count
        guard let first = changes.first.first else { return hold }
        (hold.item, hold.priceList) = (first.key, first.priceList)
        (hold.currencyBefore, hold.currencyAfter) = (first.from, first.to)
        (hold.before, hold.after) = (first.before, first.after)
        return hold
    }

    private static func zeroPrices(_ content: ContentEvidence?, _ limit: Int?) -> Hold? {
        guard let limit, let zeros = content?.zeroPrices, zeros > limit else { return nil }
        var hold = Hold(.zeroPrices)
        hold.count = zeros
        hold.limitCount = limit
        return hold
    }

    private static func stockSum(_ content: ContentEvidence?, _ limit: ExactDecimal?) -> Hold? {
        guard let limit, let before = content?.stockBefore, let after = content?.stockAfter else { return nil }
        let size = before.distance(to: after)
        guard Share.isMore(size, than: limit, of: before) else { return nil }
        var hold = Hold(.stockSum)
        hold.limitPercent = limit
        hold.percent = Share.percent(size, of: before)
        hold.before = before
        hold.after = after
        return hold
    }
}

extension ImportEvidence {
    /// Items that publishing would remove or empty, of those the shop has; nil when nobody compared. It is whole unless only
    /// some of them could be counted.
    var drop: (items: Int, of: Int, isWhole: Bool)? {
        guard let content else {
            // Of an importer that tells no more than what is missing.
            return missingCount > 0 || previousCount == 0 ? (missingCount, previousCount, previousCount == 0) : nil
        }
        guard let compared = content.compared else { return nil }
        let parts = [content.removed ?? missingCount, content.emptied ?? 0, content.unpriced ?? 0]
        let isWhole =
            content.dropped != nil
            || (!modules.contains(.stock) || content.emptied != nil)
                && (!modules.contains(.prices) || content.unpriced != nil)
        return (content.dropped ?? parts.max() ?? 0, compared, isWhole)
    }
}

extension ContentEvidence {
    /// What was found of the list with this version; nil when another list was looked for, or none.
    func mustHave(of version: Int64) -> MustHaveEvidence? {
        mustHave.flatMap { $0.listVersion == version ? $0 : nil }
    }
}

extension PriceChange {
    fileprivate var size: ExactDecimal { before.distance(to: after) }
}
