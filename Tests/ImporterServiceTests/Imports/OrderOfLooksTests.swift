import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Testing

@testable import ImporterService

/// What the source is asked for, and in which order. The judgement rests on it: whatever changes between two looks lies
/// between two tokens and, if it comes or goes, between two counts.
@Suite struct OrderOfLooksTests {
    private static let reading: [SourceLook] = [.token, .count, .page, .count, .token]

    /// The looks of one run, those of a kind that follow each other taken together.
    private func looks(
        _ paging: Reading.Paging, _ fault: Fault? = nil, outcome: RunOutcome
    ) async throws -> [SourceLook] {
        let (stream, continuation) = AsyncStream.makeStream(of: [String].self)
        try await ImportFixture.with(items: 60) { fixture in
            if let fault { _ = try await fixture.sandbox.call(Misbehave(system: "sap", fault: fault)) }
            let sender = CountingSender(HTTPClient(HTTPClientConfiguration(fixture.configuration)))
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.run(settings: .paged(paging), with: importer)?.outcome == outcome)
            continuation.yield(sender.urls)
        }
        continuation.finish()
        var looks: [SourceLook] = []
        for await urls in stream {
            for look in urls.compactMap(SourceLook.init) where look != looks.last { looks.append(look) }
        }
        #expect(looks.prefix(2) == [.count, .probe], "the pre-flight comes first")
        return Array(looks.dropFirst(2))
    }

    @Test(arguments: Reading.Paging.allCases)
    func `the tokens lie outside of the counts, and the counts outside of the pages`(
        paging: Reading.Paging
    ) async throws {
        #expect(try await looks(paging, outcome: .published) == Self.reading)
    }

    @Test func `keys are swept after all of them`() async throws {
        let edit = Fault(.moveItemsWhileReading, count: 2, page: 2)
        #expect(try await looks(.keyset, edit, outcome: .published) == Self.reading + [.sweep])
    }

    @Test(arguments: Reading.Paging.allCases)
    func `the second reading of a source that was changed keeps the order`(paging: Reading.Paging) async throws {
        let insertion = Fault(.insertWhileReading, count: 1, page: 2)
        let all = try await looks(paging, insertion, outcome: .refused)
        #expect(all == Self.reading + [.sweep] + Self.reading + [.sweep])
    }
}
