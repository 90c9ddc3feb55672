import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

extension ImportEvidence {
    /// Everything that was seen while reading.
    init(
        _ run: ClaimedRun, _ facts: RunFacts, _ seen: RoomEvidence, readFilter: String, from startedAt: Instant,
        to finishedAt: Instant
    ) {
        guard let staged = facts.staged, let before = facts.before, let after = facts.after else {
            preconditionFailure("evidence is gathered after reading and counting twice")
        }
        // A connection that was published by another importer has no set here; the shop itself says what it has.
        let live = facts.liveBefore.values.map(\.count).max() ?? 0
        self.init(
            runID: run.runID, fencingToken: run.fencingToken, merchantID: run.merchantID,
            connectionID: run.connectionID, modules: run.modules, attempt: facts.attempt, startedAt: startedAt,
            finishedAt: finishedAt, countBefore: before.count, countAfter: after.count,
            countFilter: before.filter, readFilter: readFilter, changeTokenBefore: before.changeToken,
            changeTokenAfter: after.changeToken, rowsRead: staged.rowsRead, distinctKeys: staged.distinctKeys,
            duplicates: staged.duplicates, duplicateKeyCount: staged.duplicateKeyCount,
            unreadable: staged.unreadable, unreadableCount: staged.unreadableCount,
            pages: Self.ends(of: seen.pages).map(PageEvidence.init), sweep: facts.sweep.map(SweepEvidence.init),
            previousCount: seen.previousCount > 0 ? seen.previousCount : live, missing: seen.missing,
            missingCount: seen.missingCount, stagedDigest: staged.digest,
            pageCount: seen.pages.count)
    }

    /// All pages, or of a longer read the first and the last thousand: evidence must fit into one frame.
    private static func ends(of pages: [PageRecord]) -> [PageRecord] {
        pages.count <= 2_000 ? pages : Array(pages.prefix(1_000) + pages.suffix(1_000))
    }
}

extension PageEvidence {
    fileprivate init(_ page: PageRecord) {
        self.init(
            number: page.number, rows: page.rows, firstKey: page.firstKey, lastKey: page.lastKey, hash: page.hash)
    }
}

extension SweepEvidence {
    fileprivate init(_ sweep: SweepFigures) {
        self.init(
            rowsRead: sweep.rowsRead, distinctKeys: sweep.distinctKeys, notReadBefore: sweep.notReadBefore,
            goneSince: sweep.goneSince, sameDuplicates: sweep.sameDuplicates)
    }
}
