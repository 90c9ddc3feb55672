import CoreTypes
import FoundationEssentials
import Outbound
import SandboxAPI
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// Asked to stop, a run stops within seconds whatever it waits for, and leaves nothing; from the commit on it is too late.
@Suite struct CancelTests {
    /// Where a request hangs when somebody asks for the run to be cancelled.
    static let places: [(step: String, url: String)] = [
        ("logging in", "/Login"), ("trying the shop", "/healthz"), ("looking at the shop", "/datasets/"),
        ("counting", "/Items/$count"), ("reading", "skip=40"), ("reading keys again", "select=ItemCode&"),
        ("reading the shop's list", "/products?limit=500"), ("opening", "/imports"), ("uploading", "/chunks/1"),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: places)
    func `a request that hangs is given up at once`(step: String, url: String) async throws {
        try await ImportFixture.with(items: 100) { fixture in
            _ = try await fixture.run()
            // Without its sets the next run reads the shop's list and sends everything.
            try FileRemoval.removeAll(in: fixture.folder.file("published"))
            try await fixture.misbehave(.duplicateRows) { $0.count = 1 }
            if !["reading keys again"].contains(step) { try await fixture.repair() }
            let before = try await fixture.shop()
            let scheduler = fixture.scheduler
            let asked = Mutex<ContinuousClock.Instant?>(nil)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains(url), !(step == "opening" && request.method != .post) else { return .pass }
                scheduler.change { $0.cancelRequested = true }
                asked.withLock { $0 = $0 ?? .now }
                return .hang
            }
            let importer = try await fixture.importer(sending: sender)
            let report = try #require(try await fixture.run(token: 2, with: importer))
            // Requests that hang are given up after a minute; no wait for one of those.
            #expect(.now - (try #require(asked.withLock { $0 })) < CancelRun.confirmedWithin)
            #expect(report.outcome == .cancelled)
            #expect(report.publication.isEmpty)
            #expect(try fixture.stagingFiles().isEmpty)
            #expect(try await fixture.journal().isEmpty)
            let after = try await fixture.shop()
            #expect(after.digest == before.digest)
            #expect(after.openImports.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a monitor that hangs does not hold it up either`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            fixture.monitor.setHanging(true)
            fixture.scheduler.change { state in
                state.onRenewal = { [scheduler = fixture.scheduler] progress in
                    if progress.phase == .judging { scheduler.change { $0.cancelRequested = true } }
                }
            }
            let report = try #require(try await fixture.run())
            #expect(report.outcome == .cancelled)
            #expect(try fixture.stagingFiles().isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a shop that hangs altogether does not hold up the answer`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let isGone = Mutex(false)
            let scheduler = fixture.scheduler
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.contains("/chunks/") { isGone.withLock { $0 = true } }
                guard request.url.contains("/shop/"), isGone.withLock({ $0 }) else { return .pass }
                scheduler.change { $0.cancelRequested = true }
                return .hang
            }
            let importer = try await fixture.importer(sending: sender) { $0.leavingLimit = .milliseconds(200) }
            let report = try #require(try await fixture.run(with: importer))
            #expect(report.outcome == .cancelled)
            // What stays open is the next run's to abort.
            scheduler.change { $0.cancelRequested = false }
            #expect(try await fixture.run(token: 2)?.outcome == .published)
            #expect(try await fixture.shop().openImports.isEmpty)
        }
    }

    @Test func `whoever asks just before the commit is heard`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            let scheduler = fixture.scheduler
            let isUploaded = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.contains("/chunks/") { isUploaded.withLock { $0 = true } }
                if request.url.contains("/datasets/stock"), isUploaded.withLock({ $0 }) {
                    scheduler.change { $0.cancelRequested = true }
                }
                return .pass
            }
            // No beat but the last one before the commit comes in time.
            let importer = try await fixture.importer(sending: sender) { $0.heartbeat = .seconds(60) }
            let report = try #require(try await fixture.run(with: importer))
            #expect(report.outcome == .cancelled)
            let shop = try await fixture.shop()
            #expect(shop.datasets.allSatisfy { $0.count == 0 })
            #expect(shop.openImports.isEmpty)
        }
    }

    @Test func `the scheduler knows before the commit is asked for, and an order that comes later changes nothing`()
        async throws
    {
        try await ImportFixture.with(items: 60) { fixture in
            let scheduler = fixture.scheduler
            let known = Mutex<RunPhase?>(nil)
            let sender = MeddlingSender(fixture.configuration) { request in
                if request.url.hasSuffix("/imports/commit") {
                    known.withLock { $0 = scheduler.progress.last?.phase }
                    scheduler.change { $0.cancelRequested = true }
                }
                return .pass
            }
            let report = try #require(try await fixture.run(with: try await fixture.importer(sending: sender)))
            #expect(known.withLock { $0 } == .committing)
            #expect(RunPhase.committing.isTooLateToCancel)
            #expect(report.outcome == .published)
        }
    }
}
