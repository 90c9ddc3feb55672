import CoreTypes
import Foundation
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport

/// Two importers. In each round one has all runs in hand and is stopped in the middle; the other one gets them; then the
/// first one wakes up.
final class LeaseTheft {
    let world: World
    let merchants: [Merchant]
    private let catalogues: [ChangingCatalogue]
    private let importers = ["importer", "importer-2"]
    private let randomness = Randomness.seeded(3)
    private(set) var started: [(merchant: MerchantID, run: RunID)] = []
    /// How often a run was stopped at which step.
    private(set) var caught: [String: Int] = [:]

    init(merchants count: Int) async throws {
        var settings = World.quickSettings
        settings["importer"]?["IMPORTER_CONCURRENT_RUNS"] = "\(count)"
        let world = try await World(settings: settings)
        self.world = world
        try await world.startSecondImporter()
        merchants = try await (0..<count).asyncMap {
            try await world.addMerchant("theft\($0)", items: 200, pageSize: 50)
        }
        catalogues = try await merchants.asyncMap { try await ChangingCatalogue(world.systems, erp: $0.erp) }
        for merchant in merchants { _ = try await world.startRun(merchant) }
        for merchant in merchants { _ = try await world.idle(merchant) }
    }

    private func signal(_ importer: String, _ signal: Int32) throws {
        kill(try world.installation.processID(importer), signal)
    }

    /// Where the runs of a round are when their importer is stopped.
    enum Moment: CaseIterable {
        /// Before the shop has heard of the run.
        case reading
        /// The shop has it, and nothing is live.
        case uploading
        /// Right before the commit, while it is under way, and right after it.
        case committing

        /// What the importer's journal says of such runs.
        var steps: Set<String> {
            switch self {
            case .reading: ["reading"]
            case .uploading: ["uploading"]
            case .committing: ["committing", "committed"]
            }
        }
    }

    func round(_ number: Int, _ moment: Moment) async throws -> [String] {
        let victim = importers[number % 2]
        let thief = importers[(number + 1) % 2]
        for catalogue in catalogues { try await catalogue.advance(to: number) }
        try signal(thief, SIGSTOP)
        try await slowDown(moment)
        var runs: [RunID] = []
        for merchant in merchants { runs.append(try await world.startRun(merchant)) }
        started += zip(merchants, runs).map { ($0.id, $1) }
        for run in runs {
            _ = try await eventually("the claim") { try await self.world.run(run).run.startedAt }
        }
        try await waitUntil(victim, is: moment)

        try signal(victim, SIGSTOP)
        let before = try await runs.asyncMap { try await world.run($0) }
        for step in try steps(of: victim) { caught[step, default: 0] += 1 }
        for merchant in merchants { try await world.systems.repairBoth(merchant) }
        try signal(thief, SIGCONT)
        for merchant in merchants { _ = try await world.idle(merchant) }
        try await settleMails()
        let atRest = try await pictures()

        try signal(victim, SIGCONT)
        try await waitUntilIdle(victim)
        try await settleMails()
        return try await problems(before, atRest)
    }

    /// One side is slow, for each merchant a little differently, so that the runs stay where they are wanted and are
    /// stopped between other two calls each.
    private func slowDown(_ moment: Moment) async throws {
        for (index, merchant) in merchants.enumerated() {
            switch moment {
            case .reading: try await world.systems.slow(merchant.erp, milliseconds: 300 + 30 * index)
            case .uploading: try await world.systems.slow(merchant.shop, milliseconds: 300 + 30 * index)
            case .committing: try await world.systems.slow(merchant.shop, milliseconds: 300 + 2 * index)
            }
        }
    }

