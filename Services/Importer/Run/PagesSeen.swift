import MonitorAPI
import Staging

/// The pages of a read as evidence tells of them.
struct PagesSeen: Sendable {
    /// How many are named from either end of a long read: evidence must fit into one frame.
    static let endMax = 1_000

    private(set) var count = 0
    /// Over all of them.
    private(set) var root = PagesRoot()
    private var first: [PageEvidence] = []
    private var last: [PageEvidence] = []

    /// All pages, or the first and the last thousand.
    var named: [PageEvidence] { first + last.suffix(Self.endMax) }

    mutating func add(_ page: PageEvidence) {
        count += 1
        root.add(page)
        guard first.count == Self.endMax else { return first.append(page) }
        if last.count == 2 * Self.endMax { last.removeFirst(Self.endMax) }
        last.append(page)
    }
}

extension PageEvidence {
    init(_ page: PageRecord) {
        self.init(
            number: page.number, rows: page.rows, firstKey: page.firstKey, lastKey: page.lastKey, hash: page.hash)
    }
}
