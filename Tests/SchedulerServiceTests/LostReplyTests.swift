import CoreTypes
import GRDB
import Logging
import NIOCore
import Persistence
import RPC
import RPCTransport
import SchedulerAPI
import Synchronization
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import SchedulerService

/// The scheduler on a real port, with connections that are cut in the middle of calls: 2,000 calls in every run of the
/// tests, 50,000 with `--long`.
@Suite struct LostReplyTests {
    private static let lanes = 8
    private static let triesPerLane = LongProof.count(2000, long: 50_000) / lanes
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `a call whose answer was lost is answered alike, done once, and refused with another body`() async throws
    {
        let folder = try TemporaryFolder()
        let scheduler = try SchedulerFixture(.file(folder.file("scheduler.db")))
        let authority = try TestAuthority()
        let server = RPCServer(
            router: scheduler.scheduler.router, configuration: RPCServerConfiguration(host: "127.0.0.1", port: 0),
            tls: try TLSContextSource(authority.service("scheduler").mutual), logger: Self.quiet)
        let running = Task { try await server.run() }
        let port = try await server.boundPort()
        let person = try authority.person("anna")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.lanes {
                group.addTask { try await Self.run(lane, against: port, as: person) }
            }
            try await group.waitForAll()
        }
        server.shutDown()
        try await running.value
        let expected = Self.lanes * Self.triesPerLane
        let counts = try await scheduler.database.read { db in
            try ["merchant", "answeredCall", "change"].map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") }
        }
        #expect(counts == [expected, expected, expected])
    }

    private static func run(_ lane: Int, against port: Int, as person: TestCertificate) async throws {
        let proxy = try await CuttingProxy(to: port)
        var limits = RPCClientLimits()
        limits.attemptsMax = 1
        limits.reconnect = Backoff(first: .milliseconds(1), longest: .milliseconds(2))
        let client = RPCClient(
            configuration: RPCClientConfiguration(
                service: "scheduler", addresses: [RPCAddress(host: "127.0.0.1", port: proxy.port)], limits: limits),
            tls: try TLSContextSource(person.mutual), logger: quiet, randomness: .seeded(UInt64(lane)))
        _ = try await client.call(ListMerchants(limit: 1))
        for number in 0..<triesPerLane {
            try await call(
                CreateMerchant(name: "Merchant \(lane)-\(number)", language: .danish, timeZone: "UTC"),
                key: "key-\(lane)-\(number)", through: client, proxy, losing: number % 5 == 4 ? .request : .answer)
        }
        await client.shutDown()
        try await proxy.stop()
    }

    private static func call(
        _ request: CreateMerchant, key: String, through client: RPCClient, _ proxy: CuttingProxy,
        losing cut: CuttingProxy.Cut
    ) async throws {
        let options = CallOptions(idempotencyKey: key)
        proxy.cutNext(cut)
        do {
            _ = try await client.call(request, options: options)
            Issue.record("The connection was not cut.")
        } catch {
            #expect(error.status == .unavailable)
        }
        let answer = try await client.call(request, options: options)
        #expect(try await client.call(request, options: options) == answer)
        var other = request
        other.name += " again"
        await expectRefusal(.failedPrecondition, "idempotency_key_reused") {
            _ = try await client.call(other, options: options)
        }
    }
}

extension TestCertificate {
    fileprivate var mutual: TLSConfiguration {
        .mutual(
            trustDomain: "test.sluice", certificateChainPath: certificatePath, privateKeyPath: keyPath,
            certificateAuthorityPath: authorityPath)
    }
}

/// Answers are kept for every request that may not be done twice, and not for ever.
@Suite struct AnsweredCallTests {
    private func count(_ scheduler: SchedulerFixture) async throws -> Int? {
        try await scheduler.database.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM answeredCall") }
    }

