import CoreTypes
import MonitorAPI
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import Testing

@testable import ImporterService

/// Reading through pages that are cut, short, moved or refused.
@Suite struct PagingTests {
    @Test(arguments: Reading.Paging.allCases)
    func `both ways of paging read everything`(paging: Reading.Paging) async throws {
        try await ImportFixture.with { fixture in
            let report = try #require(try await fixture.run(settings: .paged(paging)))
            #expect(report.outcome == .published)
            #expect(report.read == 300)
            #expect(report.distinctKeys == 300)
            #expect(report.pages == 15)
            #expect(try await fixture.shop().datasets.first { $0.name == "products" }?.count == 300)
        }
    }

    @Test func `paging by key survives items that are edited while they are read`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.moveItemsWhileReading) { ($0.count, $0.page) = (5, 3) }
            let report = try #require(try await fixture.run(settings: .paged(.keyset)))
            #expect(report.outcome == .published)
            #expect(report.verdict == .complete)
            #expect(report.checksMade.contains("check_second_sweep"))
        }
    }

    @Test(arguments: Reading.Paging.allCases)
    func `pages shorter than asked are not taken for the end`(paging: Reading.Paging) async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.capPageSize) { $0.count = 7 }
            let report = try #require(try await fixture.run(settings: .paged(paging, size: 100)))
            #expect(report.outcome == .published)
            #expect(report.read == 300)
        }
    }

    @Test func `with several pages under way order and evidence are the same`() async throws {
        try await ImportFixture.with { fixture in
            #expect(try await fixture.run()?.outcome == .published)
            let alone = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(1))).evidence
            // Long enough for requests to meet.
            try await fixture.misbehave(.slow) { $0.milliseconds = 50 }
            let sender = CrowdSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            let importer = try await fixture.importer(sending: sender) { $0.pagesInFlight = 4 }
            #expect(try await fixture.run(token: 2, with: importer)?.outcome == .unchanged)
            let together = try await fixture.policies.call(DescribeEvidence(runID: fixture.runID(2))).evidence
            #expect(together.pages == alone.pages)
            #expect(together.stagedDigest == alone.stagedDigest)
            // The fourth is the one that is read.
            #expect(sender.mostPagesAsked == 3)
        }
    }

    @Test(arguments: [FaultKind.capPageSize, .truncatePage, .cutConnection, .moveItemsWhileReading])
    func `with several pages under way a source that misbehaves is read, or refused, as ever`(
        kind: FaultKind
    ) async throws {
        func report(pagesInFlight: Int) async throws -> RunReport {
            let found = Mutex<RunReport?>(nil)
            try await ImportFixture.with { fixture in
                try await fixture.misbehave(kind) { fault in
                    if kind != .cutConnection { fault.count = 7 }
                    if kind != .capPageSize { (fault.page, fault.times) = (5, 1) }
                }
                let importer = try await fixture.importer { $0.pagesInFlight = pagesInFlight }
                let report = try await fixture.run(with: importer)
                found.withLock { $0 = report }
            }
            return try #require(found.withLock { $0 })
        }
        let (alone, together) = (try await report(pagesInFlight: 2), try await report(pagesInFlight: 4))
        #expect(together.outcome == alone.outcome)
        #expect(together.distinctKeys == alone.distinctKeys)
        #expect(together.faultyPage == alone.faultyPage)
    }

    @Test func `links relative to the host are followed as well`() async throws {
        try await ImportFixture.with(items: 40) { fixture in
            _ = try await fixture.sandbox.call(RemoveSystem(system: "sap"))
            _ = try await fixture.sandbox.call(
                CreateSystem(name: "sap", kind: .sapBusinessOne, items: 90, nextLinks: .serverRelative))
            #expect(try await fixture.run()?.read == 90)
        }
    }

    @Test func `a page that is cut is asked again and the run goes on`() async throws {
        try await ImportFixture.with(items: 700) { fixture in
            try await fixture.misbehave(.cutConnection) { ($0.page, $0.times) = (31, 2) }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .published)
            #expect(report.read == 700)
        }
    }

    @Test func `a page that is cut for good fails the run at that page and leaves nothing`() async throws {
        try await ImportFixture.with(items: 700) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            try await fixture.misbehave(.cutConnection) { $0.page = 31 }
            let report = try #require(try await fixture.run(token: 2))
            #expect(report.outcome == .failed)
            #expect(report.failure == .connection)
            #expect(report.faultyPage == 31)
            #expect(report.arguments["page"] == "31")
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.shop().digest == before.digest)
        }
    }

    @Test func `a session the server forgot is renewed once and reading goes on`() async throws {
        try await ImportFixture.with { fixture in
            try await fixture.misbehave(.killSessions) { ($0.page, $0.times) = (5, 1) }
            #expect(try await fixture.run()?.outcome == .published)
        }
    }

    @Test func `passing server errors and throttling are borne`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.serverErrors) { $0.times = 2 }
            #expect(try await fixture.run()?.outcome == .published)
        }
    }

    @Test func `a source that has far more than it counts is not read to the end`() async throws {
        try await ImportFixture.with(items: 300) { fixture in
            try await fixture.misbehave(.wrongCount) { $0.count = -250 }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(report.failure == .answer)
            // 50 are counted: after more than 100 in pages of 20, one more page is one too many.
            #expect(report.faultyPage == 7)
        }
    }

    @Test func `an answer that is not JSON fails with class answer`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            try await fixture.misbehave(.malformedJSON)
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .failed)
            #expect(report.failure == .answer)
        }
    }
}
