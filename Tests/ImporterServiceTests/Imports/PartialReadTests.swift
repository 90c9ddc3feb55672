import Connectors
import CoreTypes
import Outbound
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// A run that ends in the middle of reading says how far it came.
@Suite struct PartialReadTests {
    /// Pages of 20 items; the one that begins behind the 40th is where it happens.
    private func report(
        reading act: MeddlingSender.Act, _ prepare: @escaping @Sendable (ImportFixture) -> Void = { _ in },
        check: @escaping @Sendable (RunReport) -> Void
    ) async throws {
        try await ImportFixture.with(items: 200) { fixture in
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("skip=40") else { return .pass }
                prepare(fixture)
                return act
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(report.countBefore != nil && report.countAfter == nil)
            #expect(report.isCutShort)
            check(report)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a source that goes away while it is read leaves what was read until then in the report`() async throws {
        try await report(reading: .cut) { report in
            #expect((report.outcome, report.failure) == (.failed, .connection))
            #expect((report.read, report.pages, report.faultyPage) == (40, 2, 3))
            #expect(report.arguments["read"] == "40")
            #expect(report.distinctKeys == 0)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a run that is cancelled while it reads says so too`() async throws {
        try await report(reading: .hang) { fixture in
            fixture.scheduler.change { $0.cancelRequested = true }
        } check: { report in
            #expect(report.outcome == .cancelled)
            #expect((report.read, report.pages, report.faultyPage) == (40, 2, nil))
        }
    }

    @Test func `only what the last reading came to is told, and nothing of one that was thrown away`() {
        var machine = RunMachine(.example)
        _ = machine.start()
        _ = machine.handle(.admitted(live: [:]))
        var progress = RunProgress(phase: .counting, fetched: 9, page: 9)
        machine.note(progress)
        _ = machine.handle(.counted(SourceCount(count: 50, filter: "f"), changeToken: "t"))
        progress = RunProgress(phase: .extracting, fetched: 40, page: 2)
        machine.note(progress)
        var again = machine.facts
        again.readAgain()
        #expect(machine.facts.reportCancelled().read == 40)
        #expect(machine.facts.reportCancelled().pages == 2)
        #expect(again.reportCancelled().read == 0)
        #expect(again.reportCancelled().pages == 0)
        // Once it is sealed the file tells.
        _ = machine.handle(.staged(.example(duplicates: 0), pages: 1))
        machine.note(RunProgress(phase: .sweeping, fetched: 999, page: 99))
        #expect(machine.facts.reportCancelled().read == 5)
    }

    @Test func `before it reads again a run has read nothing`() {
        let clock = ManualClock(start: .example)
        let board = ProgressBoard(clock: clock, wallClock: clock.wallClock, stallsAfter: .seconds(60))
        board.update { progress in
            progress.fetched = 40
            progress.page = 2
            progress.expected = 100
        }
        board.restart()
        let progress = board.current
        #expect((progress.fetched, progress.page, progress.expected) == (0, 0, 100))
    }
}
