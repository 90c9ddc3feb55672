import CoreTypes
import RPC
import SchedulerAPI
import Synchronization
import TestInstallation
import TestSupport
import Testing

/// Changes the source, starts an import, ends a service in the middle of it, starts the service again, and sees to it
/// that all comes right: over and over.
final class KillDrill: Sendable {
    /// Restart to ready, after kill -9.
    static let readyLimit: Duration = .seconds(5)

    let world: World
    let merchant: Merchant
    let watch: ShopWatch
    private let catalogue: ChangingCatalogue
    private let randomness: Randomness
    private let state: Mutex<State>

    private struct State {
        var generation = 0
        /// What the shop showed after each run that published.
        var generations: [RunID: Int] = [:]
        /// The one a rollback under way goes to.
        var wanted: Int?
        var started: [RunID] = []
        var restarts: [Duration] = []
        var outcomes: [String: Int] = [:]
        /// How long an undisturbed import takes.
        var usual: Duration = .seconds(1)
    }

    init(_ world: World, _ merchant: Merchant, seed: UInt64) async throws {
        self.world = world
        self.merchant = merchant
        catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
        watch = ShopWatch(ShopReader(world.installation, shop: merchant.shop), marked: catalogue.marked)
        randomness = .seeded(seed)
        state = Mutex(State())
        try await publishNext()
        let start = ContinuousClock.now
        try await publishNext()
        let usual = ContinuousClock.now - start
        state.withLock { $0.usual = usual }
    }

    var started: [RunID] { state.withLock { $0.started } }

    var summary: String {
        state.withLock { state in
            let longest = state.restarts.max() ?? .zero
            let outcomes = state.outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            return "\(state.restarts.count) kills, ready after \(longest) at most; an import takes \(state.usual); "
                + outcomes.joined(separator: ", ") + ";"
        }
    }

    func pick(_ services: [String]) -> String { services[Int(randomness.next() % UInt64(services.count))] }

    /// Anywhere from the start of an import to a little after its usual end.
    func delay() -> Duration { state.withLock { $0.usual } * randomness.jitter(in: 0...1.2) }

    /// Brings the next generation to the shop, undisturbed.
    func publishNext() async throws {
        let generation = try await nextGeneration()
        let runs = try await world.publish(merchant)
        state.withLock { $0.started += runs }
        try await rest(generation: generation)
    }

    private func rest(generation: Int) async throws {
        try await watch.rest(generation: generation)
        let sets = try await world.calls(ListPublishedSets(connectionID: merchant.connectionID)).sets
        state.withLock { state in
            for set in sets where state.generations[set.runID] == nil { state.generations[set.runID] = generation }
        }
    }

    private func nextGeneration() async throws -> Int {
        let generation = state.withLock { state in
            state.generation += 1
            return state.generation
        }
        try await catalogue.advance(to: generation)
        return generation
    }

    /// Starts an import of the next generation.
    func startNext() async throws {
        _ = try await nextGeneration()
        let run = try await world.startRun(merchant)
        state.withLock { $0.started.append(run) }
    }

    /// One kill in the middle of an import of the next generation, or of a rollback.
    func kill(
        _ service: String, after delay: Duration, rollingBack: Bool = false, _ ledgers: [Ledger]
    ) async throws {
        if rollingBack { try await startRollBack() } else { try await startNext() }
        try await Task.sleep(for: delay)
        try await world.installation.kill(service)
        let faults = try DatabaseCheck(installation: world.installation).faults(of: service)
        #expect(faults == [])
        let time = try await world.restart(service)
        #expect(time <= Self.readyLimit, "\(service) was not ready in time")
        state.withLock { $0.restarts.append(time) }
        for ledger in ledgers where ledger.account.service == service {
            let lost = try await ledger.lost(newest: 50)
            #expect(lost == [], "\(service) lost what it had acknowledged")
        }
        if rollingBack { try await settleRollBack() }
        try await settle()
    }

    /// Waits for what is under way, brings to the shop what did not get there, and looks at the shop.
    func settle() async throws {
        let last = try await world.idle(merchant)
        let generation = state.withLock { state in
            state.outcomes[last.outcome?.rawValue ?? last.state.rawValue, default: 0] += 1
            return state.generation
        }
        if last.outcome?.isSuccess != true {
            let runs = try await world.publish(merchant)
            state.withLock { $0.started += runs }
        }
        try await rest(generation: generation)
    }

    // MARK: Back to the set before

    func startRollBack() async throws {
        let answer = try await world.calls(RollBack(connectionID: merchant.connectionID, reason: "test"))
        state.withLock { state in
            state.started.append(answer.runID)
            state.wanted = state.generations[answer.toRunID]
        }
    }

    /// What was acknowledged comes true: the earlier set is at the shop, the connection is frozen, and once it is not any
    /// more, the next generation is published as ever.
    func settleRollBack() async throws {
        let last = try await world.idle(merchant)
        guard let wanted = state.withLock({ $0.wanted }), last.task?.kind == .rollback, last.outcome?.isSuccess == true
        else {
            throw Installation.Failure(
                text: "the rollback \(last.runID) ended as \(last.outcome?.rawValue ?? "nothing"), \(last.reason ?? "")"
            )
        }
        state.withLock { $0.outcomes["rolled back", default: 0] += 1 }
        try await rest(generation: wanted)
        let connection = try await world.calls(
            SetFreeze(connectionID: merchant.connectionID, frozen: true, reason: "test")
        ).connection
        guard connection.freeze?.cause == .rollback else {
            throw Installation.Failure(text: "the connection was not frozen by the rollback")
        }
        try await setFreeze(false)
        try await publishNext()
    }

    func setFreeze(_ frozen: Bool) async throws {
        _ = try await world.calls(
            SetFreeze(connectionID: merchant.connectionID, frozen: frozen, reason: "test"))
    }

    func noteStarted(_ run: RunID) { state.withLock { $0.started.append(run) } }
}
