import CoreTypes
import Outbound
import RPC
import SandboxAPI
import SchedulerAPI
import Synchronization
import Testing

@testable import ImporterService

/// What is promised of a cancelled run (``CancelRun/confirmedWithin``), with the limits the product has.
@Suite struct CancelLimitTests {
    @Test func `the promise has room for a heartbeat, for systems that hang, and for a busy machine`() {
        let limits = RunLimits()
        #expect(CancelRun.confirmedWithin - limits.heartbeat - limits.leavingLimit >= .seconds(4))
    }

    /// How a source makes a run wait that is asked to stop meanwhile.
    static let waits: [Fault] = [
        // 503 with Retry-After: 120: the run waits out of patience.
        Fault(.maintenance),
        // A page that would take hours.
        Fault(.drip, milliseconds: 100),
        Fault(.hang),
    ]

    @Test(.timeLimit(.minutes(3)), arguments: waits)
    func `whatever it waits for at the source, a cancelled run is over in time with staging gone`(
        wait: Fault
    ) async throws {
        try await ImportFixture.with(items: 100) { fixture in
            _ = try await fixture.run()
            let before = try await fixture.shop()
            let scheduler = fixture.scheduler
            let order = Order(after: 5)
            scheduler.change { state in
                state.onRenewal = { _ in
                    if order.isDue() { scheduler.change { $0.cancelRequested = true } }
                }
            }
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.contains("skip=40"), order.begin() {
                    try? await fixture.repair()
                    _ = try? await fixture.sandbox.call(Misbehave(system: "sap", fault: wait))
                }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.run(token: 2, with: importer))
            let took = try order.sinceDue()
            print("cancelled during \(wait.kind) at the source: over after \(took)")
            #expect(took < CancelRun.confirmedWithin)
            #expect(report.outcome == .cancelled)
            #expect(report.reason == "run_cancelled")
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            let after = try await fixture.shop()
            #expect(after.digest == before.digest)
            #expect(after.openImports.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `neither a shop nor a source that hang altogether make it later, while it leaves them both`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let scheduler = fixture.scheduler
            let order = Order(after: 0)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.contains("/chunks/") { _ = order.begin() }
                guard order.hasBegun else { return .pass }
                _ = order.isDue()
                scheduler.change { $0.cancelRequested = true }
                return .hang
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.run(with: importer))
            let took = try order.sinceDue()
            print("cancelled with both systems hanging: over after \(took)")
            #expect(took < CancelRun.confirmedWithin)
            #expect(report.outcome == .cancelled)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }
}

/// Asks for a run to be cancelled some heartbeats after it has come to where it waits.
private final class Order: Sendable {
    private struct State {
        var hasBegun = false
        var beats = 0
        var dueAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let beats: Int

    init(after beats: Int) { self.beats = beats }

    /// - Returns: Whether it was the first time.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
    }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func isDue() -> Bool {
        state.withLock { state in
            guard state.hasBegun else { return false }
            state.beats += 1
            guard state.beats > beats else { return false }
            if state.dueAt == nil { state.dueAt = .now }
            return true
        }
    }

    func sinceDue() throws -> Duration { .now - (try #require(state.withLock { $0.dueAt })) }
}
