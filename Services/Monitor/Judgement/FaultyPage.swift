import MonitorAPI
import SchedulerAPI

/// Says at which page reading went wrong, where the pages show it.
enum FaultyPage {
    static func of(_ evidence: ImportEvidence, verdict: Verdict) -> Int? {
        if let page = evidence.unreadable.map(\.page).min() { return page }
        if let page = evidence.duplicates.compactMap({ $0.pages.max() }).min() { return page }
        guard verdict == .incomplete else { return nil }
        return shortPage(evidence.pages, isWhole: evidence.pages.count == evidence.pageCount)
    }

    /// The first page with fewer rows than the others though more pages followed; or the last one, when it was full
    /// and the source had more: there reading ended too early.
    private static func shortPage(_ pages: [PageEvidence], isWhole: Bool) -> Int? {
        guard let last = pages.last, let full = pages.map(\.rows).max(), full > 0 else { return nil }
        let followed = pages.dropLast()
        let short = followed.filter { $0.rows < full }
        // A server that cuts its pages as it likes has no page that stands out.
        if let first = short.first { return short.count * 2 < followed.count ? first.number : nil }
        return isWhole && last.rows == full ? last.number : nil
    }
}
