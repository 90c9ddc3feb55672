import CoreTypes
import Foundation
import MonitorAPI
import RPC
import SandboxAPI
import SchedulerAPI
import TestInstallation

/// Imports that fail, are lost or cancelled, and shops that somebody else meddles with.
extension CrashLane {
    func startImport() async throws { try await drill.startNext() }

    func breakSource() async throws { try await world.systems.empty(merchant.erp) }
    func slowSource() async throws { try await world.systems.slow(merchant.erp, milliseconds: 400) }
    func changeSourceWhileReading() async throws { try await world.systems.insertWhileReading(merchant.erp) }
    func repairSource() async throws {
        try await world.systems.repair(merchant.erp)
        try await world.systems.repair(bystander.erp)
    }

    /// A run whose importer is ended in the middle, and the wait until that is found out.
    func loseRun() async throws {
        try await startImport()
        guard let run = drill.started.last else { return }
        _ = try await eventually("the claim") {
            try await self.world.run(run).run.state == .running ? true : nil
        }
        try await world.installation.kill("importer")
        _ = try await eventually("the loss") {
            try await self.world.run(run).run.outcome == .lost ? true : nil
        }
        try await world.restart("importer")
    }

    /// The importer crashes at a point while it carries out what is started.
    func endImporter(at point: String, _ start: () async throws -> Void) async throws {
        try await world.installation.kill("importer")
        let crashing = try await world.installation.start("importer", adding: ["CRASH_AT": "\(point):1"])
        try await start()
        let ending = try await crashing.ending()
        guard ending == .exited(137) else { throw Installation.Failure(text: "\(point): \(ending)") }
    }

    /// An import to the shop without staging that has sent rows when its importer is gone for good.
    func loseDirectRun() async throws {
        try await endImporter(at: "importer.rows.sent") { try await direct.startNext() }
        try await direct.waitUntilLost()
    }

    /// The same, and somebody has switched the connection off meanwhile: no run comes in its place.
    func leaveHalfDone() async throws {
        try await endImporter(at: "importer.rows.sent") { try await direct.startNext() }
        try await direct.setSwitch(on: false)
        try await direct.waitUntilLost()
    }

    func cancelRun() async throws {
        try await startImport()
        guard let run = drill.started.last else { return }
        _ = try await world.calls(CancelRun(runID: run, reason: "test"))
    }

    func startBystander() async throws { _ = try await world.startRun(bystander) }
    /// An import that has nothing to publish commits nothing.
    func editBystander() async throws {
        let number = next()
        _ = try await world.systems.calls(
            EditItems(system: bystander.erp, count: 3, price: "\(number).5", stock: "\(number)"))
    }
    func loseRowsAtBystander() async throws {
        try await editBystander()
        try await world.systems.loseRows(bystander.shop)
    }
    func slowBystandersShop(milliseconds: Int) async throws {
        try await editBystander()
        try await world.systems.slow(bystander.shop, milliseconds: milliseconds)
    }
    /// Takes one data set of the bystander's shop back to what it was before, when its import has come to a step.
    func meddle(with module: Module, atStep step: String) async throws {
        try await startBystander()
        try await waitForBystander(at: "uploading")
        if step != "uploading" {
            // The commit takes as long to arrive as everything else, which is time enough to come before it.
            try await world.systems.slow(bystander.shop, milliseconds: 1500)
            try await waitForBystander(at: step)
        }
        try await world.systems.repair(bystander.shop)
        try await ShopReader(world.installation, shop: bystander.shop).rollBack(module.rawValue)
    }
    /// The commit takes place, its answer is lost, and nobody can be asked what became of it.
    func silenceShopAtCommit() async throws {
        try await world.systems.order(Fault(.dropAfterCommit), at: bystander.shop)
        try await startBystander()
        try await waitForBystander(at: "committing")
        try await world.systems.order(Fault(.offline), at: bystander.shop)
    }
    private func waitForBystander(at step: String) async throws {
        let look = DatabaseCheck(installation: world.installation)
        _ = try await eventually("the bystander's import \(step)", every: .milliseconds(10)) { () -> Bool? in
            // Read while it is written: what cannot be read is looked at once more.
            let runs = try? look.read("data/importer/importer.sqlite") { db in try look.journal(db) }
            return runs?.contains { $0.hasSuffix(" " + step) } == true ? true : nil
        }
    }
    func settleBystander() async throws {
        try await world.systems.repairBoth(bystander)
        _ = try await world.idle(bystander)
        _ = try await world.publish(bystander)
    }

    /// Of the process that was started with the probe, while it runs.
    func setClock(by seconds: Int, of service: String) async throws {
        _ = try await world.calls.ready(service)
        try probe.set(.clockOffset, seconds)
    }
    func resetClock() throws { try probe.reset() }
}
