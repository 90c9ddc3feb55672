import CoreTypes
import GRDB
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import Testing

@testable import ImporterService

/// A commit nobody knows the end of is neither success nor failure until the shop has said so.
@Suite struct DoubtTests {
    @Test(arguments: [true, false])
    func `a shop that is gone after the commit was asked for is asked again later`(arrives: Bool) async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let isGone = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/shop/") else { return .pass }
                if isGone.withLock({ $0 }) { return .cut }
                guard request.url.hasSuffix("/imports/commit") else { return .pass }
                isGone.withLock { $0 = true }
                return arrives ? .cutAnswer : .cut
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.run(with: importer) == nil)
            #expect(try await fixture.journal().map(\.step) == [.committing])
            #expect(try fixture.stagingFiles().count == 1)
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport == nil)
            isGone.withLock { $0 = false }
            _ = try await importer.recovery.pass()
            let report = try #require(fixture.scheduler.lastReport)
            #expect(report.outcome == (arrives ? .published : .failed))
            #expect(report.failure == (arrives ? nil : .connection))
            #expect(try await fixture.liveCount("products") == (arrives ? 60 : 0))
            #expect(try await fixture.shop().openImports.isEmpty)
            #expect(try await fixture.journal().isEmpty)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.run(token: 2)?.outcome == (arrives ? .unchanged : .published))
        }
    }

    @Test func `what somebody else has made live since is not taken for ours`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            _ = try await fixture.run()
            _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 9, price: "54.5", stock: "-3"))
            let stranger = try await fixture.stranger()
            let isAsked = Mutex(false)
            let isForeign = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/imports/commit") {
                    isAsked.withLock { $0 = true }
                    return .cutAnswer
                }
                if isAsked.withLock({ $0 }), !isForeign.withLock({ exchange(&$0, with: true) }) {
                    try? await stranger()
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            #expect(try await fixture.run(token: 2, with: importer) == nil)
            _ = try await importer.recovery.pass()
            let report = try #require(fixture.scheduler.lastReport)
            #expect(report.outcome == .published)
            #expect(report.checksNotMade.contains("check_read_back_keys"))
            let next = try #require(try await fixture.run(token: 3))
            #expect(next.outcome == .published)
            #expect(next.publication.first { $0.module == .stock }?.mode == "full")
            #expect(try await fixture.run(token: 4)?.outcome == .unchanged)
        }
    }

    @Test func `a commit that cannot be noted is recognised later`() async throws {
        let path = Mutex<String?>(nil)
        let crashPoints = CrashPoints { point in
            guard point == "importer.commit.answered", let path = path.withLock({ $0 }) else { return }
            try? DatabaseQueue(path: path).write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER full BEFORE UPDATE ON runJournal WHEN NEW.step = 'committed'
                        BEGIN SELECT RAISE(ABORT, 'full'); END
                        """)
            }
        }
        try await ImportFixture.with(items: 60, crashPoints: crashPoints) { fixture in
            path.withLock { $0 = fixture.configuration.databasePath }
            let importer = try await fixture.importer()
            #expect(try await fixture.run(with: importer) == nil)
            #expect(try await fixture.journal().map(\.step) == [.committing])
            try await DatabaseQueue(path: fixture.configuration.databasePath).write { db in
                try db.execute(sql: "DROP TRIGGER full")
            }
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            #expect(try await fixture.run(token: 2)?.outcome == .unchanged)
        }
    }
}
