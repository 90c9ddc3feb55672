import CoreTypes
import Foundation
import ImporterAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

/// Everything people do with secrets, right and wrong, by command line and by call.
final class SecretErrands {
    private let world: World
    private let secrets: PlantedSecrets
    private var merchants: [Merchant] = []

    init(_ world: World, _ secrets: PlantedSecrets) {
        self.world = world
        self.secrets = secrets
    }

    /// Ten merchants with passwords and keys of their own; imports, probes, and passwords that are changed.
    func goRight() async throws {
        for number in 0..<10 {
            let merchant = try await world.addMerchant(
                "secret\(number)", items: 20, erpPassword: secrets.plant("an ERP's password"),
                shopKey: secrets.plant("a shop's API key"))
            merchants.append(merchant)
            _ = try await world.publish(merchant)
            try await hear(DescribeMerchant(merchantID: merchant.id))
            for system in try await world.calls(ListSystems(merchantID: merchant.id)).systems {
                try await hear(ProbeSystem(systemID: system.systemID))
            }
        }
        for merchant in merchants.prefix(5) { try await change(merchant, secrets.plant("a changed password")) }
    }

    /// Wrong passwords, tokens where they do not belong, calls that are no calls.
    func goWrong() async throws {
        for merchant in merchants.prefix(5) {
            _ = try await world.startRun(merchant)
            let failed = try await world.idle(merchant)
            #expect(failed.outcome == .failed)
            try await hear(DescribeRun(runID: failed.runID))
        }
        let merchant = merchants[9]
        let address = "localhost:\(world.installation.port("SANDBOX_HTTPS"))"
        for number in 0..<5 {
            let token = secrets.plant("a token in an address")
            try await cli(
                [
                    "system", "add", "--merchant", merchant.name, "--name", "Token \(number)", "--kind",
                    "sapBusinessOne",
                    "--url", "https://\(address)/erp?token=\(token)", "--user", "manager",
                ],
                input: secrets.plant("a password on standard input") + "\n")
            let user = secrets.plant("a password in an address")
            try await cli(
                [
                    "system", "add", "--merchant", merchant.name, "--name", "User \(number)", "--kind",
                    "genericWebshop",
                    "--url", "https://me:\(user)@\(address)/shop",
                ],
                input: secrets.plant("a key on standard input") + "\n")
        }
        for body in [
            #"{"credentials":{"password":"?"}}"#, #"{"credentials":"?"}"#, #"{"merchantID":"?"}"#, #"{"#, #"["?"]"#,
        ] {
            let secret = secrets.plant("a call of a wrong shape")
            try await cli(["call", "scheduler.createSystem", body.replacing("?", with: secret)], input: "")
        }
    }

    /// Services that end badly while they hold secrets, and a mail server that refuses the password.
    func breakDown() async throws {
        let wrong = secrets.plant("a wrong password of the mail server")
        try await world.installation.kill("notifier")
        _ = try await world.installation.start("notifier", adding: ["NOTIFIER_SMTP_PASSWORD": wrong])
        _ = try await world.calls.ready("notifier")
        _ = try await world.startRun(merchants[0])
        _ = try await world.idle(merchants[0])

        let proxy = secrets.plant("a proxy's password")
        try await world.installation.kill("importer")
        _ = try await world.installation.start(
            "importer",
            adding: ["IMPORTER_PROXY": "http://127.0.0.1:9", "IMPORTER_PROXY_CREDENTIALS": "me:\(proxy)"])
        _ = try await world.calls.ready("importer")
        let run = try await world.startRun(merchants[5])
        _ = try await world.idle(merchants[5])
        try await hear(DescribeRun(runID: run))

        // In the middle of an import, with a password in memory: the backtrace goes to the log.
        try await world.installation.kill("importer")
        try await world.restart("importer")
        try await world.systems.slow(merchants[6].erp, milliseconds: 300)
        _ = try await world.startRun(merchants[6])
        try await Task.sleep(for: .milliseconds(700))
        kill(try world.installation.processID("importer"), SIGSEGV)
        let log = world.installation.folder.file("state/log/importer.log")
        _ = try await eventually("the backtrace", within: .seconds(60)) {
            try String(contentsOfFile: log, encoding: .utf8).contains("Backtrace took") ? true : nil
        }
        try await world.installation.kill("importer")
        try await world.restart("importer")
        try await world.systems.repair(merchants[6].erp)
        _ = try await world.idle(merchants[6])
    }

    /// Mails are answers too.
    func keepMails() async throws {
        for mail in try await world.systems.mails() { secrets.hear("the mail '\(mail.subject)'", mail.text) }
        try await cli(["sandbox", "mailbox"], input: "")
        try await cli(["health"], input: "")
    }

    private func change(_ merchant: Merchant, _ password: String) async throws {
        let systems = try await world.calls(ListSystems(merchantID: merchant.id)).systems
        guard let source = systems.first(where: { $0.kind == .sapBusinessOne }) else { return }
        try await cli(
            [
                "system", "set-credentials", source.systemID.rawValue, "--merchant", merchant.name, "--user", "manager",
                "--reason", "test",
            ],
            input: password + "\n")
    }

    private func hear<Request: RPCRequest>(_ request: Request) async throws {
        do { secrets.hear("\(Request.method)", "\(try await world.calls(request))") } catch {
            secrets.hear("\(Request.method)", "\(error)")
        }
    }

    private func cli(_ arguments: [String], input: String) async throws {
        let answer = try await world.installation.run("compose/sluice", arguments, input: input)
        // What was typed is not what was answered: only the output counts.
        secrets.hear("sluice \(arguments.prefix(2).joined(separator: " "))", answer.output + answer.errors)
    }
}