    /// A moment by chance, once many of the runs have come to where they are wanted: half, or a third around the commit,
    /// which is short.
    private func waitUntil(_ importer: String, is moment: Moment) async throws {
        let wanted = moment == .committing ? (merchants.count + 2) / 3 : (merchants.count + 1) / 2
        _ = try await eventually("runs \(moment)", every: .milliseconds(10)) { () -> Bool? in
            // Read while it is written: what cannot be read is looked at once more.
            guard let steps = try? steps(of: importer) else { return nil }
            return steps.count { moment.steps.contains($0) } >= wanted ? true : nil
        }
        let longest = moment == .committing ? 150.0 : 600.0
        try await Task.sleep(for: .milliseconds(Int(randomness.jitter(in: 0...longest))))
    }

    /// How far the runs are that an importer which stands still has in hand, as its journal says.
    private func steps(of importer: String) throws -> [String] {
        let look = DatabaseCheck(installation: world.installation)
        return try look.read("data/\(importer)/importer.sqlite") { db in try look.journal(db) }
            .compactMap { $0.split(separator: " ").last.map(String.init) }
    }

    /// The importer that woke has let go of all it had.
    private func waitUntilIdle(_ importer: String) async throws {
        let look = DatabaseCheck(installation: world.installation)
        _ = try await eventually("the journal of \(importer)", within: .seconds(40)) { () -> Bool? in
            let open = try? look.read("data/\(importer)/importer.sqlite") { db in try look.journal(db) }
            return open == [] ? true : nil
        }
    }

    private func settleMails() async throws {
        _ = try await eventually("the last mail", within: .seconds(60)) { () -> Bool? in
            let waiting = try await [MessageState.queued, .sending, .retrying].asyncMap {
                try await self.world.calls(ListMessages(state: $0)).messages
            }
            return waiting.allSatisfy(\.isEmpty) ? true : nil
        }
    }

    // MARK: What may not change any more

    private struct Picture: Equatable {
        var shop: ShopState
        var openImports: [String]
        var usage: Int
        var runs: [RunID]
    }

    private func pictures() async throws -> [Picture] {
        try await merchants.asyncMap { merchant in
            Picture(
                shop: try await ShopReader(world.installation, shop: merchant.shop).state(),
                openImports: try await world.systems.openImports(of: merchant.shop),
                usage: try await Audit(world: world, merchant: merchant).settledUsage().count,
                runs: try await world.runs(of: merchant).map(\.runID))
        }
    }

    private func problems(_ before: [RunDescription], _ atRest: [Picture]) async throws -> [String] {
        var problems: [String] = []
        for (now, then) in zip(try await pictures(), atRest) where now != then {
            problems.append("an importer that had lost its lease changed \(then) to \(now)")
        }
        for picture in atRest where !picture.openImports.isEmpty {
            problems.append("imports are left open at the shop: \(picture.openImports)")
        }
        for run in before {
            let after = try await world.run(run.run.runID)
            if run.run.state == .finished { continue }
            guard after.run.outcome == .lost, let replacedBy = after.replacedBy else {
                problems.append("the run \(run.run.runID) was \(after.run.outcome?.rawValue ?? "not ended")")
                continue
            }
            let winner = try await world.run(replacedBy)
            if winner.run.outcome?.isSuccess != true { problems.append("the winner \(winner.run.runID) did not win") }
            if winner.leaseOwner == after.leaseOwner { problems.append("the same importer had it again") }
            if (winner.fencingToken ?? 0) <= (after.fencingToken ?? 0) { problems.append("a token did not rise") }
        }
        return problems
    }
}

extension World {
    /// A second importer with its own certificate, port and files.
    func startSecondImporter() async throws {
        let place = installation.folder.file("state/data/importer-2")
        let port = try Installation.freePorts(1)[0]
        let certificate = try await installation.makeCertificate(of: "importer", instance: "2")
        _ = try await installation.start(
            "importer", as: "importer-2",
            adding: certificate.merging([
                "RPC_LISTEN": "127.0.0.1:\(port)", "IMPORTER_DATABASE_PATH": "\(place)/importer.sqlite",
                "IMPORTER_STAGING_FOLDER": "\(place)/staging", "IMPORTER_PUBLISHED_FOLDER": "\(place)/published",
            ]) { $1 })
    }
}
