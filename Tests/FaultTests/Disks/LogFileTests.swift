import Foundation
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// Logs as files, where no journal keeps them small.
    @Suite struct LogFileTests {
        @Test(.timeLimit(.minutes(5)))
        func `a log that has become large is put aside and begun anew, while the service runs`() async throws {
            let world = try await World()
            try await world.installation.end("billing", with: SIGTERM)
            let log = world.installation.folder.file("state/log/billing.log")
            try String(repeating: "An old line of the log.\n", count: 60_000)
                .write(toFile: log, atomically: true, encoding: .utf8)
            _ = try await world.installation.start("billing", adding: ["LOG_FILE_MEGABYTES": "1"])
            _ = try await world.calls.ready("billing")
            // Each plan that is set is a line of the log.
            let load = PlanLoad(world.calls)
            try await load.run { try await load.acknowledges(300) }

            #expect(try Self.text(log + ".1").hasPrefix("An old line of the log."))
            let new = try Self.text(log)
            #expect(new.utf8.count < 1 << 20)
            #expect(new.contains("A plan was set."))
            #expect(!new.contains("An old line"))
            try await world.installation.stop()
        }

        @Test(
            .enabled(if: Mounts.arePossible, Comment(rawValue: Mounts.condition)), .timeLimit(.minutes(5)))
        func `a log whose disk is full costs its lines and nothing else`() async throws {
            let world = try await World()
            try await world.installation.end("billing", with: SIGTERM)
            let disk = try await SmallDisk(at: world.installation.folder.file("state/logdisk"), megabytes: 1)
            let log = world.installation.folder.file("state/log/billing.log")
            try FileManager.default.removeItem(atPath: log)
            try FileManager.default.createSymbolicLink(atPath: log, withDestinationPath: disk.place + "/billing.log")
            try await world.restart("billing")

            let load = PlanLoad(world.calls)
            try await load.run {
                try await load.acknowledges(5)
                try await disk.fill()
                try await load.acknowledges(100)
                #expect(load.refusals.isEmpty)
                try await disk.empty()
                try await load.acknowledges(20)
            }
            let lines = try Self.text(log).split(separator: "\n")
            #expect(lines.count > 20)
            // The line that was cut off is the only one that is not whole.
            let broken = lines.filter { !$0.hasPrefix("20") || !$0.contains(" billing: ") }
            #expect(broken.count <= 1, "\(broken)")
            try await world.installation.end("billing", with: SIGTERM)
            try await disk.remove()
            try await world.installation.stop()
        }

        private static func text(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        }
    }
}
