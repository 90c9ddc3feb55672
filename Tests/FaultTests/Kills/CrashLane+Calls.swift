import BillingAPI
import CoreTypes
import GRDB
import MonitorAPI
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport

/// What people ask the services for, and mails.
extension CrashLane {
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
