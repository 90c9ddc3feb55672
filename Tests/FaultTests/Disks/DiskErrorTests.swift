import CoreTypes
import Foundation
import RPC
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A disk that fails in the middle of a write, under a real service: nothing acknowledged is lost.
    @Suite(.enabled(if: FaultInjection.isPossible, Comment(rawValue: FaultInjection.condition)))
    struct DiskErrorTests {
        /// 5 kinds of failure x 40 points in every run, x 400 with `--long`.
        @Test(.timeLimit(.minutes(30)))
        func `whatever call to the disk fails, nothing acknowledged is lost, and a failed flush ends the process`()
            async throws
        {
            let points = LongProof.count(40, long: 400)
            let world = try await World()
            _ = try await world.installation.end("billing", with: SIGTERM)
            let drill = DiskDrill(world)
            try await drill.start()

            for point in [.writeFails, .noRoom, .shortWrite, .readFails] as [FaultInjection.Point] {
                let restarts = try await drill.fail(point, times: points)
                // The process lives through what it can refuse.
                #expect(restarts == 0, "\(point)")
                _ = try await world.calls.ready("billing", within: .seconds(10))
            }
            let restarts = try await drill.fail(.flushFails, times: points)
            #expect(restarts == points, "every failed flush ends the process")
            #expect(Set(drill.reasons).isSubset(of: DiskDrill.reasonsExpected))
            #expect(drill.reasons.contains("storage_full") && drill.reasons.contains("storage_failing"))

            _ = try await world.installation.end("billing", with: SIGTERM)
            let path = world.installation.folder.file("state/data/billing/billing.sqlite")
            #expect(try PlanLoad.problems(of: path, acknowledged: drill.load.acknowledged) == [])
            print(drill.load.acknowledged.count, "acknowledged,", drill.load.refusals.count, "refused, 0 lost")
            try await world.installation.stop()
        }

        @Test(.timeLimit(.minutes(5)))
        func `compose starts a service again that ended for its disk's sake`() async throws {
            let folder = try TemporaryFolder("sluice-fiu")
            let injection = FaultInjection(prefix: folder.file("fiu"))
            let settings = World.quickSettings.merging(["billing": injection.variables]) { $1 }
            let world = try await World(settings: settings)
            let load = PlanLoad(world.calls)
            try await load.run {
                try await load.acknowledges(5)
                let first = try world.installation.processID("billing")
                try injection.failOnce(.flushFails, in: first)
                let second = try await eventually("a new process", within: .seconds(10)) {
                    let now = try world.installation.processID("billing")
                    return now == first ? nil : now
                }
                try await load.acknowledges(5)
                #expect(try world.installation.processID("billing") == second)
            }
            try await world.installation.stop()
            let path = world.installation.folder.file("state/data/billing/billing.sqlite")
            #expect(try PlanLoad.problems(of: path, acknowledged: load.acknowledged) == [])
        }
    }
}

/// Billing under load, with a disk that can be told to fail; starts it again as a supervisor would.
final class DiskDrill {
    /// What a caller sees of the disk, and of a process that ended. SQLite calls what it could not read damaged.
    static let reasonsExpected = [
        "storage_full", "storage_failing", "storage_damaged", "connection_lost", "service_unreachable",
        "deadline_exceeded", "service_unavailable",
    ]

    let load: PlanLoad
    private let world: World
    private let injection: FaultInjection
    private let random = Randomness.seeded(5)
    private var process = ServiceProcess?.none

    init(_ world: World) {
        self.world = world
        load = PlanLoad(world.calls)
        injection = FaultInjection(prefix: world.installation.folder.file("state/run/fiu"))
    }

    var reasons: [String] { load.refusals.map(\.reason) }

    func start() async throws {
        process = try await world.installation.start("billing", adding: injection.variables)
        do {
            _ = try await world.calls.ready("billing")
        } catch {
            let log = try String(
                contentsOfFile: world.installation.folder.file("state/log/billing.log"), encoding: .utf8)
            throw Installation.Failure(text: "\(error); its log ends with: \(log.suffix(2000))")
        }
    }

    /// Lets one call fail at `times` random moments.
    ///
    /// - Returns: How often the process ended.
    func fail(_ point: FaultInjection.Point, times: Int) async throws -> Int {
        var restarts = 0
        try await load.run {
            for _ in 0..<times {
                try await load.acknowledges(Int(random.next() % 12) + 1)
                guard let process else { return }
                let before = load.refusals.count
                try injection.failOnce(point, in: process.id)
                if point.name == FaultInjection.Point.flushFails.name {
                    let ending = try await process.ending()
                    #expect(ending == .exited(74))
                    restarts += 1
                    try await start()
                } else {
                    // Seen by a caller, or swallowed by a checkpoint, which comes again.
                    let goal = load.acknowledged.count + 8
                    _ = try await eventually("billing going on after \(point)", every: .milliseconds(1)) {
                        load.refusals.count > before || load.acknowledged.count >= goal ? true : nil
                    }
                }
            }
        }
        return restarts
    }
}
