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
    /// For what the main merchant's books are better kept out of; has a schedule.
    let bystander: Merchant
    private let tag: String
    private let counter = Mutex<Int>(0)

    init(_ number: Int) async throws {
        tag = "lane\(number)"
        var settings = World.quickSettings
        settings["scheduler"]?["SCHEDULER_SWEEP_SECONDS"] = "5"
        world = try await World(settings: settings)
        merchant = try await world.addMerchant(tag)
        bystander = try await world.addMerchant("\(tag)b", items: 20, schedule: .every(seconds: 3600))
        drill = try await KillDrill(world, merchant, seed: UInt64(number))
    }

    func next() -> Int {
        counter.withLock { number in
            number += 1
            return number
        }
    }

    // MARK: One crash

    /// Makes a service crash at a point and sees that all comes right.
    ///
    /// - Returns: What went wrong, in words; empty when all is well.
    func crash(at point: String, of service: String) async throws -> [String] {
        let recipe = CrashRecipe.recipe(for: point)
        try await recipe.arrange(self)
        try await world.installation.kill(service)
        try await recipe.whileStopped(self)
        let armed = try await world.installation.start(service, adding: ["CRASH_AT": "\(point):1"])
        let provoking = Task { try await recipe.provoke(self) }
        var problems: [String] = []
        let ending = try? await armed.ending(within: .seconds(20))
        if ending != .exited(137) {
            problems.append("\(point) was not passed: \(ending.map { "\($0)" } ?? "still running")")
            try await world.installation.kill(service)
        }
        problems += try DatabaseCheck(installation: world.installation).faults(of: service)
        let time = try await world.restart(service)
        if time > KillDrill.readyLimit { problems.append("\(service) was ready after \(time) only") }
        do { try await provoking.value } catch { problems.append("\(point): \(error)") }
        try await recipe.tidy(self)
        try await drill.settle()
        return problems
    }

    // MARK: Imports

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
        let run = drill.started.last
        _ = try await eventually("the claim") {
            try await self.world.run(run.unsafelyUnwrapped).run.state == .running ? true : nil
        }
        try await world.installation.kill("importer")
        _ = try await eventually("the loss") {
            try await self.world.run(run.unsafelyUnwrapped).run.outcome == .lost ? true : nil
        }
        try await world.restart("importer")
    }

    func cancelRun() async throws {
        try await startImport()
        guard let run = drill.started.last else { return }
        _ = try await world.calls(CancelRun(runID: run, reason: "test"))
    }

    func startBystander() async throws { _ = try await world.startRun(bystander) }
    /// Edits items as well, for an import that has nothing to publish commits nothing.
    func loseRowsAtBystander() async throws {
        _ = try await world.systems.calls(EditItems(system: bystander.erp, count: 3))
        try await world.systems.loseRows(bystander.shop)
    }
    func settleBystander() async throws {
        _ = try await world.idle(bystander)
        _ = try await world.publish(bystander)
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

    // MARK: Calls

    func addMerchant() async throws { _ = try await world.addMerchant("\(tag)n\(next())", items: 5) }

    func updateSystem() async throws {
        let systems = try await world.calls(ListSystems(merchantID: bystander.id)).systems
        guard let source = systems.first(where: { $0.kind == .sapBusinessOne }) else { return }
        _ = try await world.calls(
            UpdateSystem(
                systemID: source.systemID, options: ["companyDatabase": "SBODEMO", "note": "\(next())"],
                reason: "test"))
    }

    func updateConnection() async throws {
        _ = try await world.calls(
            UpdateConnection(
                connectionID: bystander.connectionID, schedule: .every(seconds: 3600 + next()), reason: "test"))
    }

    func toggleSwitch() async throws {
        for isOn in [false, true] {
            _ = try await world.calls(
                SetSwitch(merchantID: bystander.id, level: .module, module: .stock, on: isOn, reason: "test"))
        }
    }

    func toggleMonitoring() async throws {
        for isOn in [false, true] {
            _ = try await world.calls(SetMonitoring(connectionID: bystander.connectionID, on: isOn, reason: "test"))
        }
    }

    func setPlan() async throws {
        let plan = Plan(name: "Plan \(next())", fee: Money(minorUnits: 0, currency: "DKK"))
        _ = try await world.calls(SetPlan(merchantID: bystander.id, plan: plan, reason: "test"))
    }

    // MARK: Mails

    func setRecipients() async throws {
        let address = "reader-\(next())@\(tag).example"
        _ = try await world.calls(
            SetRecipients(
                merchantID: bystander.id, recipients: [RecipientChoice(address: address, language: .english)],
                withoutSupport: true, reason: "test"))
    }

    func sendTest() async throws { _ = try await world.calls(SendTest(merchantID: bystander.id)) }

    /// A mail the mail server refuses for good.
    func parkMail() async throws {
        try await world.systems.refuseMail()
        try await sendTest()
        _ = try await eventually("the parked mail") { try await self.parked() }
        try await world.systems.repair("mailbox")
    }

    func resendParked() async throws {
        guard let parked = try await parked() else { return }
        _ = try await world.calls(ResendMessage(messageID: parked, reason: "test"))
    }

    private func parked() async throws -> MessageID? {
        try await world.calls(ListMessages(merchantID: bystander.id, state: .parked)).messages.first?.messageID
    }

    /// An incident of the main merchant that a reminder will be sent of.
    func openIncident() async throws {
        try await breakSource()
        try await startImport()
        _ = try await world.idle(merchant)
        _ = try await eventually("the incident") {
            let incidents = try await self.world.calls(
                ListIncidents(connectionID: self.merchant.connectionID, onlyOpen: true)
            ).incidents
            return incidents.first
        }
    }

    /// An answer that nobody can ask for any more.
    func answerLongAgo() throws {
        try DatabaseCheck(installation: world.installation).change(
            "data/notifier/notifier.sqlite",
            """
            INSERT INTO answeredCall (caller, method, key, request, response, answeredAt)
            VALUES ('operator', 'notifier.sendTest', ?, '{}', '{}', 0)
            """, ["long ago \(next())"])
    }

    func makeReminderDue() throws {
        try DatabaseCheck(installation: world.installation).change(
            "data/notifier/notifier.sqlite", "UPDATE incident SET nextReminderAt = 0 WHERE closedAt IS NULL")
    }
}
