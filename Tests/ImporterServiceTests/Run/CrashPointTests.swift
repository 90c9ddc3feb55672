import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Every name that a test may end the process at is really passed, and none is passed that is not listed.
@Suite struct CrashPointTests {
    @Test func `imports pass the crash points the service lists, and no others`() async throws {
        let passed = Mutex<Set<String>>([])
        let crashPoints = CrashPoints { name in
            // The simulated systems and the monitor pass theirs in the same process.
            guard name.hasPrefix("importer.") || name.hasPrefix("staging.") else { return }
            passed.withLock { _ = $0.insert(name) }
        }
        for scenario in Self.scenarios {
            try await ImportFixture.with(items: 40, crashPoints: crashPoints, scenario)
        }
        #expect(passed.withLock { $0 } == Set(ImporterService.crashPoints + ImporterService.rareCrashPoints))
    }

    @Test func `one run, and one more of a source with repeated keys, pass what is not called rare`() async throws {
        let passed = Mutex<Set<String>>([])
        let crashPoints = CrashPoints { name in
            // The simulated systems and the monitor pass theirs in the same process.
            guard name.hasPrefix("importer.") || name.hasPrefix("staging.") else { return }
            passed.withLock { _ = $0.insert(name) }
        }
        try await ImportFixture.with(items: 40, crashPoints: crashPoints) { fixture in
            try await Self.readTwice(fixture)
        }
        let unusual = ["importer.recovery.recognised", "importer.recovery.recorded", "importer.readBack.forgotten"]
        #expect(
            Set(ImporterService.crashPoints).subtracting(passed.withLock { $0 }) == Set(unusual))
    }

    private static let scenarios: [@Sendable (ImportFixture) async throws -> Void] = [
        readTwice, displaced, outdated, doubted, spoilt, held, leftOver, refusedDoubt,
    ]

    /// A publication, then a refused read of keys that come twice.
    private static func readTwice(_ fixture: ImportFixture) async throws {
        #expect(try await fixture.run()?.outcome == .published)
        try await fixture.misbehave(.duplicateRows) { $0.count = 1 }
        #expect(try await fixture.run(token: 2)?.outcome == .refused)
    }

    /// Another importer has published before.
    private static func displaced(_ fixture: ImportFixture) async throws {
        _ = try await fixture.run()
        try FileRemoval.removeAll(in: fixture.folder.file("published"))
        _ = try await fixture.run(token: 2)
        _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
        let sender = MeddlingSender(fixture.configuration) { request in
            request.url.hasSuffix("/imports/commit")
                ? .rewrite(#""previous_version":2"#, #""previous_version":77"#) : .pass
        }
        _ = try await fixture.run(token: 3, with: try await fixture.importer(sending: sender))
    }

    private static func outdated(_ fixture: ImportFixture) async throws {
        _ = try await fixture.run()
        _ = try await fixture.sandbox.call(EditItems(system: "sap", count: 3, price: "54.5"))
        let publish = try await fixture.stranger()
        let isFirst = Mutex(true)
        let sender = MeddlingSender(fixture.configuration) { request in
            if request.url.contains("/chunks/"), isFirst.withLock({ exchange(&$0, with: false) }) {
                try? await publish()
            }
            return .pass
        }
        _ = try await fixture.run(token: 2, with: try await fixture.importer(sending: sender))
    }

    /// The shop falls silent with the commit; `arrives` or not.
    private static func doubt(_ fixture: ImportFixture, arrives: Bool) async throws {
        let isGone = Mutex(false)
        let sender = MeddlingSender(fixture.configuration) { request in
            guard request.url.contains("/shop/") else { return .pass }
            if isGone.withLock({ $0 }) { return .cut }
            guard request.url.hasSuffix("/imports/commit") else { return .pass }
            isGone.withLock { $0 = true }
            return arrives ? .cutAnswer : .cut
        }
        let importer = try await fixture.importer(sending: sender)
        _ = try await fixture.run(with: importer)
        isGone.withLock { $0 = false }
        _ = try await importer.recovery.pass()
        #expect(fixture.scheduler.lastReport?.outcome == (arrives ? .published : .failed))
    }

    private static func doubted(_ fixture: ImportFixture) async throws { try await doubt(fixture, arrives: true) }
    private static func refusedDoubt(_ fixture: ImportFixture) async throws { try await doubt(fixture, arrives: false) }

    private static func spoilt(_ fixture: ImportFixture) async throws {
        try await fixture.misbehave(.dropRowsAfterCommit, on: "shop") { $0.count = 1 }
        #expect(try await fixture.run()?.reason == "run_read_back_differs")
    }

    private static func held(_ fixture: ImportFixture) async throws {
        fixture.monitor.setAway(true)
        #expect(try await fixture.run()?.outcome == .held)
    }

    private static func leftOver(_ fixture: ImportFixture) async throws {
        let recovery = try await fixture.importer().recovery
        try await recovery.context.database.recordClaim(try fixture.claim(), bootID: "boot", at: .example)
        _ = try await recovery.pass()
        #expect(try await fixture.journal().isEmpty)
    }
}
