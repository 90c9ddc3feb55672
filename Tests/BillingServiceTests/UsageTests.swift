import BillingAPI
import BillingService
import CoreTypes
import JSON
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

/// Billing in memory, called through its router.
struct BillingFixture {
    let clock = ManualClock()
    let service: BillingService

    init(crashPoints: CrashPoints = .none) throws {
        service = BillingService(
            database: try BillingDatabase(.memory), router: Router(service: "billing", randomness: .counted()),
            environment: .test(clock: clock, crashPoints: crashPoints))
    }

    var anna: InProcessCaller { InProcessCaller(service.router, as: .operator(name: "anna")) }

    func deliver(_ events: [DeliveredEvent], generation: Int64 = 1) async throws -> Int64 {
        let scheduler = InProcessCaller(service.router, as: .service(name: "scheduler", instance: "1"))
        return try await scheduler.call(DeliverEvents<BillingAPI>(generation: generation, events: events)).receivedUpTo
    }

    func runs(in month: String? = nil) async throws -> Int64 {
        let usage = try await anna.call(
            DescribeUsage(merchantID: .example, month: month.flatMap { BillingMonth($0) }))
        return usage.totals.reduce(0) { $0 + $1.quantity }
    }
}

func event(_ number: UInt64, sequence: Int64, outcome: RunOutcome = .published, at: Instant = .example) throws
    -> DeliveredEvent
{
    let finished = RunFinished(
        runID: RunID(bytes: (1, number)), merchantID: .example, merchantName: "Nordlys Cykler",
        connectionID: .example, connectionLabel: "SAP > shop", sourceName: "SAP", targetName: "shop",
        modules: [.products], trigger: .schedule, startedBy: nil, startReason: nil, startedAt: at, finishedAt: at,
        lastPublishedAt: nil, nextRunAt: nil, report: RunReport(outcome: outcome, reason: "run_\(outcome.rawValue)"),
        traceparent: .example)
    return DeliveredEvent(sequence: sequence, type: RunFinished.type, body: try JSON.encodeText(finished))
}

@Suite struct UsageTests {
    @Test func `a run is metered once at price 0, however often it is told`() async throws {
        let billing = try BillingFixture()
        #expect(try await billing.deliver([event(1, sequence: 1)]) == 1)
        #expect(try await billing.deliver([event(1, sequence: 1)]) == 1)
        let events = try await billing.anna.call(ListUsageEvents(merchantID: .example)).events
        #expect(events.count == 1)
        #expect(events.first?.amount == Money(minorUnits: 0, currency: "DKK"))
        #expect(events.first?.quantity == 1)
        #expect(events.first?.kind == .importRun)
    }

    @Test func `a run told under another sequence, as after a restore, is still metered once`() async throws {
        let billing = try BillingFixture()
        _ = try await billing.deliver([event(1, sequence: 1)])
        _ = try await billing.deliver([event(1, sequence: 1), event(2, sequence: 2)], generation: 2)
        #expect(try await billing.runs() == 2)
    }

    @Test(arguments: RunOutcome.allCases)
    func `every run is metered, however it ended`(outcome: RunOutcome) async throws {
        let billing = try BillingFixture()
        _ = try await billing.deliver([event(1, sequence: 1, outcome: outcome)])
        #expect(try await billing.runs() == 1)
    }

