import CoreTypes
import Keys
import MonitorAPI
import MonitorService
import Persistence
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

/// Receipts when something comes twice, too late, or is cut off.
@Suite struct ReceiptCrashTests {
    private func judged(_ monitor: MonitorFixture, minute: Int) async throws -> RunFinished {
        let event = RunFinished.ended(.published, reason: "run_published", minute: minute)
        _ = try await monitor.judge(
            .steady().with {
                $0.runID = event.runID
                $0.fencingToken = Int64(minute)
            })
        return event
    }

    private func receipts(_ monitor: MonitorFixture) async throws -> [StoredReceipt] {
        try await monitor.anna.call(ListReceipts(connectionID: .example)).receipts
    }

    @Test func `a delivery that fails before its commit leaves no receipt, and sent again makes one`() async throws {
        let folder = try TemporaryFolder("sluice-receipts")
        let location = DatabaseLocation.file(folder.file("monitor.sqlite"))
        let monitor = try MonitorFixture(location)
        let first = try await judged(monitor, minute: 1)
        let second = try await judged(monitor, minute: 2)
        // The third event is missing between, so that the whole delivery is refused after a receipt was written.
        #expect(await failure { try await monitor.deliver([first.delivered(1), second.delivered(3)]) } == "event_gap")
        #expect(try await receipts(monitor).isEmpty)
        try monitor.close()
        let again = try MonitorFixture(location)
        for _ in 1...2 { _ = try await again.deliver([first.delivered(1), second.delivered(2)]) }
        let made = try await receipts(again)
        #expect(made.map(\.number) == [1, 2])
        #expect(made.map(\.runID) == [first.runID, second.runID])
        let lines = Array(made.map { $0.document + "\n" }.joined().utf8)
        #expect(try ReceiptVerifier(keys: [again.key.verifyingKey]).check(lines).map(\.last) == [2])
        try again.close()
    }

    @Test func `the points around a receipt are passed when one is made, and not when there is none to make`()
        async throws
    {
        let passed = Mutex<[String]>([])
        let monitor = try MonitorFixture(
            crashPoints: CrashPoints { name in
                if name.hasPrefix("monitor.receipt") { passed.withLock { $0.append(name) } }
            })
        let event = try await judged(monitor, minute: 1)
        for _ in 1...2 { _ = try await monitor.deliver([event.delivered(1)]) }
        let never = RunFinished.ended(.failed, reason: "run_failed_name", minute: 2)
        _ = try await monitor.deliver([never.delivered(2)])
        #expect(passed.withLock { $0 } == ["monitor.receipt.uncommitted", "monitor.receipt.committed"])
    }

    @Test func `a run that is over is not judged any more: there would be no receipt of it`() async throws {
        let monitor = try MonitorFixture()
        let event = RunFinished.ended(.lost, reason: "run_lost", minute: 1)
        _ = try await monitor.deliver([event.delivered(1)])
        let reason = await failure {
            try await monitor.judge(.steady().with { $0.runID = event.runID })
        }
        #expect(reason == "run_superseded")
        // One that was judged in time gets the same answer again.
        let other = try await judged(monitor, minute: 2)
        _ = try await monitor.deliver([other.delivered(2)])
        _ = try await judged(monitor, minute: 2)
        #expect(try await receipts(monitor).map(\.runID) == [other.runID])
    }
}
