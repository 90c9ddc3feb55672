import CoreTypes
import Foundation
import NotifierAPI
import RPC
import SchedulerAPI
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A schema is brought up to date step by step; wherever that ends, the next start completes it.
    @Suite struct UpgradeTests {
        private static let services = ["scheduler", "importer", "monitor", "notifier", "billing"]

        /// From an empty file the process dies at each flush of the disk, of which each step has one; from each earlier
        /// schema, full of rows, at one flush by chance in every run, and at each flush and each write with `--long`.
        @Test(.timeLimit(.minutes(60)))
        func `a schema whose making is cut short anywhere is completed by the next start, with every row`() async throws
        {
            let world = try await World()
            let merchant = try await world.addMerchant("upgrade", items: 50)
            _ = try await world.publish(merchant)
            // An incident with its mails, so that their tables have rows.
            try await world.systems.empty(merchant.erp)
            _ = try await world.startRun(merchant)
            _ = try await eventually("the mails") { () -> Bool? in
                let mails = try await world.calls(ListMessages(merchantID: merchant.id)).messages
                return !mails.isEmpty && mails.allSatisfy { $0.state == .accepted } ? true : nil
            }
            _ = try await Audit(world: world, merchant: merchant).settledUsage()
            for service in Self.services { try await world.installation.end(service, with: SIGTERM) }

            for service in Self.services {
                let upgrade = try await SchemaUpgrade(service, of: world)
                let earlier = try await upgrade.dieOnTheWay(from: upgrade.empty, everywhere: true)
                // Before the first step, and after each of them.
                #expect(earlier.count == upgrade.steps + 1, "\(service): \(earlier.map(\.steps))")
                var rows = 0
                for schema in earlier {
                    try await upgrade.completes(from: schema)
                    let filled = try upgrade.filled(schema)
                    rows += filled.rows
                    let everywhere = LongProof.count(0, long: 1) > 0
                    for image in try await upgrade.dieOnTheWay(from: filled, everywhere: everywhere) {
                        try await upgrade.completes(from: image)
                    }
                }
                #expect(upgrade.problems == [])
                print("\(service): \(upgrade.steps) steps, \(upgrade.deaths) deaths, \(rows) rows kept")
            }
            try await world.installation.stop()
        }

        @Test func `an older program leaves a newer database alone and says so`() async throws {
            let world = try await World()
            try await world.installation.end("billing", with: SIGTERM)
            let path = "data/billing/billing.sqlite"
            let look = DatabaseCheck(installation: world.installation)
            try look.change(path, "INSERT INTO grdb_migrations VALUES ('999-of-the-future')")
            let process = try await world.installation.start("billing")
            // Not to be started again: only a person can help.
            #expect(try await process.ending() == .exited(78))
            let log = world.installation.folder.file("state/log/billing.log")
            #expect(try String(contentsOfFile: log, encoding: .utf8).contains("was written by a newer version"))
            try look.change(path, "DELETE FROM grdb_migrations WHERE identifier = '999-of-the-future'")
            try await world.restart("billing")
            try await world.installation.stop()
        }
    }
}
