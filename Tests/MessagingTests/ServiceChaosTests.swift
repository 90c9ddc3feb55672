import BillingAPI
import BillingService
import CoreTypes
import GRDB
import Messaging
import NotifierAPI
import NotifierService
import Persistence
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

/// The same bad network before the handlers that matter: mail and meter. 2,000 deliveries to each in every run of the
/// tests, 200,000 with `--long`.
@Suite struct ServiceChaosTests {
    private let clock = ManualClock()
    private let producer: ServiceDatabase

    init() throws {
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        producer = try ServiceDatabase(.memory, migrator: migrator)
    }

    /// Tells of runs until the network has delivered so many events, then until all have arrived.
    ///
    /// - Returns: How many runs were told.
    private func tellRuns(
        to consumer: String, through route: RPCCourier, _ run: (Int) -> RunFinished
    ) async throws -> Int {
        let courier = ChaosCourier(seed: 7) { batch, name in try await route.deliver(batch, to: name) }
        let dispatcher = OutboxDispatcher(
            database: producer, courier: courier, clock: clock, randomness: .seeded(3))
        let target = LongProof.count(2_000, long: 200_000)
        var told = 0
        while courier.deliveries < target {
            let events = (told..<told + 60).map(run)
            try await producer.write { db in
                for event in events {
                    try Outbox.append(event, to: [consumer], traceparent: nil, at: .utc(2026, 3, 2), db)
                }
            }
            told += 60
            for _ in 0..<3 {
                _ = try await dispatcher.pass()
                clock.advance(by: .seconds(60))
            }
        }
        while try await producer.read({ db in try Outbox.backlog(db).count }) > 0 {
            _ = try await dispatcher.pass()
            clock.advance(by: .seconds(60))
        }
        try await courier.deliverRest()
        return told
    }

    @Test func `billing counts each run once`() async throws {
        let billing = BillingService(
            database: try BillingDatabase(.memory), router: Router(service: "billing", randomness: .counted()),
            environment: .test(clock: clock))
        var route = RPCCourier()
        route.add(
            BillingAPI.self, through: InProcessCaller(billing.router, as: .service(name: "scheduler", instance: "1")))
        let told = try await tellRuns(to: "billing", through: route) { .ended($0, .published, "run_published") }
        let anna = InProcessCaller(billing.router, as: .operator(name: "anna"))
        let usage = try await anna.call(
            DescribeUsage(merchantID: .example, month: BillingMonth(year: 2026, month: 3)))
        #expect(usage.totals.map(\.quantity) == [Int64(told)])
    }

    @Test func `the notifier opens each incident once and sends each mail once`() async throws {
        let transport = CountingTransport()
        let notifier = NotifierService(
            database: try NotifierDatabase(.memory), transport: transport,
            support: SupportContact(address: "support@sluice.dk", language: .english), mailDomain: "sluice.dk",
            router: Router(service: "notifier", randomness: .counted()), environment: .test(clock: clock))
        var route = RPCCourier()
        route.add(
            NotifierAPI.self, through: InProcessCaller(notifier.router, as: .service(name: "scheduler", instance: "1")))
        // Each connection fails twice for one reason, then works again: one mail when it breaks, one when it is mended.
        let told = try await tellRuns(to: "notifier", through: route) { number in
            number % 3 == 2
                ? .ended(number, .published, "run_published") : .ended(number, .failed, "run_failed_internal")
        }
        while try await notifier.deliveryPass() {}
        let sent = transport.sent
        #expect(sent.count == told / 3 * 2)
        #expect(Set(sent.map(\.messageID)).count == sent.count)
        let anna = InProcessCaller(notifier.router, as: .operator(name: "anna"))
        #expect(try await anna.call(ListIncidents(onlyOpen: true)).incidents.isEmpty)
        let newest = try await anna.call(ListIncidents(limit: 200)).incidents
        #expect(newest.allSatisfy { $0.runCount == 2 })
    }
}

private final class CountingTransport: MailTransport {
    private let letters = Mutex<[Letter]>([])

    var sent: [Letter] { letters.withLock { $0 } }

    func send(_ letter: Letter) async -> SendOutcome {
        letters.withLock { $0.append(letter) }
        return .accepted("250 OK")
    }
}

extension RunFinished {
    /// Three runs in a row belong to one connection.
    fileprivate static func ended(_ number: Int, _ outcome: RunOutcome, _ reason: String) -> RunFinished {
        let finished = Instant.utc(2026, 3, 2) + .seconds(number)
        return RunFinished(
            runID: RunID(bytes: (1, UInt64(number))), merchantID: .example, merchantName: "Nordlys Cykler",
            connectionID: ConnectionID(bytes: (2, UInt64(number / 3))), connectionLabel: "SAP > shop",
            sourceName: "SAP", targetName: "shop", modules: [.products], trigger: .schedule, startedBy: nil,
            startReason: nil, startedAt: finished, finishedAt: finished, lastPublishedAt: nil, nextRunAt: nil,
            report: RunReport(outcome: outcome, reason: reason), traceparent: .example)
    }
}