    @Test func `every request that is done once keeps its answer with its key`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let shop = try await scheduler.call(
            CreateSystem(
                merchantID: connection.merchantID, name: "Second shop", kind: .genericWebshop,
                baseURL: "https://second.example.dk", credentials: SchedulerFixture.sealed)
        ).system.systemID
        try await repeats(CreateMerchant(name: "Another", language: .danish, timeZone: "UTC"), on: scheduler) {
            $0.name = "Third"
        }
        try await repeats(
            CreateSystem(
                merchantID: connection.merchantID, name: "Third", kind: .genericWebshop,
                baseURL: "https://x.example.dk", options: ["b": "1", "a": "2"], credentials: SchedulerFixture.sealed),
            on: scheduler
        ) { $0.options = ["b": "1"] }
        try await repeats(
            CreateConnection(
                merchantID: connection.merchantID, label: "Second", sourceID: connection.source.systemID,
                targetID: shop, schedule: .manual), on: scheduler
        ) { $0.schedule = .every(seconds: 60) }
        try await repeats(StartRun(connectionID: connection.connectionID, reason: "One"), on: scheduler) {
            $0.reason = "Two"
        }
        let held = try #require(try await scheduler.work(.held)).runID
        try await repeats(ReleaseRun(runID: held, reason: "One"), on: scheduler) { $0.reason = "Two" }
        try await scheduler.work(.published)
        for version in ["v1", "v2"] { try await scheduler.publish(connection.connectionID, version: version) }
        try await repeats(RollBack(connectionID: connection.connectionID, reason: "One"), on: scheduler) {
            $0.reason = "Two"
        }
        let once = SchedulerAPI.requests.filter { $0.effect == .once }
        #expect(try await count(scheduler) == once.count)
    }

    private func repeats<Request: RPCRequest>(
        _ request: Request, on scheduler: SchedulerFixture, other change: (inout Request) -> Void
    ) async throws {
        let options = CallOptions(idempotencyKey: "key")
        let first = try await scheduler.operatorAnna.call(request, options: options)
        scheduler.advance(by: 72 * 3600)
        try await scheduler.passes()
        #expect(try await scheduler.operatorAnna.call(request, options: options) == first)
        var other = request
        change(&other)
        await expectRefusal(.failedPrecondition, "idempotency_key_reused") {
            _ = try await scheduler.operatorAnna.call(other, options: options)
        }
        let ben = InProcessCaller(scheduler.scheduler.router, as: .operator(name: "ben"))
        let foreign = try? await ben.call(request, options: options)
        #expect(foreign != first, "A key is its caller's own.")
        try await scheduler.execute("UPDATE answeredCall SET answeredAt = ?", [scheduler.now])
        try await scheduler.execute("DELETE FROM answeredCall WHERE caller = 'operator ben'")
    }

    @Test func `a refused call keeps nothing, so its key works once the reason is mended`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let start = StartRun(connectionID: connection, reason: "x")
        let options = CallOptions(idempotencyKey: "key")
        let first = try await scheduler.call(start).runID
        await expectRefusal(.failedPrecondition, "run_already_active") {
            _ = try await scheduler.operatorAnna.call(start, options: options)
        }
        try await scheduler.work()
        #expect(try await scheduler.operatorAnna.call(start, options: options).runID != first)
    }

    @Test func `calls with one key at the same moment are done once and all get the answer`() async throws {
        let scheduler = try SchedulerFixture()
        let request = CreateMerchant(name: "Nordlys", language: .danish, timeZone: "UTC")
        let answers = try await withThrowingTaskGroup(of: CreateMerchant.Response.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await scheduler.operatorAnna.call(request, options: CallOptions(idempotencyKey: "key"))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 50)
        #expect(Set(answers.map(\.merchant.merchantID)).count == 1)
        #expect(try await scheduler.call(ListMerchants()).merchants.count == 1)
    }

    @Test func `answers nobody can ask for any more are forgotten, a thousand at a time`() async throws {
        let scheduler = try SchedulerFixture()
        for number in 0..<1_200 {
            _ = try await scheduler.operatorAnna.call(
                CreateMerchant(name: "\(number)", language: .danish, timeZone: "UTC"),
                options: CallOptions(idempotencyKey: "\(number)"))
        }
        scheduler.advance(by: 72 * 3600)
        try await scheduler.passes()
        #expect(try await count(scheduler) == 1_200)
        scheduler.advance(by: 3601)
        try await scheduler.passes()
        #expect(try await count(scheduler) == 200)
        try await scheduler.passes()
        #expect(try await count(scheduler) == 0)
    }
}
