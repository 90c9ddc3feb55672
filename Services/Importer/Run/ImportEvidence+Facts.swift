import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

extension ImportEvidence {
    /// Everything that was seen while reading.
    ///
    /// - Parameter unmarked: Modules that the source's change token does not cover.
    init(
        _ run: ClaimedRun, _ facts: RunFacts, _ seen: RoomEvidence, readFilter: String, unmarked: Set<Module>,
        from startedAt: Instant, to finishedAt: Instant
    ) {
        guard let staged = facts.staged, let before = facts.before, let after = facts.after else {
            preconditionFailure("evidence is gathered after reading and counting twice")
        }
        // A connection that was published by another importer has no set here; the shop itself says what it has. A product
        // is an item; of prices and stock an item has many rows.
        let products = facts.liveBefore[.products]?.count ?? 0
        let live = products > 0 ? products : facts.liveBefore.values.map(\.count).max() ?? 0
        let isKnown = seen.previousCount > 0
        self.init(
            runID: run.runID, fencingToken: run.fencingToken, merchantID: run.merchantID,
            connectionID: run.connectionID, modules: run.modules, attempt: facts.attempt, startedAt: startedAt,
            finishedAt: finishedAt, countBefore: before.count, countAfter: after.count,
            countFilter: before.filter, readFilter: readFilter, changeTokenBefore: before.changeToken,
            changeTokenAfter: after.changeToken, rowsRead: staged.rowsRead, distinctKeys: staged.distinctKeys,
            duplicates: staged.duplicates, duplicateKeyCount: staged.duplicateKeyCount,
            unreadable: staged.unreadable, unreadableCount: staged.unreadableCount,
            pages: seen.pages.named, sweep: facts.sweep.map(SweepEvidence.init),
            previousCount: isKnown ? seen.previousCount : live, missing: seen.missing,
            missingCount: seen.missingCount, stagedDigest: staged.digest,
            pageCount: seen.pages.count)
        previousIsRows = !isKnown && live > 0 && products == 0 ? true : nil
        let unmarkedHere = run.modules.filter(unmarked.contains)
        unmarkedModules = unmarkedHere.isEmpty ? nil : unmarkedHere
        content = seen.content
        datasets = run.modules.map { DatasetCount(module: $0, rows: staged.rows[$0] ?? 0) }
        pagesRoot = seen.pages.root.text
        settingsFingerprint = seen.settingsFingerprint
        softwareVersion = ProductVersion.text
        earlierRead = facts.earlierRead
        sourceChanges = facts.sourceChanges.isEmpty ? nil : Array(facts.sourceChanges.prefix(100))
    }
}

extension SweepEvidence {
    fileprivate init(_ sweep: SweepFigures) {
        self.init(
            rowsRead: sweep.rowsRead, distinctKeys: sweep.distinctKeys, notReadBefore: sweep.notReadBefore,
            goneSince: sweep.goneSince, sameDuplicates: sweep.sameDuplicates)
    }
}

extension ContentEvidence {
    /// - Parameter live: Rows the shop shows of the dataset with the most.
    init(_ survey: Survey, modules: [Module], live: Int) {
        self.init()
        guard survey.previousCount > 0 else {
            // A shop with rows that nobody has listed: what it has is not known. One without has nothing to lose.
            if live == 0 { compareWithNothing(modules) }
            return
        }
        compared = survey.previousCount
        removed = survey.missingCount
        emptied = survey.emptied
        unpriced = survey.unpriced
        dropped = survey.dropped
        priceChanges = survey.priceChanges.map { $0.map(PriceChange.init) }
        currencyChanges = survey.currencyCount.map { count in
            CurrencyChanges(count: count, first: survey.currencyChanges.map(CurrencyChange.init))
        }
        stockBefore = survey.stockBefore
    }

    private mutating func compareWithNothing(_ modules: [Module]) {
        (compared, removed, dropped) = (0, 0, 0)
        if modules.contains(.stock) { emptied = 0 }
        if modules.contains(.prices) { (unpriced, priceChanges, currencyChanges) = (0, [], CurrencyChanges()) }
    }
}

extension PriceChange {
    fileprivate init(_ step: PriceStep) {
        self.init(
            priceList: step.priceList, currency: step.currency, key: step.key, before: step.before, after: step.after)
    }
}

extension CurrencyChange {
    fileprivate init(_ step: CurrencyStep) {
        self.init(
            priceList: step.priceList, key: step.key, from: step.currencyBefore, to: step.currencyAfter,
            before: step.before, after: step.after)
    }
}
