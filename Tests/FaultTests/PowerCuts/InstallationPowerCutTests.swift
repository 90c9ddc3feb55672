import CoreTypes
import Foundation
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// The power of the machine with all services on it goes in the middle of an import; ERP, shop and mail server are
    /// elsewhere and go on.
    @Suite(.enabled(if: Mounts.arePossible, Comment(rawValue: Mounts.condition)))
    struct InstallationPowerCutTests {
        private static let services = ["scheduler", "importer", "monitor", "notifier", "billing"]

        /// 3 cuts in every run, 50 with `--long`.
        @Test(.timeLimit(.minutes(30)))
        func `an import whose machine loses its power is ended, counted and mailed once, and the next one works`()
            async throws
        {
            let cuts = LongProof.count(3, long: 50)
            var settings = World.quickSettings
            // The outside world's memory is not on the machine's disk.
            settings["sandbox"] = ["SANDBOX_DATABASE_PATH": "../../run/sandbox.sqlite"]
            let world = try await World(settings: settings)
            let merchant = try await world.addMerchant("power")
            var started = try await world.publish(merchant)
            try await world.installation.stop()
            let disk = try await PowerCutDisk(at: world.installation.folder.file("state/data"))
            try await Self.start(world)

            let catalogue = try await ChangingCatalogue(world.systems, erp: merchant.erp)
            let random = Randomness.seeded(7)
            for cut in 1...cuts {
                try await catalogue.advance(to: cut)
                started.append(try await world.startRun(merchant))
                // Anywhere from the claim to a little after the end.
                try await Task.sleep(for: .milliseconds(Int(random.next() % 1500)))
                try await Self.cutPower(of: world, disk)
                try await Self.start(world)
                _ = try await world.idle(merchant)
                started += try await world.publish(merchant)
            }
            #expect(try await Audit(world: world, merchant: merchant).problems(acknowledged: started) == [])
            try await world.installation.stop()
            let look = DatabaseCheck(installation: world.installation)
            for service in Self.services { #expect(try look.faults(of: service) == []) }
            try await disk.remove()
        }

        private static func start(_ world: World) async throws {
            let answer = try await world.installation.run("compose/up")
            guard answer.status == 0 else { throw Installation.Failure(text: answer.output + answer.errors) }
        }

        private static func cutPower(of world: World, _ disk: PowerCutDisk) async throws {
            // They end first: what they did after the picture was taken would be from the future.
            for service in services { kill(try world.installation.processID(service), SIGKILL) }
            try await disk.cut()
            for service in services { try await world.installation.end(service, with: SIGKILL) }
            try await world.installation.end("sandbox", with: SIGTERM)
            try await disk.boot()
            // The machine's own mark of a boot is the same one here; after a real cut it is another.
            try DatabaseCheck(installation: world.installation).change(
                "data/importer/importer.sqlite", "UPDATE runJournal SET bootID = 'before the cut'")
        }
    }
}
