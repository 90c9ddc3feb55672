import CoreTypes
import Outbound
import SchedulerAPI
import Synchronization
import Testing

@testable import ImporterService

@Suite struct StallTests {
    @Test(.timeLimit(.minutes(1)))
    func `a source that falls silent shows as stalled, and no longer once it goes on`() async throws {
        try await ImportFixture.with(items: 100) { fixture in
            let scheduler = fixture.scheduler
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("skip=60") else { return .pass }
                // Silent until that has been told.
                while !scheduler.progress.contains(where: Self.isStalledReading), !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender) { $0.stallsAfter = .milliseconds(60) }
            let report = try #require(try await fixture.run(with: importer))
            #expect(report.outcome == .published)
            let told = scheduler.progress
            let index = try #require(told.firstIndex(where: Self.isStalledReading))
            #expect(told[index].stalledSince == told[index].lastActivityAt)
            #expect(told[index...].contains { $0.stalledSince == nil })
        }
    }

    @Sendable private static func isStalledReading(_ progress: RunProgress) -> Bool {
        progress.phase == .extracting && progress.page == 3 && progress.stalledSince != nil
    }
}