    @Test func `a gap is refused and nothing behind it is metered`() async throws {
        let billing = try BillingFixture()
        await #expect(throws: ServiceError.self) {
            try await billing.deliver([event(1, sequence: 1), event(3, sequence: 3)])
        }
        #expect(try await billing.runs() == 0)
        _ = try await billing.deliver([event(1, sequence: 1), event(2, sequence: 2), event(3, sequence: 3)])
        #expect(try await billing.runs() == 3)
    }

    @Test func `usage belongs to the month the run ended in, by UTC`() async throws {
        let billing = try BillingFixture()
        let last = Instant.utc(2026, 2, 28, hour: 23, minute: 59, second: 59)
        _ = try await billing.deliver([
            event(1, sequence: 1, at: last), event(2, sequence: 2, at: last + .seconds(1)),
        ])
        #expect(try await billing.runs(in: "2026-02") == 1)
        #expect(try await billing.runs(in: "2026-03") == 1)
        #expect(try await billing.runs() == 1)  // The clock of the test stands in March.
        #expect(try await billing.runs(in: "2026-04") == 0)
    }

    @Test func `events are listed the newest first, in parts`() async throws {
        let billing = try BillingFixture()
        let events = try (1...5).map { try event(UInt64($0), sequence: Int64($0)) }
        _ = try await billing.deliver(events)
        let newest = try await billing.anna.call(ListUsageEvents(merchantID: .example, limit: 2)).events
        #expect(newest.map(\.sequence) == [5, 4])
        let rest = try await billing.anna.call(ListUsageEvents(merchantID: .example, before: 4)).events
        #expect(rest.map(\.sequence) == [3, 2, 1])
    }

    @Test func `every request of the interface is answered, and no other`() throws {
        let billing = try BillingFixture()
        #expect(billing.service.router.methods == Set(BillingAPI.requests.map { $0.method }))
    }
}

@Suite struct PlanTests {
    private let basic = Plan(name: "Basic", fee: Money(minorUnits: 49_900, currency: "DKK"))

    @Test func `a merchant is on the first plan from the first run`() async throws {
        let billing = try BillingFixture()
        await #expect(throws: ServiceError.self) {
            try await billing.anna.call(DescribePlan(merchantID: .example))
        }
        _ = try await billing.deliver([event(1, sequence: 1), event(2, sequence: 2)])
        let plan = try await billing.anna.call(DescribePlan(merchantID: .example))
        #expect(plan.plan.name == "Standard")
        #expect(plan.history.count == 1)
    }

    @Test func `a plan that was set before the first run stays`() async throws {
        let billing = try BillingFixture()
        _ = try await billing.anna.call(SetPlan(merchantID: .example, plan: basic, reason: "Signed"))
        _ = try await billing.deliver([event(1, sequence: 1)])
        #expect(try await billing.anna.call(DescribePlan(merchantID: .example)).plan == basic)
    }

    @Test func `a plan set again begins when it first did; who and why is kept`() async throws {
        let billing = try BillingFixture()
        let request = SetPlan(merchantID: .example, plan: basic, reason: "Signed")
        let first = try await billing.anna.call(request)
        billing.clock.advance(by: .seconds(60))
        #expect(try await billing.anna.call(request) == first)
        let history = try await billing.anna.call(DescribePlan(merchantID: .example)).history
        #expect(history.map(\.changedBy) == ["operator anna"])
        #expect(history.map(\.reason) == ["Signed"])
    }

    @Test(arguments: [
        Plan(name: "", fee: Money(minorUnits: 0, currency: "DKK")),
        Plan(name: "Basic", fee: Money(minorUnits: -1, currency: "DKK")),
        Plan(name: "Basic", fee: Money(minorUnits: 0, currency: "kr")),
        Plan(name: String(repeating: "x", count: 61), fee: Money(minorUnits: 0, currency: "DKK")),
    ])
    func `terms that cannot be billed are refused`(plan: Plan) async throws {
        let billing = try BillingFixture()
        await #expect(throws: ServiceError.self) {
            try await billing.anna.call(SetPlan(merchantID: .example, plan: plan, reason: "Test"))
        }
    }

    @Test(arguments: ["2026-13", "2026-00", "26-03", "2026-3", "2026/03", "2026-03-01", ""])
    func `a month that does not exist is no month`(text: String) {
        #expect(BillingMonth(text) == nil)
    }

    @Test func `months are read, written and ordered`() throws {
        #expect(BillingMonth("0999-12")?.description == "0999-12")
        #expect(try #require(BillingMonth("2025-12")) < #require(BillingMonth("2026-01")))
    }
}
