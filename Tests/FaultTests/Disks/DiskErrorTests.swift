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
        /// 5 kinds of failure x 40 points in every run, x 400 with `--long`; each one is seen to strike.
        @Test(.timeLimit(.minutes(30)))
        func `whatever call to the disk fails, nothing acknowledged is lost, and a failed flush ends the process`()
            async throws
        {
            let points = LongProof.count(40, long: 400)
            let world = try await World()
            _ = try await world.installation.end("billing", with: SIGTERM)
            let drill = try await DiskDrill(world)
            let first = try await drill.start()

            for point in FaultInjection.Point.all where !point.endsProcess {
                let refused = drill.load.refusals.count
                try await drill.fail(point, times: points)
                // The process lives through what it can refuse.
                #expect(try await drill.living() == first, "\(point)")
                _ = try await world.calls.ready("billing", within: .seconds(10))
                print("\(point): struck \(points) times, \(drill.load.refusals.count - refused) calls refused")
                // SQLite writes the rest of what was cut short, so that nobody is refused anything.
                if point.error != nil { #expect(drill.load.refusals.count > refused, "\(point)") }
            }
            try await drill.fail(.flushFails, times: points)
            print("\(FaultInjection.Point.flushFails): struck and ended the process \(points) times")
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
                let second = try await eventually("a new process") {
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
    private let probe: Probe
    private let random = Randomness.seeded(5)
    private var process = ServiceProcess?.none

    init(_ world: World) async throws {
        self.world = world
        load = PlanLoad(world.calls)
        injection = FaultInjection(prefix: world.installation.folder.file("state/run/fiu"))
        probe = try await Probe(in: world.installation.folder.path)
    }

    var reasons: [String] { load.refusals.map(\.reason) }

    /// - Returns: The process.
    @discardableResult
    func start() async throws -> Int32 {
        let process = try await world.installation.start(
            "billing", adding: probe.variables(before: injection.variables))
        self.process = process
        do {
            _ = try await world.calls.ready("billing")
        } catch {
            let log = try String(
                contentsOfFile: world.installation.folder.file("state/log/billing.log"), encoding: .utf8)
            throw Installation.Failure(text: "\(error); its log ends with: \(log.suffix(2000))")
        }
        return process.id
    }

    /// - Returns: The process, which runs; nil when it has ended.
    func living() async throws -> Int32? {
        guard let process else { return nil }
        let ending = try? await process.ending(within: .milliseconds(50))
        return ending == nil ? process.id : nil
    }

    /// Lets one call fail at `times` random moments.
    ///
    /// - Throws: When one of them does not strike.
    func fail(_ point: FaultInjection.Point, times: Int) async throws {
        let before = try probe[point.cell]
        try await load.run {
            for number in 1...times {
                try await load.acknowledges(Int(random.next() % 12) + 1)
                guard let process else { return }
                try await strike(process, point, "\(point) striking for the \(number)th time")
                guard point.endsProcess else { continue }
                let ending = try await process.ending()
                #expect(ending == .exited(74))
                try await start()
            }
        }
        let strikes = try probe[point.cell] - before
        #expect(point.mayMiss ? strikes >= times : strikes == times, "\(point)")
    }

    private func strike(_ process: ServiceProcess, _ point: FaultInjection.Point, _ what: String) async throws {
        let before = try probe[point.cell]
        try injection.failOnce(point, in: process.id)
        var ordered = ContinuousClock.now
        _ = try await eventually(what, every: .milliseconds(1)) { () -> Bool? in
            if try probe[point.cell] > before { return true }
            if point.mayMiss, ContinuousClock.now - ordered > .milliseconds(500) {
                try injection.failOnce(point, in: process.id)
                ordered = .now
            }
            return nil
        }
    }
}
