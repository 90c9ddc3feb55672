import CoreTypes
import TestSupport

/// An ERP with a few items that change while somebody reads them, and that may answer wrongly.
///
/// Everything is drawn from one seed. Time passes only with requests: before each of them the source may change.
struct ModelSource {
    /// What it tells of its latest change.
    enum TokenKind: CaseIterable {
        case none
        /// A number that every change raises.
        case everyChange
        /// The stamp of its newest item: a deletion shows only when it hits the newest.
        case newestItem
    }

    enum Order: CaseIterable {
        /// Items edited or inserted go to the end.
        case byChange
        /// An item stands where its name puts it, whatever happens to it.
        case byName
        /// As ``byName``, and asked for by the last key read instead of by number.
        case keyset
    }

    /// What is wrong with one run's answers.
    enum Fault: Equatable {
        case none
        /// No items, and a count of none.
        case emptyAnswer
        /// The server gives so many a page, and the reader takes a short page for the end.
        case cappedReader(Int)
        case noCount
        /// The count goes by another filter, and shows it.
        case otherFilter
        /// The count is of other items, and does not show it.
        case countOff(Int)
        /// The list keeps items back that the count has.
        case hidden(Set<Int>)
        /// List and count both keep items back: rights were taken away.
        case hiddenAndUncounted(Set<Int>)
        /// One item comes in a shape that cannot be read.
        case unreadable(Int)
        /// Two rows with one key.
        case doubled(Int)
    }

    struct Item: Equatable {
        var key: Int
        /// When it was changed last.
        var stamp: Int
        /// Where its name puts it.
        var place: Int
    }

    let token: TokenKind
    let order: Order
    var fault = Fault.none
    /// How often it changes before a request, in per cent, and whether keys come and go or are edited only.
    var changesPercent = 0
    var editsOnly = false

    private(set) var items: [Item] = []
    private(set) var truth = SourceTruth<Int>()
    private var clock = 0
    private var changeNumber = 0
    private var nextKey = 1
    private var gone: [Int] = []
    private let randomness: Randomness

    /// - Parameter order: nil leaves it to chance.
    init(_ randomness: Randomness, order: Order? = nil) {
        self.randomness = randomness
        token = TokenKind.allCases[Int(randomness.next() % 3)]
        let drawn = Order.allCases[Int(randomness.next() % 3)]
        self.order = order ?? drawn
        for _ in 0..<(5 + draw(40)) { insert() }
        truth.begin(with: keys)
    }

    func draw(_ below: Int) -> Int { Int(randomness.next() % UInt64(max(1, below))) }

    func drawKey() -> Int { items.isEmpty ? 0 : items[draw(items.count)].key }

    var keys: Set<Int> { Set(items.map(\.key)) }

    // MARK: Changes

    /// The world goes on between two requests.
    private mutating func goOn() {
        guard draw(100) < changesPercent else { return }
        for _ in 0...draw(2) { change() }
    }

    private mutating func change() {
        let kind = draw(10)
        if editsOnly || kind < 4 { return edit() }
        switch kind {
        case 4: remove(at: draw(items.count))
        // What somebody has just created is taken out again.
        case 5: remove(at: items.indices.last ?? 0)
        case 6, 7: insert()
        case 8: restore()
        default:
            // One goes and one comes, so that every count stays as it was.
            remove(at: draw(items.count))
            insert()
        }
    }

    private mutating func edit() {
        guard !items.isEmpty else { return }
        let at = draw(items.count)
        clock += 1
        changeNumber += 1
        items[at].stamp = clock
        truth.noteEdit()
    }

    private mutating func insert() { insert(key: nextKey) }

    private mutating func insert(key: Int) {
        clock += 1
        changeNumber += 1
        nextKey = max(nextKey, key + 1)
        items.append(Item(key: key, stamp: clock, place: draw(1_000_000) * 2))
        truth.note(keys)
    }

    private mutating func remove(at index: Int) {
        guard items.indices.contains(index) else { return }
        changeNumber += 1
        gone.append(items.remove(at: index).key)
        truth.note(keys)
    }

    /// An item that was deleted comes back under its key; most often the last one, whose deletion was a mistake.
    private mutating func restore() {
        guard !gone.isEmpty else { return }
        insert(key: gone.remove(at: draw(2) == 0 ? gone.count - 1 : draw(gone.count)))
    }

    /// A whole range really ends.
    mutating func endRange(of count: Int) {
        for _ in 0..<count { remove(at: draw(items.count)) }
    }

    mutating func beginRun() { truth.begin(with: keys) }

    // MARK: Answers

    /// - Returns: The count and the filter it was asked with.
    mutating func count() -> (count: Int?, filter: String) {
        goOn()
        switch fault {
        case .noCount: return (nil, "valid")
        case .otherFilter: return (items.count, "all")
        case .emptyAnswer: return (0, "valid")
        case .countOff(let off): return (max(0, items.count + off), "valid")
        case .hiddenAndUncounted(let hidden): return (items.count { !hidden.contains($0.key) }, "valid")
        case .doubled: return (listed.count, "valid")
        default: return (items.count, "valid")
        }
    }

    mutating func changeToken() -> String? {
        goOn()
        return switch token {
        case .none: nil
        case .everyChange: "\(changeNumber)"
        case .newestItem: "\(items.map(\.stamp).max() ?? 0)"
        }
    }

    /// One page of the list as it is now.
    ///
    /// - Parameters:
    ///   - read: Rows read so far.
    ///   - last: The last of them.
    mutating func page(after read: Int, last: Item?, size: Int) -> [Item] {
        goOn()
        let list = listed
        let size = if case .cappedReader(let cap) = fault { min(cap, size) } else { size }
        guard order == .keyset, let last else { return Array(list.dropFirst(read).prefix(size)) }
        return Array(list.filter { Self.precedes(last, $0) }.prefix(size))
    }

    private var listed: [Item] {
        var shown = items
        switch fault {
        case .emptyAnswer: shown = []
        case .hidden(let hidden), .hiddenAndUncounted(let hidden): shown.removeAll { hidden.contains($0.key) }
        case .doubled(let key):
            if let item = shown.first(where: { $0.key == key }) {
                shown.append(Item(key: key, stamp: item.stamp, place: item.place + 1))
            }
        default: break
        }
        guard order == .byChange else { return shown.sorted(by: Self.precedes) }
        return shown.sorted { ($0.stamp, $0.place) < ($1.stamp, $1.place) }
    }

    private static func precedes(_ left: Item, _ right: Item) -> Bool {
        (left.place, left.key) < (right.place, right.key)
    }
}
