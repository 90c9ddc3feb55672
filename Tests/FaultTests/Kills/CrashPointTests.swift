import BillingService
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
        /// Every point each service says it has. What needs a clock that is set, or a monitor that is away for long, is
        /// left to the services' own tests.
        static let points: [(service: String, names: [String])] = [
            ("scheduler", SchedulerService.crashPoints),
            (
                "importer",
                ImporterService.crashPoints + [
                    "importer.shopList.recorded", "importer.recovery.aborted", "importer.recovery.discarded",
                ]
            ),
            ("monitor", MonitorService.crashPoints),
            ("notifier", NotifierService.crashPoints.filter { !$0.hasPrefix("notifier.clockStep") }),
            ("billing", BillingService.crashPoints),
        ]

        /// Every point five times in every run, 100 times with `--long`; three installations side by side.
        @Test func `a crash at any named point loses nothing, doubles nothing and shows the shop whole sets only`()
            async throws
        {
            let rounds = LongProof.count(5, long: 100)
            let all = Self.points.flatMap { service, names in names.map { (service: service, point: $0) } }
            let work = CrashQueue((0..<rounds).flatMap { _ in all })
            let start = ContinuousClock.now
            let problems = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 1...3 { group.addTask { try await Self.run(number, work) } }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(problems == [])
            #expect(all.count > 40)
            print(all.count, "points,", rounds, "times each, in", ContinuousClock.now - start)
        }

        private static func run(_ number: Int, _ work: CrashQueue) async throws -> [String] {
            let lane = try await CrashLane(number)
            let watch = lane.drill.watch
            var problems = await withTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                var problems: [String] = []
                while let (service, point) = work.take() {
                    do { problems += try await lane.crash(at: point, of: service) } catch {
                        problems.append("\(point): \(error)")
                        break
                    }
                }
                group.cancelAll()
                return problems
            }
            problems += try await Audit(world: lane.world, merchant: lane.merchant)
                .problems(acknowledged: lane.drill.started)
            problems += watch.report().problems
            try await lane.world.installation.stop()
            return problems
        }
    }
}

/// The crashes still to be made, for all lanes.
final class CrashQueue: Sendable {
    private let items: Mutex<[(service: String, point: String)]>

    init(_ items: [(service: String, point: String)]) { self.items = Mutex(items.reversed()) }

    func take() -> (service: String, point: String)? { items.withLock { $0.popLast() } }
}
