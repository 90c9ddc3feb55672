import CoreTypes
import MonitorAPI
import MonitorService
import SchedulerAPI

extension Judgement {
    /// Under the rules of a connection that nobody has touched.
    init(of evidence: ImportEvidence, isMonitored: Bool) {
        self.init(of: evidence, under: JudgingPolicy(isMonitored: isMonitored))
    }
}

extension ImportEvidence {
    /// 1,000 items in two pages, counted alike before and after, the change token still: nothing is wrong.
    static func steady(_ count: Int = 1000, _ change: (inout ImportEvidence) -> Void = { _ in }) -> ImportEvidence {
        var evidence = ImportEvidence.example
        evidence.countBefore = count
        evidence.countAfter = count
        evidence.rowsRead = count
        evidence.distinctKeys = count
        evidence.previousCount = count
        evidence.setPages([count / 2, count - count / 2])
        evidence.stagedDigest = "digest-1"
        evidence.content = ContentEvidence()
        evidence.content?.compared = count
        evidence.content?.emptied = 0
        evidence.content?.unpriced = 0
        change(&evidence)
        return evidence
    }

    /// So many of the items the shop has are not in the read, which is complete all the same.
    mutating func drop(_ dropped: Int, of all: Int) {
        previousCount = all
        missingCount = dropped
        content?.compared = all
        content?.removed = dropped
        content?.dropped = dropped
    }

    mutating func setPages(_ rows: [Int]) {
        pages = rows.enumerated().map { index, rows in
            PageEvidence(number: index + 1, rows: rows, firstKey: nil, lastKey: nil, hash: "00")
        }
        pageCount = rows.count
    }

    mutating func moveToken() { changeTokenAfter = "2026-03-02T06:00:05" }

    mutating func dropToken() {
        changeTokenBefore = nil
        changeTokenAfter = nil
    }

    /// A second sweep that saw the same keys, each once.
    mutating func sweepAlike() {
        sweep = SweepEvidence(
            rowsRead: distinctKeys, distinctKeys: distinctKeys, notReadBefore: 0, goneSince: 0, sameDuplicates: true)
    }

    mutating func readTwice(_ key: String, pages: [Int]) {
        distinctKeys = rowsRead - 1
        duplicates = [DuplicateKey(key: key, pages: pages)]
        duplicateKeyCount = 1
    }
}
