import CoreTypes
import Foundation
import GRDB
import Persistence
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// What was acknowledged outlives the power: every cut finds a sound database with all of it.
    @Suite(.enabled(if: Mounts.arePossible, Comment(rawValue: Mounts.condition)))
    struct PowerCutTests {
        /// 20 cuts in every run, 200 with `--long`.
        @Test(.timeLimit(.minutes(20)))
        func `billing loses nothing that it acknowledged when the power is cut`() async throws {
            let cuts = LongProof.count(20, long: 200)
            let world = try await World()
            _ = try await world.installation.end("billing", with: SIGTERM)
            let disk = try await PowerCutDisk(at: world.installation.folder.file("state/data/billing"))
            try await world.restart("billing")

            let load = PlanLoad(world.calls)
            let random = Randomness.seeded(2)
            var lost: [String] = []
            try await load.run {
                for _ in 0..<cuts {
                    try await load.acknowledges(Int(random.next() % 40) + 1)
                    // Before the cut: what is acknowledged during it may or may not be there.
                    let acknowledged = load.acknowledged
                    try await disk.cut()
                    lost += try await disk.afterCut { place in
                        try PlanLoad.problems(of: "\(place)/billing.sqlite", acknowledged: acknowledged)
                    }
                }
            }
            #expect(lost == [])
            #expect(load.acknowledged.count >= cuts)

            // The service itself starts from what a cut left, and has all of it.
            let acknowledged = load.acknowledged
            try await disk.cut()
            _ = try await world.installation.end("billing", with: SIGKILL)
            try await disk.boot()
            try await world.restart("billing")
            _ = try await world.installation.end("billing", with: SIGTERM)
            #expect(
                try PlanLoad.problems(of: "\(disk.place)/billing.sqlite", acknowledged: acknowledged) == [])
            try await disk.remove()
            try await world.installation.stop()
            print("\(cuts) power cuts, \(acknowledged.count) acknowledged plans, 0 lost")
        }

        /// 20 cuts in every run, 200 with `--long`, of a database as every service opens it; and, with SQLite's usual
        /// carelessness in WAL mode, as many as it takes to see a loss, which shows that the test can.
        @Test(.timeLimit(.minutes(20)), arguments: ["FULL", "NORMAL"])
        func `commits outlive a power cut, and would not with the level a pool has by itself`(level: String)
            async throws
        {
            let cuts = LongProof.count(20, long: 200)
            let folder = try TemporaryFolder("sluice-cut")
            let disk = try await PowerCutDisk(at: folder.file("disk"))
            let writer = try RowWriter(at: "\(disk.place)/rows.sqlite", synchronous: level)
            let random = Randomness.seeded(3)
            var cutsWithLoss = 0
            try await writer.run {
                for _ in 0..<cuts {
                    try await writer.commits(Int(random.next() % 100) + 1)
                    let last = writer.last
                    try await disk.cut()
                    let isLost = try await disk.afterCut { place in
                        try RowWriter.isLost(upTo: last, in: "\(place)/rows.sqlite")
                    }
                    if isLost { cutsWithLoss += 1 }
                    if isLost, level == "NORMAL" { break }
                }
            }
            try writer.close()
            try await disk.remove()
            #expect(level == "FULL" ? cutsWithLoss == 0 : cutsWithLoss > 0)
        }
    }
}
