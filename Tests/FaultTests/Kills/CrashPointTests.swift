import BillingService
import Foundation
import ImporterService
import MonitorService
import NotifierService
import SchedulerService
import Synchronization
import TestInstallation
import TestSupport
import Testing

extension Faults {
    /// A crash at every named point between two commits.
    @Suite struct CrashPointTests {
        /// Every point each service says it has, all passed by real processes; how, says ``CrashRecipe``.
        static let points: [(service: String, names: [String])] = [
            ("scheduler", SchedulerService.crashPoints.filter { !Crash.onlyInLeftovers.contains($0) }),
            (
                "importer",
                ImporterService.crashPoints + ImporterService.rareCrashPoints + ImporterService.directCrashPoints
            ),
            ("monitor", MonitorService.crashPoints),
            ("notifier", NotifierService.crashPoints),
            ("billing", BillingService.crashPoints),
        ]

        /// Part of a name, to try some points only: `SLUICE_CRASH_POINTS=importer.doubt compose/test --filter CrashPoint`.
        private static let only = ProcessInfo.processInfo.environment["SLUICE_CRASH_POINTS"]

        /// Every point five times in every run, 100 times with `--long`, and those on the way of a rollback, of a release, or
        /// of finishing what was left half published, once more each there, or 20 times; five installations side by side.
        @Test func `a crash at any named point loses nothing, doubles nothing and shows the shop whole sets only`()
            async throws
        {
            let rounds = (points: LongProof.count(5, long: 100), decisions: LongProof.count(1, long: 20))
            let points = Self.wanted(Self.points.flatMap { service, names in names.map { Crash(service, $0) } })
            let decisions = Self.wanted(
                Crash.inRollbacks + Crash.inReleases + Crash.inDirectRollbacks + Crash.inLeftovers)
            let work = CrashQueue(
                Array(repeatElement(points, count: rounds.points).joined())
                    + Array(repeatElement(decisions, count: rounds.decisions).joined()))
            let start = ContinuousClock.now
            let problems = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 1...5 { group.addTask { try await Self.run(number, work) } }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(problems == [])
            #expect(Self.only != nil || points.count > 110)
            print(
                points.count, "points,", rounds.points, "times each,", decisions.count,
                "in rollbacks, releases and leftovers,", rounds.decisions, "times each, in",
                ContinuousClock.now - start)
        }

        private static func wanted(_ crashes: [Crash]) -> [Crash] {
            crashes.filter { only.map("\($0)".contains) ?? true }
        }

        private static func run(_ number: Int, _ work: CrashQueue) async throws -> [String] {
            let lane = try await CrashLane(number)
            let watch = lane.drill.watch
            var problems = await withTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                var problems: [String] = []
                while let crash = work.take() {
                    do { problems += try await lane.make(crash) } catch {
                        problems.append("\(crash): \(error)")
                        break
                    }
                }
                group.cancelAll()
                return problems
            }
            problems += watch.report().problems
            // What is down after a crash that went wrong answers no audit; what went wrong is the news.
            do {
                problems += try await Audit(world: lane.world, merchant: lane.merchant)
                    .problems(acknowledged: lane.drill.started)
                problems += try await Audit(world: lane.world, merchant: lane.direct.merchant)
                    .problems(acknowledged: lane.direct.started)
            } catch {
                problems.append("the books of lane \(number) could not be audited: \(error)")
            }
            try await lane.world.installation.stop()
            return problems
        }
    }
}

/// The crashes still to be made, for all lanes.
final class CrashQueue: Sendable {
    private let items: Mutex<[Crash]>

    init(_ items: [Crash]) { self.items = Mutex(items.reversed()) }

    func take() -> Crash? { items.withLock { $0.popLast() } }
}
