import CoreTypes
import GRDB
import JSON
import Messaging
import Persistence
import RPC
import SchedulerAPI
import SchedulerService
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

/// One scheduler with its own database and clock, called as an operator or as an importer.
final class SchedulerFixture: Sendable {
    let clock: ManualClock
    let wall: SettableWall
    let environment: ServiceEnvironment
    let database: ServiceDatabase
    let scheduler: SchedulerService
    let courier = RecordingCourier()
    let nudges = NudgeCounter()

    static let start = Instant.utc(2026, 3, 2, hour: 6)

    init(
        _ location: DatabaseLocation = .memory, clock: ManualClock = ManualClock(start: SchedulerFixture.start),
        randomness: Randomness = .counted(), crashPoints: CrashPoints = .none
    ) throws {
        self.clock = clock
        wall = SettableWall(clock)
        var environment = ServiceEnvironment.test(clock: clock, randomness: randomness, crashPoints: crashPoints)
        environment.wallClock = wall.wallClock
        self.environment = environment
        database = try SchedulerDatabase.open(location)
        scheduler = SchedulerService(
            database: database, router: Router(randomness: environment.randomness), importers: [nudges],
            courier: courier, environment: environment)
    }

    var now: Instant { environment.wallClock.now() }

    func advance(by seconds: Int) { clock.advance(by: .seconds(seconds)) }

    var operatorAnna: InProcessCaller { InProcessCaller(scheduler.router, as: .operator(name: "anna")) }

    func importer(_ instance: String = "1") -> InProcessCaller {
        InProcessCaller(scheduler.router, as: .service(name: "importer", instance: instance))
    }

    var dashboard: InProcessCaller { InProcessCaller(scheduler.router, as: .service(name: "dashboard", instance: "1")) }

    @discardableResult
    func call<Request: RPCRequest>(_ request: Request) async throws(ServiceError) -> Request.Response {
        try await operatorAnna.call(request)
    }

    /// Advances in steps and runs the passes after each, as the loops would.
    func live(for seconds: Int, step: Int = 1, each: () async throws -> Void = {}) async throws {
        for _ in 0..<(seconds / step) {
            advance(by: step)
            while try await scheduler.pass() {}
            try await each()
        }
    }

    func passes() async throws {
        while try await scheduler.pass() {}
    }
}

/// A wall clock that can be set, as NTP or a person does; it runs with the manual clock.
final class SettableWall: Sendable {
    private let step = Mutex(Duration.zero)
    private let clock: ManualClock

    init(_ clock: ManualClock) { self.clock = clock }

    var wallClock: WallClock { WallClock { self.clock.wallClock.now() + self.step.withLock { $0 } } }

    func set(by duration: Duration) { step.withLock { $0 += duration } }
}

extension SchedulerFixture {
    static let sealed = SealedText(
        keyID: "importer-1", encapsulatedKey: "UExBTlRFRC1LRVk=", ciphertext: "UExBTlRFRC1DSVBIRVI=")

    func addMerchant(_ name: String = "Nordlys Lamper ApS") async throws -> MerchantID {
        try await call(CreateMerchant(name: name, language: .danish, timeZone: "Europe/Copenhagen")).merchant.merchantID
    }

    func addSystem(
        _ kind: SystemKind, of merchant: MerchantID, name: String? = nil
    ) async throws -> SystemID {
        try await call(
            CreateSystem(
                merchantID: merchant, name: name ?? (kind.isSource ? "Our SAP" : "Our shop"), kind: kind,
                baseURL: "https://\(kind.isSource ? "sap" : "shop").example.dk/\(merchant)",
                options: kind.isSource ? ["companyDatabase": "SBODEMO"] : nil, credentials: Self.sealed)
        ).system.systemID
    }

    /// A merchant with a source, a target and a connection of this schedule.
    @discardableResult
    func addConnection(
        _ schedule: Schedule = .manual, modules: [Module] = Module.allCases,
        merchant name: String = "Nordlys Lamper ApS"
    ) async throws -> ConnectionSummary {
        let merchant = try await addMerchant(name)
        return try await call(
            CreateConnection(
                merchantID: merchant, sourceID: addSystem(.sapBusinessOne, of: merchant),
                targetID: addSystem(.genericWebshop, of: merchant), settings: ConnectionSettings(modules: modules),
                schedule: schedule)
        ).connection
    }

