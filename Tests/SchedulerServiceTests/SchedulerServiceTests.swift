import CoreTypes
import JSON
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct SchedulerServiceTests {
    @Test func `the router serves what the interface declares, no more and no less`() throws {
        let scheduler = try SchedulerFixture().scheduler
        #expect(scheduler.router.methods == Set(SchedulerAPI.requests.map { $0.method }))
        #expect(SchedulerAPI.requests.count == scheduler.router.methods.count)
    }

    @Test func `people cannot claim runs or fetch credentials, and importers cannot start or switch`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let system = connection.source.systemID
        await expectRefusal(.permissionDenied) { try await scheduler.call(ClaimRun()) }
        await expectRefusal(.permissionDenied) { try await scheduler.call(FetchSystem(systemID: system)) }
        await expectRefusal(.permissionDenied) {
            _ = try await scheduler.dashboard.call(FetchSystem(systemID: system))
        }
        let start = StartRun(connectionID: connection.connectionID, reason: "Try")
        await expectRefusal(.permissionDenied) { _ = try await scheduler.importer().call(start) }
        let off = SetSwitch(merchantID: connection.merchantID, level: .integration, on: false, reason: "Try")
        await expectRefusal(.permissionDenied) { _ = try await scheduler.importer().call(off) }
    }

    @Test func `sealed credentials reach importers and no answer to anybody else`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let merchant = connection.merchantID
        let run = try await scheduler.call(
            StartRun(connectionID: connection.connectionID, reason: "First import")
        ).runID
        let texts = [
            try JSON.encodeText(await scheduler.call(DescribeMerchant(merchantID: merchant))),
            try JSON.encodeText(await scheduler.call(ListSystems(merchantID: merchant))),
            try JSON.encodeText(await scheduler.call(ListConnections())),
            try JSON.encodeText(await scheduler.call(DescribeConnection(connectionID: connection.connectionID))),
            try JSON.encodeText(await scheduler.call(ListJobs())),
            try JSON.encodeText(await scheduler.call(DescribeRun(runID: run))),
            try JSON.encodeText(await scheduler.call(ListChanges(merchantID: merchant))),
        ]
        for text in texts {
            #expect(!text.contains(SchedulerFixture.sealed.ciphertext))
            #expect(!text.contains(SchedulerFixture.sealed.encapsulatedKey))
        }
        let claimed = try #require(try await scheduler.claim())
        #expect(claimed.source.credentials == SchedulerFixture.sealed)
        let fetched = try await scheduler.importer().call(FetchSystem(systemID: connection.target.systemID))
        #expect(fetched.system.credentials == SchedulerFixture.sealed)
    }

    @Test func `ids that name nothing are not found`() async throws {
        let scheduler = try SchedulerFixture()
        let merchant = MerchantID.example
        let connection = ConnectionID.example
        let run = RunID.example
        let calls: [@Sendable () async throws -> Void] = [
            { try await scheduler.call(DescribeMerchant(merchantID: merchant)) },
            { try await scheduler.call(ListSystems(merchantID: merchant)) },
            { try await scheduler.call(ListChanges(merchantID: merchant)) },
            { try await scheduler.call(ListConnections(merchantID: merchant)) },
            { try await scheduler.call(ListJobs(merchantID: merchant)) },
            { try await scheduler.call(ListRuns(connectionID: connection)) },
            { try await scheduler.call(ListRuns(before: run)) },
            { try await scheduler.call(DescribeConnection(connectionID: connection)) },
            { try await scheduler.call(UpdateConnection(connectionID: connection, reason: "x")) },
            { try await scheduler.call(UpdateSystem(systemID: .example, reason: "x")) },
            { try await scheduler.call(StartRun(connectionID: connection, reason: "x")) },
            { try await scheduler.call(CancelRun(runID: run, reason: "x")) },
            { try await scheduler.call(DescribeRun(runID: run)) },
            { try await scheduler.call(SetSwitch(merchantID: merchant, level: .integration, on: false, reason: "x")) },
            { _ = try await scheduler.importer().call(FetchSystem(systemID: .example)) },
            {
                _ = try await scheduler.importer().call(
                    RenewLease(runID: run, fencingToken: 1, progress: RunProgress(phase: .preflight)))
            },
            {
                _ = try await scheduler.importer().call(
                    FinishRun(
                        runID: run, fencingToken: 1, report: RunReport(outcome: .failed, reason: "run_failed_login")))
            },
            { _ = try await scheduler.operatorAnna.stream(WatchRun(runID: run), options: CallOptions()) { _ in } },
        ]
        for call in calls {
            await expectRefusal(.notFound) { try await call() }
        }
    }

    @Test func `a call with an idempotency key is done once and answered alike`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let start = StartRun(connectionID: connection.connectionID, reason: "First import")
        let options = CallOptions(idempotencyKey: "k1")
        let first = try await scheduler.operatorAnna.call(start, options: options)
        let second = try await scheduler.operatorAnna.call(start, options: options)
        #expect(first == second)
        #expect(try await scheduler.runs(of: connection.connectionID).count == 1)

        let other = StartRun(connectionID: connection.connectionID, reason: "Another reason")
        await expectRefusal(.failedPrecondition, "idempotency_key_reused") {
            _ = try await scheduler.operatorAnna.call(other, options: options)
        }
        scheduler.advance(by: 74 * 3600)
        try await scheduler.passes()
        try await scheduler.work()
        #expect(try await scheduler.operatorAnna.call(start, options: options) != first)
    }
}
