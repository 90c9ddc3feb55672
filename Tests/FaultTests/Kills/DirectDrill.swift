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
    }

    init(_ world: World, _ merchant: Merchant) async throws {
        self.world = world
        self.merchant = merchant
        catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
        try await startNext()
        try await settle()
    }

    var started: [RunID] { state.withLock { $0.started } }

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

    private func expectGeneration() async throws {
        let shown = try await whole()
        let generation = state.withLock { state in
            state.shown = shown
            return state.generation
        }
        let isWhole = catalogue.marked.allSatisfy { code in
            shown.retail[code].flatMap { Double($0) } == Double(generation) + 0.5
                && shown.stock[code].flatMap { Double($0) } == Double(generation)
        }
        let problems = try await Audit(world: world, merchant: merchant).shopProblems()
        guard isWhole, problems.isEmpty else {
            throw Installation.Failure(text: "the shop has not all of generation \(generation): \(problems.prefix(5))")
        }
    }

    private func whole() async throws -> WholeShop {
        var shop = try await world.reader(of: merchant).whole()
        // The digests are of rows with what this shop adds to them.
        shop.state = ShopState(datasets: [:])
        return shop
    }
}