    func runs(of connection: ConnectionID) async throws -> [RunSummary] {
        try await call(ListRuns(connectionID: connection, limit: 500)).runs
    }

    func connection(_ id: ConnectionID) async throws -> ConnectionSummary {
        try await call(DescribeConnection(connectionID: id)).connection
    }

    func claim(by instance: String = "1", claimID: String? = nil) async throws -> ClaimedRun? {
        try await importer(instance).call(ClaimRun(claimID: claimID)).run
    }

    @discardableResult
    func finish(
        _ run: ClaimedRun, _ outcome: RunOutcome = .unchanged, by instance: String = "1", failure: FailureClass? = nil
    ) async throws(ServiceError) -> Instant {
        var report = RunReport(outcome: outcome, reason: "run_\(outcome.rawValue)")
        report.failure = failure
        report.read = 17
        return try await importer(instance).call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report)
        ).finishedAt
    }

    /// Claims and finishes whatever is queued.
    @discardableResult
    func work(_ outcome: RunOutcome = .unchanged, by instance: String = "1") async throws -> ClaimedRun? {
        guard let run = try await claim(by: instance) else { return nil }
        try await finish(run, outcome, by: instance)
        return run
    }

    /// A run by hand that is held.
    func hold(_ connection: ConnectionID) async throws -> RunID {
        try await call(StartRun(connectionID: connection, reason: "Try"))
        return try #require(try await work(.held)).runID
    }

    /// A run by hand after which the shop calls all its datasets `version`.
    @discardableResult
    func publish(_ connection: ConnectionID, version: String) async throws -> RunID {
        try await publish(
            connection, Dictionary(uniqueKeysWithValues: Module.allCases.map { ($0, version) }))
    }

    @discardableResult
    func publish(
        _ connection: ConnectionID, _ versions: [Module: String], outcome: RunOutcome = .published,
        reason: String = "run_published"
    ) async throws -> RunID {
        try await call(StartRun(connectionID: connection, reason: "Try"))
        let run = try #require(try await claim())
        var report = RunReport(outcome: outcome, reason: reason)
        report.publication = versions.map { module, version in
            Publication(module: module, mode: "delta", created: 0, updated: 1, removed: 0, live: 5, version: version)
        }
        _ = try await importer().call(FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        return run.runID
    }

    /// Writes what the product never would, to see that the schema refuses it.
    func execute(_ sql: String, _ arguments: StatementArguments = []) async throws {
        try await database.write { db in try db.execute(sql: sql, arguments: arguments) }
    }
}

/// Takes every event and remembers it per consumer.
final class RecordingCourier: Courier {
    private let delivered = Mutex<[String: [DeliveredEvent]]>([:])

    func deliver(_ batch: EventBatch, to consumer: String) async throws -> Int64 {
        delivered.withLock { $0[consumer, default: []].append(contentsOf: batch.events) }
        return batch.events.last?.sequence ?? 0
    }

    func runsFinished(to consumer: String = "monitor") throws -> [RunFinished] {
        try events(to: consumer)
    }

    func events<Event: EventMessage>(of _: Event.Type = Event.self, to consumer: String) throws -> [Event] {
        try delivered.withLock { $0[consumer] ?? [] }.filter { $0.type == Event.type }
            .map { try JSON.decode(Event.self, from: $0.body) }
    }
}

/// An importer that only counts how often it is woken.
final class NudgeCounter: RPCCaller {
    private let counter = Mutex(0)

    var count: Int { counter.withLock { $0 } }

    func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        counter.withLock { $0 += 1 }
        return Request.example.response
    }

    func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        throw ServiceError(.unimplemented, reason: "not_here")
    }
}

/// Expects `work` to be refused with this status and, where given, this reason.
func expectRefusal(
    _ status: StatusCode, _ reason: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    from work: () async throws -> Void
) async {
    do {
        try await work()
        Issue.record("It was not refused.", sourceLocation: sourceLocation)
    } catch let error as ServiceError {
        #expect(error.status == status, "\(error)", sourceLocation: sourceLocation)
        if let reason { #expect(error.reason == reason, sourceLocation: sourceLocation) }
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}
