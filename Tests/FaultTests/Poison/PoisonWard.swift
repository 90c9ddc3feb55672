import CoreTypes
import Foundation
import NotifierAPI
import RPC
import SchedulerAPI
import Synchronization
import TestInstallation
import TestSupport

/// An installation with healthy merchants, and an ERP of any poison.
final class PoisonWard: Sendable {
    let world: World
    let healthy: [Merchant]
    /// How long the runs of healthy merchants waited while nothing was wrong: 99 of 100 of them.
    let usualDelay: Duration
    /// The longest time without any importer, because one had to be started again.
    var downtime: Duration { longestDowntime.withLock { $0 } }
    private let longestDowntime = Mutex<Duration>(.zero)
    private let port: UInt16
    private let erp: ServiceProcess

    init(healthy count: Int) async throws {
        var settings = World.quickSettings
        // A system that stands still is found out in a second, and not asked five times.
        settings["importer"]?["IMPORTER_ANSWER_SECONDS"] = "1"
        settings["importer"]?["IMPORTER_PAGE_ATTEMPTS"] = "2"
        settings["importer"]?["IMPORTER_PAGE_MEGABYTES"] = "16"
        settings["importer"]?["IMPORTER_CONCURRENT_RUNS"] = "4"
        let world = try await World(settings: settings)
        let port = try Installation.freePorts(1)[0]
        erp = try world.installation.startProgram(
            world.installation.variables["SLUICE_PYTHON"] ?? "/usr/bin/python3",
            [
                Installation.root + "/Tests/FaultTests/Poison/poison_erp.py", "\(port)",
                world.installation.folder.file("state/certificates/https.pem"),
                world.installation.folder.file("state/certificates/https.key"),
            ], as: "poison-erp")
        let healthy = try await (0..<count).asyncMap { try await world.addMerchant("healthy\($0)", items: 100) }
        for merchant in healthy { _ = try await world.publish(merchant) }
        let load = HealthyLoad(world, healthy)
        await withTaskGroup(of: Void.self) { group in
            for merchant in healthy { group.addTask { await load.run(merchant, times: 4) } }
        }
        guard load.problems.isEmpty, let longest = load.delays.max() else {
            throw Installation.Failure(text: "healthy merchants are not: \(load.problems)")
        }
        self.world = world
        self.port = port
        self.healthy = healthy
        usualDelay = longest
    }

    /// The services and the poisonous ERP end here, so that what follows has the machine for itself.
    func close() async throws {
        try await world.installation.stop()
        erp.signal(SIGKILL)
        _ = try await erp.ending()
    }

    func addPoisonous(_ poison: Poison) async throws -> Merchant {
        let tag = "poison\(poison.rawValue)"
        guard poison != .crash else { return try await world.addMerchant(tag, items: 100) }
        return try await world.addMerchant(tag, items: 5, sourceURL: "https://localhost:\(port)/\(poison.rawValue)")
    }

    /// - Returns: How many tries failed before nothing started any more.
    func tryUntilParked(_ merchant: Merchant, _ poison: Poison) async throws -> Int {
        if poison == .crash { try await world.systems.slow(merchant.erp, milliseconds: 300) }
        for _ in 0..<10 {
            do {
                let run = try await world.startRun(merchant)
                if poison == .crash { try await crashImporter(over: run) }
            } catch let error as ServiceError {
                guard error.reason == "connection_parked" else { throw error }
                break
            }
            _ = try await world.idle(merchant, within: .seconds(120))
        }
        return try await world.runs(of: merchant).count { $0.outcome == .lost || $0.outcome == .failed }
    }

    /// Ends the importer when it has the run in hand, as a bug in its reader would. What is queued in place of the lost
    /// run is taken back: it waits longer each time, and this test does not.
    private func crashImporter(over run: RunID) async throws {
        _ = try await eventually("the claim", within: .seconds(60)) {
            try await self.world.run(run).run.state == .running ? true : nil
        }
        let start = ContinuousClock.now
        try await world.installation.kill("importer")
        try await world.restart("importer")
        longestDowntime.withLock { $0 = max($0, ContinuousClock.now - start) }
        let lost = try await eventually("the loss") { () -> RunDescription? in
            let found = try await self.world.run(run)
            return found.run.outcome == .lost ? found : nil
        }
        guard let replacement = lost.replacedBy else { return }
        do {
            _ = try await world.calls(CancelRun(runID: replacement, reason: "test"))
        } catch let error as ServiceError where error.reason == "run_already_over" {
            // The loss that parks the connection skips it.
        }
    }

    /// The mails that say that the merchant's connection was parked.
    func parkingMails(of merchant: Merchant) async throws -> [Message] {
        let incident = try await eventually("the incident") {
            try await self.world.calls(ListIncidents(merchantID: merchant.id, onlyOpen: true)).incidents
                .first { $0.reason == "connection_parked" }
        }
        return try await eventually("the mails", within: .seconds(60)) {
            let mails = try await self.world.calls(DescribeIncident(incidentID: incident.incidentID)).messages
            return !mails.isEmpty && mails.allSatisfy { $0.state == .accepted } ? mails : nil
        }
    }
}
