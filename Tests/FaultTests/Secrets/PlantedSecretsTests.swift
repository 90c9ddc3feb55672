import Foundation
import CoreTypes
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// REL-S15, K10: what is secret stands nowhere but where it must.
    @Suite struct PlantedSecretsTests {
        @Test func `50 planted secrets are found in no log, database, mail or answer, not even at level debug`()
            async throws
        {
            let secrets = PlantedSecrets()
            let world = try await Self.world(secrets)
            let errands = SecretErrands(world, secrets)
            try await errands.goRight()
            try await errands.goWrong()
            try await errands.breakDown()
            #expect(secrets.count >= 50)
            try await errands.keepMails()

            let files = Self.files(of: world.installation)
            #expect(files.contains { $0.name.hasSuffix("scheduler.sqlite") })
            #expect(files.contains { $0.name.hasSuffix("importer.log") })
            let found = try secrets.found(in: files)
            #expect(found == [])
            print(secrets.count, "secrets looked for in", files.count, "files")

            // The search finds what is there.
            let planted = secrets.plant("a file")
            let proof = world.installation.folder.file("state/log/proof.log")
            try "password=\(Data("x\(planted)y".utf8).base64EncodedString())".write(
                toFile: proof, atomically: true, encoding: .utf8)
            let proven = try secrets.found(in: [("proof", proof)])
            #expect(proven.count == 1)
            try await world.installation.stop()
        }

        /// Everything at level debug, with a mail server that wants a secret password.
        private static func world(_ secrets: PlantedSecrets) async throws -> World {
            var settings = World.quickSettings
            for service in RandomKillTests.services + ["sandbox"] {
                settings[service, default: [:]]["LOG_LEVEL"] = "debug"
            }
            let password = secrets.plant("the mail server's password")
            settings["notifier", default: [:]]["NOTIFIER_SMTP_PASSWORD"] = password
            settings["sandbox", default: [:]]["SANDBOX_MAIL_PASSWORD"] = password
            let world = try await World(settings: settings)
            for key in ["sealing.key", "verdict-signing.key", "envelope.key"] {
                let path = world.installation.folder.file("state/keys/\(key)")
                let text = try String(contentsOfFile: path, encoding: .utf8)
                secrets.know(text.trimmingCharacters(in: .whitespacesAndNewlines), as: key)
            }
            for service in RandomKillTests.services + ["operator"] {
                let path = world.installation.folder.file("state/certificates/\(service).key")
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                secrets.know(String(lines[1]), as: "the TLS key of \(service)")
            }
            return world
        }

        /// All that services wrote. The settings, keys and certificates are where secrets belong; the simulated systems
        /// hold their own passwords in clear.
        private static func files(of installation: Installation) -> [(name: String, path: String)] {
            ["log", "data", "run"].flatMap { folder in
                installation.files(in: folder).map {
                    ("\(folder)/\($0)", installation.folder.file("state/\(folder)/\($0)"))
                }
            }.filter { file in
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(atPath: file.1, isDirectory: &isFolder)
                return exists && !isFolder.boolValue && !file.0.hasPrefix("data/sandbox/")
            }.map { (name: $0.0, path: $0.1) }
        }
    }
}
