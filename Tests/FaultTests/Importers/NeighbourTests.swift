import CoreTypes
import Foundation
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// One merchant's work beside another's, on two importers.
    @Suite struct NeighbourTests {
        /// Runs of the small merchant beside the giant one, and importers ended over the poisonous one.
        private let besideGiant = LongProof.count(3, long: 40)
        private let besidePoison = LongProof.count(1, long: 4)
        private let giantItems = LongProof.count(20_000, long: 1_000_000)
        private let wholeGiantItems = LongProof.count(15_000, long: 1_000_000)

        /// A giant is read for far longer than all the small runs take; it has two connections, enough for both importers.
        @Test(.timeLimit(.minutes(60)))
        func `neither a giant nor a poisonous catalogue of one merchant makes another's runs begin or end later`()
            async throws
        {
            let importers = try await TwoImporters()
            let small = try await SmallMerchant(importers.world)
            let usual = try await small.publish(times: 2)

            let giant = try await Giant(importers, items: giantItems)
            try await giant.begin(at: usual.last?.holder ?? TwoImporters.names[0])
            let beside = try await small.publish(times: besideGiant)
            #expect(try await giant.states() == [.running, .queued], "one merchant has one run in hand")
            try await giant.end()
            expectOnTime(beside, usual, "a giant of \(giantItems) items")

            let poisonous = try await PoisonousMerchant(importers)
            var besideCrash = beside.suffix(1)
            for _ in 0..<besidePoison {
                // The one that holds the small merchant's set.
                let victim = besideCrash.last?.holder ?? TwoImporters.names[0]
                try await poisonous.crash(victim) { besideCrash += try await small.publish(times: 2) }
            }
            expectOnTime(Array(besideCrash.dropFirst()), usual, "importers that crash")

            #expect(try await Audit(world: importers.world, merchant: small.merchant).shopProblems() == [])
            #expect(importers.world.installation.files(in: "data").filter { $0.hasSuffix(".staging") } == [])
            try await importers.world.installation.stop()
        }

        /// A giant in no order of keys, read, put in order and uploaded to its end by the importer that has the small runs in
        /// its other slot.
        @Test(.timeLimit(.minutes(60)))
        func `a giant that one importer carries to its end leaves another merchant's runs their time`() async throws {
            let world = try await World(settings: World.quickSettings)
            let small = try await SmallMerchant(world)
            let usual = try await small.publish(times: 3)
            let giant = try await world.addConnection(
                to: try await world.addMerchant("big", items: 1), "giant", items: wholeGiantItems, pageSize: 1_000,
                at: try await OwnSandbox(world.installation))
            let run = try await world.startRun(giant)
            _ = try await eventually("the giant's claim") { try await world.run(run).run.startedAt }
            var beside: [Times] = []
            var met: [RunPhase: Duration] = [:]
            while case let description = try await world.run(run), description.run.state.isActive {
                let times = try await small.publish(times: 1)
                beside += times
                guard let phase = description.progress?.phase, let took = times.first?.took else { continue }
                met[phase] = max(met[phase] ?? .zero, took)
            }
            let ended = try await world.run(run)
            #expect(ended.run.outcome == .published)
            #expect(ended.report?.distinctKeys == wholeGiantItems)
            #expect(beside.count >= 3, "the giant was over before anything could be seen")
            print("beside the giant in its step, the small run took at most: \(met)")
            expectOnTime(beside, usual, "a giant of \(wholeGiantItems) items, to its end")
            #expect(try await Audit(world: world, merchant: small.merchant).shopProblems() == [])
            try await world.installation.stop()
        }

        /// A run may wait for the importer that holds its set, then for the other to ask; and the first run there sends
        /// everything. Nothing of it hangs on the neighbour.
        private func expectOnTime(_ times: [Times], _ usual: [Times], _ neighbour: String) {
            let longest = (waited: usual.map(\.waited).max() ?? .zero, took: usual.map(\.took).max() ?? .zero)
            let waits = times.map(\.waited).sorted()
            let lasts = times.map(\.took).sorted()
            print(
                "beside \(neighbour): begun after \(waits[waits.count / 2]), at most \(waits[waits.count - 1]); took "
                    + "\(lasts[lasts.count / 2]), at most \(lasts[lasts.count - 1]); alone at most \(longest.waited) and "
                    + "\(longest.took)")
            let bearable = TwoImporters.preference + TwoImporters.claimPause + .seconds(1)
            #expect(waits.allSatisfy { $0 < bearable }, "\(waits)")
            #expect(lasts.allSatisfy { $0 < longest.took * 2 + .seconds(2) }, "\(lasts)")
        }
    }
}

