import BillingAPI
import BillingService
import CoreTypes
import RPC
import SchedulerAPI
import Synchronization
import Testing

@Suite struct CrashPointTests {
    @Test func `the crash points that are listed are those that are passed`() async throws {
        let passed = Mutex<Set<String>>([])
        let billing = try BillingFixture(crashPoints: CrashPoints { name in passed.withLock { _ = $0.insert(name) } })
        _ = try await billing.deliver([event(1, sequence: 1)])
        let plan = Plan(name: "Basic", fee: Money(minorUnits: 1, currency: "DKK"))
        _ = try await billing.anna.call(SetPlan(merchantID: .example, plan: plan, reason: "x"))
        #expect(passed.withLock { $0 } == Set(BillingService.crashPoints))
    }
}
