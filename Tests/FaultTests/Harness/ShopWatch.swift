import Synchronization

/// A visitor who looks at the shop all the while, many times a second, and remembers all that was to be seen.
final class ShopWatch: Sendable {
    private struct State {
        var looks = 0
        var wholeReads = 0
        /// Each state that followed another one, in order.
        var seen: [ShopState] = []
        /// What was at the shop while nothing was going on, in order, with its generation.
        var published: [(state: ShopState, generation: Int)] = []
        var problems: [String] = []
    }

    private let reader: ShopReader
    private let marked: [String]
    private let state = Mutex(State())

    init(_ reader: ShopReader, marked: [String]) {
        self.reader = reader
        self.marked = marked
    }

    /// Looks until the task is cancelled.
    func run() async {
        var turn = 0
        while !Task.isCancelled {
            turn += 1
            do {
                if turn % 10 == 0 { try await readWhole() } else { note(try await reader.state()) }
            } catch {
                if !Task.isCancelled { problem("the shop could not be read: \(error)") }
            }
            try? await Task.sleep(for: .milliseconds(25))
        }
    }

    /// The set at rest is what the shop may show from now on; to be called when no run is under way.
    func rest(generation: Int) async throws {
        let whole = try await reader.whole()
        check(whole, generation: generation)
        let told = try await reader.state()
        if told != whole.state { problem("the shop's own digests do not fit its rows") }
        state.withLock { $0.published.append((told, generation)) }
    }

    private func readWhole() async throws {
        let before = try await reader.state()
        let whole = try await reader.whole()
        let after = try await reader.state()
        note(before)
        note(after)
        state.withLock { $0.wholeReads += 1 }
        guard before == after else {
            // A commit fell in between: each data set for itself is still of one of the two versions.
            for name in ShopState.names
            where ![before.datasets[name], after.datasets[name]].contains(whole.state.datasets[name]) {
                problem("\(name) was neither the old nor the new set")
            }
            return
        }
        if whole.state != before { problem("the rows read are not the set the shop tells of") }
        check(whole, generation: nil)
    }

    /// Marked items all have one generation, in prices and in stock.
    private func check(_ whole: WholeShop, generation: Int?) {
        let prices = Set(marked.map { code in whole.retail[code].flatMap { Double($0) }.map { $0 - 0.5 } ?? -1 })
        let stock = Set(marked.map { code in whole.stock[code].flatMap { Double($0) } ?? -1 })
        guard prices.count == 1, prices == stock else {
            // Before the first generation the marked items differ by nature.
            if generation != nil || state.withLock({ !$0.published.isEmpty }) {
                problem("prices are of generations \(prices.sorted()), stock of \(stock.sorted())")
            }
            return
        }
        if let generation, prices != [Double(generation)] {
            problem("the shop shows generation \(prices), not \(generation)")
        }
    }

    private func note(_ found: ShopState) {
        state.withLock { state in
            state.looks += 1
            if state.seen.last != found { state.seen.append(found) }
        }
    }

    private func problem(_ text: String) { state.withLock { $0.problems.append(text) } }

    struct Report: Sendable {
        var looks: Int
        var wholeReads: Int
        var statesSeen: Int
        var statesPublished: Int
        var problems: [String]
    }

    /// What was seen, held against what was published: each look one of the sets, and never back to an older one.
    func report() -> Report {
        state.withLock { state in
            var problems = state.problems
            var position = 0
            let published = state.published.map(\.state)
            for seen in state.seen {
                guard let found = published[position...].firstIndex(of: seen) else {
                    let where_ = published.firstIndex(of: seen).map { "set \($0) after set \(position)" }
                    problems.append("the shop showed \(where_ ?? "a set that was never published: \(seen)")")
                    continue
                }
                position = found
            }
            return Report(
                looks: state.looks, wholeReads: state.wholeReads, statesSeen: state.seen.count,
                statesPublished: Set(published).count, problems: problems)
        }
    }
}
