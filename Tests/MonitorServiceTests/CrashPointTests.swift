import CoreTypes
import MonitorAPI
import MonitorService
import RPC
import SchedulerAPI
import Synchronization
import Testing

@Suite struct CrashPointTests {
    @Test func `the crash points that are listed are those that are passed`() async throws {
        let passed = Mutex<Set<String>>([])
        let monitor = try MonitorFixture(crashPoints: CrashPoints { name in passed.withLock { _ = $0.insert(name) } })
        _ = try await monitor.judge(.steady())
        try await monitor.switchMonitoring(false)
        try await monitor.switchMonitoring(true)
        let held = try await monitor.judge(
            .steady(600) {
                $0.runID = RunID(bytes: (1, 9))
                $0.drop(400, of: 1000)
            })
        _ = try await monitor.approve(held)
        let ended = RunFinished.ended(.published, reason: "run_published", minute: 1)
        _ = try await monitor.judge(
            .steady().with {
                $0.runID = ended.runID
                $0.fencingToken = 8
            })
        _ = try await monitor.deliver([ended.delivered(1)])
        #expect(passed.withLock { $0 } == Set(MonitorService.crashPoints))
    }
}