/// 300 items that change from run to run.
private final class SmallMerchant {
    let merchant: Merchant
    private let world: World
    private let catalogue: ChangingCatalogue
    private var generation = 0

    init(_ world: World) async throws {
        self.world = world
        merchant = try await world.addMerchant("small")
        catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
    }

    func publish(times: Int) async throws -> [Times] {
        var all: [Times] = []
        for _ in 0..<times {
            generation += 1
            all.append(try await world.publish(merchant, catalogue, generation: generation))
        }
        return all
    }
}

/// A merchant with two large catalogues behind a slow system.
private struct Giant {
    private static let answerMilliseconds = 100
    private let importers: TwoImporters
    private let connections: [Merchant]

    init(_ importers: TwoImporters, items: Int) async throws {
        let world = importers.world
        let first = try await world.addMerchant("giant", items: items)
        let second = try await world.addConnection(to: first, "giant2", items: items, pageSize: 100)
        for merchant in [first, second] {
            try await world.systems.slow(merchant.erp, milliseconds: Self.answerMilliseconds)
        }
        (self.importers, connections) = (importers, [first, second])
    }

    /// Both runs are started; the first is in hand of one importer when this returns.
    func begin(at importer: String) async throws {
        _ = try await importers.startRun(connections[0], at: importer)
        _ = try await importers.world.startRun(connections[1])
    }

    func states() async throws -> [RunState] {
        try await connections.asyncMap { merchant in
            let runs = try await importers.world.runs(of: merchant)
            return try #require(runs.first).state
        }
    }

    /// Takes both runs back; the one in hand stops in the middle of its reading.
    func end() async throws {
        for merchant in connections.reversed() {
            let run = try #require(try await importers.world.runs(of: merchant).first)
            _ = try await importers.world.calls(CancelRun(runID: run.runID, reason: "test"))
            #expect(try await importers.world.idle(merchant).outcome != .published)
        }
    }
}

/// A merchant whose catalogue ends the importer that reads it.
private struct PoisonousMerchant: Sendable {
    private let importers: TwoImporters
    private let merchant: Merchant

    init(_ importers: TwoImporters) async throws {
        self.importers = importers
        merchant = try await importers.world.addMerchant("poison", items: 100)
        try await importers.world.systems.slow(merchant.erp, milliseconds: 300)
    }

    /// Ends an importer over its run, and starts it again.
    ///
    /// - Parameter meanwhile: while it is gone.
    func crash(_ importer: String, _ meanwhile: () async throws -> Void) async throws {
        let run = try await importers.startRun(merchant, at: importer)
        try await importers.world.installation.kill(importer)
        async let isOver: Void = takeBack(run)
        try await meanwhile()
        try await isOver
        try await importers.start(importer)
    }

    /// The run is lost with its importer. The one queued in its place is taken back, as it would end the other one too.
    private func takeBack(_ run: RunID) async throws {
        let world = importers.world
        let lost = try await eventually("the loss") { () -> RunDescription? in
            let found = try await world.run(run)
            return found.run.outcome == .lost ? found : nil
        }
        if let replacement = lost.replacedBy {
            _ = try await world.calls(CancelRun(runID: replacement, reason: "test"))
        }
        _ = try await world.idle(merchant)
    }
}
