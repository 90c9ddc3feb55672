import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI

/// Reads a ``ModelSource`` the way an importer does and puts down what it saw.
struct ModelImport {
    let pageSize: Int
    let canSweep: Bool
    /// The keys of the last published set.
    var published: Set<Int>

    /// What a read brought, as it would be staged.
    struct Read {
        var evidence: ImportEvidence
        var keys: Set<Int>
    }

    func read(_ source: inout ModelSource, attempt: Int) -> Read {
        // The tokens go around the counts: what is inserted between two of these requests changes a token, and what is
        // deleted changes a count.
        let tokenBefore = source.changeToken()
        let before = source.count()
        let pages = list(&source, counted: before.count)
        let after = source.count()
        let tokenAfter = source.changeToken()
        let seen = Seen(pages, unreadable: source.fault.unreadableKey)
        var evidence = ImportEvidence.example
        evidence.attempt = attempt
        evidence.countBefore = before.count
        evidence.countAfter = after.count
        evidence.countFilter = before.filter
        evidence.readFilter = "valid"
        evidence.changeTokenBefore = tokenBefore
        evidence.changeTokenAfter = tokenAfter
        evidence.setPages(pages.map(\.count))
        seen.fill(&evidence)
        if canSweep, tokenBefore == nil || tokenBefore != tokenAfter || !seen.doubled.isEmpty {
            let swept = Seen(list(&source, counted: before.count), unreadable: nil)
            evidence.sweep = SweepEvidence(
                rowsRead: swept.rows, distinctKeys: swept.keys.count,
                notReadBefore: swept.keys.subtracting(seen.keys).count,
                goneSince: seen.keys.subtracting(swept.keys).count, sameDuplicates: swept.doubled == seen.doubled)
        }
        let missing = published.subtracting(seen.keys)
        evidence.previousCount = published.count
        evidence.missingCount = missing.count
        evidence.missing = missing.sorted().map { MissingItem(key: "\($0)", name: "") }
        evidence.content = ContentEvidence()
        evidence.content?.compared = published.count
        evidence.content?.removed = missing.count
        evidence.content?.dropped = missing.count
        evidence.stagedDigest = "\(seen.keys.sorted())"
        return Read(evidence: evidence, keys: seen.keys)
    }

    /// All pages. A careful reader goes on until a page is empty; the one with the fault stops at a short one.
    private func list(_ source: inout ModelSource, counted: Int?) -> [[ModelSource.Item]] {
        var pages: [[ModelSource.Item]] = []
        var rows = 0
        while rows <= (counted ?? 500) * 2 + pageSize {
            let page = source.page(after: rows, last: pages.last?.last, size: pageSize)
            if page.isEmpty { break }
            pages.append(page)
            rows += page.count
            if case .cappedReader = source.fault, page.count < pageSize { break }
        }
        return pages
    }
}

/// The rows of a list, tallied.
private struct Seen {
    var rows = 0
    var unreadable = 0
    var pagesOfKey: [Int: [Int]] = [:]

    init(_ pages: [[ModelSource.Item]], unreadable bad: Int?) {
        for (index, page) in pages.enumerated() {
            for item in page {
                rows += 1
                if item.key == bad { unreadable += 1 } else { pagesOfKey[item.key, default: []].append(index + 1) }
            }
        }
    }

    var keys: Set<Int> { Set(pagesOfKey.keys) }
    var doubled: Set<Int> { Set(pagesOfKey.filter { $0.value.count > 1 }.keys) }

    func fill(_ evidence: inout ImportEvidence) {
        evidence.rowsRead = rows
        evidence.distinctKeys = keys.count
        evidence.duplicates = doubled.sorted().prefix(100).map {
            DuplicateKey(key: "\($0)", pages: pagesOfKey[$0] ?? [])
        }
        evidence.duplicateKeyCount = doubled.count
        evidence.unreadableCount = unreadable
        evidence.unreadable = (0..<unreadable).map {
            UnreadableItem(page: 1, position: $0 + 1, key: nil, reason: "item_not_an_object")
        }
    }
}

extension ModelSource.Fault {
    fileprivate var unreadableKey: Int? { if case .unreadable(let key) = self { key } else { nil } }

    var hiddenAndUncounted: Bool {
        switch self {
        case .hiddenAndUncounted, .emptyAnswer: true
        default: false
        }
    }
}
