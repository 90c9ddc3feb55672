import Foundation
import GRDB
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A schema is brought up to date step by step; wherever that ends, the next start completes it.
    @Suite struct UpgradeTests {
        /// 4 interrupted starts of each service in every run, 50 with `--long`.
        @Test(
            .enabled(if: FaultInjection.isPossible, Comment(rawValue: FaultInjection.condition)),
            .timeLimit(.minutes(20)))
        func `a service that dies in the middle of making its schema completes it at the next start`() async throws {
            let times = LongProof.count(4, long: 50)
            let world = try await World()
            let look = DatabaseCheck(installation: world.installation)
            for service in ["scheduler", "importer", "monitor", "notifier", "billing"] {
                try await world.installation.end(service, with: SIGTERM)
                let path = "data/\(service)/\(service).sqlite"
                let whole = try look.read(path, Self.schema)
                try Self.remove(world.installation.folder.file("state/\(path)"))
                let deaths = try await Self.interrupt(service, of: world, times: times)
                #expect(deaths > 0, "\(service) never died")
                try await world.restart(service)
                try await world.installation.end(service, with: SIGTERM)
                #expect(try look.faults(of: service) == [])
                #expect(try look.read(path, Self.schema) == whole)
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

        /// Starts a service again and again, each time ending it at a flush of the disk, by chance, or a moment later.
        ///
        /// - Returns: How often it ended before it was ready.
        private static func interrupt(_ service: String, of world: World, times: Int) async throws -> Int {
            let injection = FaultInjection(prefix: world.installation.folder.file("state/run/fiu"))
            var deaths = 0
            for attempt in 0..<times {
                // The last of four dies for certain; the others get further.
                let probability = [0.1, 0.3, 0.6, 1][attempt % 4]
                let variables = injection.variables.merging([
                    "FIU_ENABLE": "enable_random name=posix/io/sync/*,probability=\(probability)"
                ]) { $1 }
                let process = try await world.installation.start(service, adding: variables)
                let ending = try? await process.ending(within: .milliseconds(700))
                if ending == .exited(74) { deaths += 1 }
                if ending == nil { try await world.installation.end(service, with: SIGKILL) }
            }
            return deaths
        }

        private static func schema(_ db: Database) throws -> [String] {
            try String.fetchAll(db, sql: "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name")
                + String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        }

        private static func remove(_ path: String) throws {
            for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + ending) {
                try FileManager.default.removeItem(atPath: path + ending)
            }
        }
    }
}
