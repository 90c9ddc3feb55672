import BillingAPI
import CoreTypes
import Foundation
import GRDB
import MonitorAPI
import NotifierAPI
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestInstallation
import TestSupport

/// One installation on which one crash after the other is provoked. Several work side by side: most of the time is spent
/// waiting for a lease to run out.
final class CrashLane: Sendable {
    let world: World
    let merchant: Merchant
    let drill: KillDrill
    /// One whose shop does not stage.
    let direct: DirectDrill
    /// For what the main merchant's books are better kept out of; has a schedule.
    let bystander: Merchant
    let probe: Probe
    let tag: String
    private let counter = Mutex<Int>(0)

    init(_ number: Int) async throws {
        tag = "lane\(number)"
        var settings = World.quickSettings
        settings["scheduler"]?["SCHEDULER_SWEEP_SECONDS"] = "5"
        world = try await World(settings: settings)
        merchant = try await world.addMerchant(tag)
        bystander = try await world.addMerchant("\(tag)b", items: 20, schedule: .every(seconds: 3600))
        drill = try await KillDrill(world, merchant, seed: UInt64(number))
        direct = try await DirectDrill(world, try await world.addMerchant("\(tag)d", items: 60, isDirect: true))
        probe = try await Probe(in: world.installation.folder.path)
        // Two sets at its shop: one can be taken back.
        for _ in 1...2 {
            try await editBystander()
            _ = try await world.publish(bystander)
        }
    }

    func next() -> Int {
        counter.withLock { number in
            number += 1
            return number
        }
    }

    // MARK: One crash

    /// Makes a service crash at a point and sees that all comes right. What leads to some points has to come at the right
    /// moment, so a point that was not reached is gone for again, twice; all the rest has to be right each time.
    ///
    /// - Returns: What went wrong, in words; empty when all is well.
    func make(_ crash: Crash) async throws -> [String] {
        var problems: [String] = []
        var missed: [Ending?] = []
        while missed.count < 3 {
            let (ending, found) = try await tryOnce(crash)
            problems += found
            if ending == .exited(137) { return problems }
            missed.append(ending)
        }
        let endings = missed.map { ending in ending.map { "\($0)" } ?? "still running" }
        return problems + ["\(crash) was not passed: \(endings). Does `CrashRecipe` say how to come there?"]
    }

    private func tryOnce(_ crash: Crash) async throws -> (ending: Ending?, problems: [String]) {
        let recipe = CrashRecipe.recipe(for: crash)
        let service = crash.service
        try await recipe.arrange(self)
        try await world.installation.kill(service)
        try await recipe.whileStopped(self)
        let variables = recipe.variables(self).merging(["CRASH_AT": "\(crash.point):1"]) { $1 }
        let armed = try await world.installation.start(service, adding: variables)
        let provoking = Task { try await recipe.provoke(self) }
        var problems: [String] = []
        let ending = try? await armed.ending(within: .seconds(20))
        if ending != .exited(137) { try await world.installation.kill(service) }
        problems += try DatabaseCheck(installation: world.installation).faults(of: service)
        let time = try await world.restart(service)
        if time > KillDrill.readyLimit { problems.append("\(service) was ready after \(time) only") }
        do { try await provoking.value } catch { problems.append("\(crash): \(error)") }
        try await recipe.tidy(self)
        try await drill.settle()
        // What a schedule or a lost run started meanwhile would meet the next crash's arrangements.
        _ = try await world.idle(bystander)
        return (ending, problems)
    }

    // MARK: The schedule

    private static let schedulerDatabase = "data/scheduler/scheduler.sqlite"

    func makeDue() throws {
        try DatabaseCheck(installation: world.installation).change(
            Self.schedulerDatabase, "UPDATE connection SET nextDueAt = nextDueAt - 3600000 * ? WHERE id = ?",
            [next(), bystander.connectionID.rawValue])
    }

    func stopSchedule() throws {
        try DatabaseCheck(installation: world.installation).change(
            Self.schedulerDatabase, "UPDATE connection SET nextDueAt = NULL WHERE id = ?",
            [bystander.connectionID.rawValue])
    }

    func park() throws {
        try DatabaseCheck(installation: world.installation).change(
            Self.schedulerDatabase,
            """
            INSERT INTO failedTries (connectionID, tries, lastRunID, lastAt, retryAt, parkedAt)
            SELECT ?, 5, id, queuedAt, queuedAt, queuedAt FROM run LIMIT 1
            """, [bystander.connectionID.rawValue])
    }

    func release() async throws {
        _ = try await world.calls(ReleaseConnection(connectionID: bystander.connectionID, reason: "test"))
    }

    /// The importer has to ask the shop what it has.
    func losePublishedSets() throws {
        try FileManager.default.removeItem(atPath: world.installation.folder.file("state/data/importer/published"))
    }
}
