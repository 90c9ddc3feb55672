import Connectors
import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// Sources that answer without end or without sense: each ends the run with its class, within its bounds, and leaves
/// nothing.
@Suite struct PoisonTests {
    private func run(
        _ faults: [Fault], paging: Reading.Paging = .offset,
        _ change: @escaping @Sendable (inout RunLimits) -> Void = { _ in },
        check: @escaping @Sendable (RunReport) -> Void
    ) async throws {
        try await ImportFixture.with(items: 100) { fixture in
            for fault in faults { _ = try await fixture.sandbox.call(Misbehave(system: "sap", fault: fault)) }
            var configuration = fixture.configuration
            if faults.contains(where: { [.drip, .hang].contains($0.kind) }) {
                configuration.answerLimit = .seconds(1)
                configuration.requestLimit = .seconds(1)
            }
            let importer = try await fixture.importer(sending: HTTPClient(HTTPClientConfiguration(configuration))) {
                $0.pageBytesMax = 2 << 20
                $0.retries.attempts = 2
                change(&$0)
            }
            let report = try #require(
                try await fixture.run(settings: .paged(paging), with: importer))
            #expect(report.outcome == .failed)
            check(report)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try await fixture.shop().datasets.allSatisfy { $0.count == 0 })
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Reading.Paging.offset, .keyset])
    func `pages without end are left after twice what was counted`(paging: Reading.Paging) async throws {
        try await run([Fault(.endlessPages)], paging: paging) { report in
            #expect(report.failure == .answer)
            #expect(report.faultyPage == 12)
            #expect(report.arguments["detail"]?.contains("twice the 100 items") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Reading.Paging.offset, .keyset])
    func `pages without end and without a count are left at a bound of our own`(paging: Reading.Paging) async throws {
        try await run([Fault(.endlessPages), Fault(.noCount)], paging: paging) {
            $0.rowsMax = 300
        } check: { report in
            #expect(report.failure == .answer)
            #expect(report.arguments["detail"]?.contains("300") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Reading.Paging.offset, .keyset])
    func `a page that comes again and again is left`(paging: Reading.Paging) async throws {
        try await run([Fault(.repeatPage, page: 2)], paging: paging) { #expect($0.failure == .answer) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a page that is too long is left at its bound, whatever length it claims`() async throws {
        try await run([Fault(.hugePage, count: 2_048)]) { report in
            #expect(report.failure == .answer)
            #expect(report.faultyPage == 1)
            #expect(report.arguments["detail"]?.contains("longer than 2097152 bytes") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a packed page counts with what it unpacks to`() async throws {
        try await run([Fault(.gzipBomb, count: 2_048)]) { report in
            #expect(report.failure == .answer)
            #expect(report.arguments["detail"]?.contains("longer than 2097152 bytes") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Fault(.drip, milliseconds: 100), Fault(.hang)])
    func `an answer that does not come, or comes in drops, is given up in time`(fault: Fault) async throws {
        try await run([fault]) { #expect($0.failure == .timeout) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a page that is no JSON is asked for again and then left`() async throws {
        try await run([Fault(.malformedJSON)]) { report in
            #expect(report.failure == .answer)
            #expect(report.faultyPage == 1)
        }
    }
}
