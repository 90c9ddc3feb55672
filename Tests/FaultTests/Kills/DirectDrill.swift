import CoreTypes
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestInstallation

/// Imports of a merchant whose shop does not stage: while one is under way some rows are new, and when it has ended all of
/// them are, or all are as before.
final class DirectDrill: Sendable {
    let world: World
    let merchant: Merchant
    private let catalogue: ChangingCatalogue
    private let state = Mutex(State())

    private struct State {
        var generation = 0
        var started: [RunID] = []
        /// What the shop had at rest.
        var shown: WholeShop?
        /// What it had after each run that published.
        var sets: [RunID: WholeShop] = [:]
        /// What a rollback under way goes to.
        var wanted: WholeShop?
    }

    init(_ world: World, _ merchant: Merchant) async throws {
        self.world = world
        self.merchant = merchant
        catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
        try await startNext()
        try await settle()
    }

    var started: [RunID] { state.withLock { $0.started } }
    var wanted: WholeShop? { state.withLock { $0.wanted } }

    func noteRollBack(_ run: RunID, to wanted: RunID) {
        state.withLock { state in
            state.started.append(run)
            state.wanted = state.sets[wanted]
        }
    }

    /// Starts an import of the next generation.
    func startNext() async throws {
        let generation = state.withLock { state in
            state.generation += 1
            return state.generation
        }
        try await catalogue.advance(to: generation)
        let run = try await world.startRun(merchant)
        state.withLock { $0.started.append(run) }
    }

    /// One stock of the next generation is not taken, when products and prices are live already.
    func refuseRow() async throws {
        let target = "stock/\(catalogue.marked.last ?? "")"
        try await world.systems.order(Fault(.refuseRow, target: target), at: merchant.shop)
    }

    /// Each batch breaks off in its middle, however often it is sent.
    func breakBatches() async throws {
        try await world.systems.order(Fault(.failInBatch, page: 3), at: merchant.shop)
    }

    func repair() async throws { try await world.systems.repair(merchant.shop) }

    /// Waits for what is under way, looks at the shop, and brings to it what did not get there.
    func settle() async throws {
        let last = try await world.idle(merchant)
        if last.outcome?.isSuccess != true {
            // What a run that was lost has left half done, the next one brings to its end.
            if last.outcome != .lost, let before = state.withLock({ $0.shown }), try await whole() != before {
                throw Installation.Failure(
                    text: "the import \(last.runID) ended as \(last.outcome?.rawValue ?? "nothing"), "
                        + "\(last.reason ?? ""), and the shop is not as before")
            }
            try await repair()
            let runs = try await world.publish(merchant)
            state.withLock { $0.started += runs }
        }
        try await expectGeneration()
    }

    /// Brings the next generation to the shop, undisturbed.
    func publishNext() async throws {
        try await startNext()
        try await settle()
    }

    func waitUntilLost() async throws {
        guard let run = started.last else { return }
        _ = try await eventually("the loss of a run row by row") {
            try await self.world.run(run).run.outcome == .lost ? true : nil
        }
    }

    func expectGeneration() async throws {
        let shown = try await whole()
        try await noteSet(shown)
        state.withLock { $0.shown = shown }
        guard try await isGeneration(shown) else {
            let generation = state.withLock { $0.generation }
            let problems = try await Audit(world: world, merchant: merchant).shopProblems()
            throw Installation.Failure(text: "the shop has not all of generation \(generation): \(problems.prefix(5))")
        }
    }

    /// Whether the shop has all of the newest generation, and nothing else.
    func isGeneration(_ shown: WholeShop? = nil) async throws -> Bool {
        let generation = state.withLock { $0.generation }
        var shop = shown
        if shop == nil { shop = try await whole() }
        let isMarked = catalogue.marked.allSatisfy { code in
            shop?.retail[code].flatMap { Double($0) } == Double(generation) + 0.5
                && shop?.stock[code].flatMap { Double($0) } == Double(generation)
        }
        guard isMarked else { return false }
        return try await Audit(world: world, merchant: merchant).shopProblems().isEmpty
    }

    private func noteSet(_ shown: WholeShop) async throws {
        let sets = try await world.calls(ListPublishedSets(connectionID: merchant.connectionID)).sets
        guard let current = sets.first(where: \.isCurrent) else { return }
        state.withLock { if $0.sets[current.runID] == nil { $0.sets[current.runID] = shown } }
    }

    func whole() async throws -> WholeShop {
        var shop = try await world.reader(of: merchant).whole()
        // The digests are of rows with what this shop adds to them.
        shop.state = ShopState(datasets: [:])
        return shop
    }
}
