import CoreTypes
import FoundationEssentials
import Outbound
import SandboxAPI
import SchedulerAPI
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@testable import ImporterService

/// What a killed run had read is kept for the one run that may use it, and is gone whatever becomes of that.
@Suite struct LeftReadTests {
    @Test func `it is kept while its run is resolved, and for a quarter of an hour`() async throws {
        try await ImportFixture.cutOff { fixture in
            let importer = try await fixture.importer()
            _ = try await importer.recovery.pass()
            #expect(try await fixture.journal().isEmpty)
            #expect(try fixture.stagingFiles().count == 1)
            // The importer may be started again and again meanwhile.
            fixture.clock.advance(by: .seconds(600))
            let next = try await fixture.importer()
            fixture.clock.advance(by: .seconds(300))
            _ = try await next.recovery.pass()
            #expect(try fixture.stagingFiles().count == 1)
            fixture.clock.advance(by: .seconds(1))
            _ = try await next.recovery.pass()
            try await fixture.expectNothingLeft()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `while a read goes on, it is noted that it does`() async throws {
        try await ImportFixture.with(items: 100) { fixture in
            let later = Instant.example + .seconds(60)
            let isSeen = Mutex(false)
            let sender = MeddlingSender(fixture.configuration) { request in
                guard request.url.contains("/Items?"), request.url.contains("gt") else { return .pass }
                // At the second page, and not let through before it is noted.
                if fixture.environment.wallClock.now() < later { fixture.clock.advance(by: .seconds(60)) }
                while (try? await fixture.lastAlive()) != later { await Task.yield() }
                isSeen.withLock { $0 = true }
                return .pass
            }
            let importer = try await fixture.importer(sending: sender) { $0.signsOfLife = .milliseconds(5) }
            #expect(try await fixture.run(settings: .paged(.keyset), with: importer)?.outcome == .published)
            #expect(isSeen.withLock { $0 })
        }
    }

    @Test func `a run that fails before it reads throws it away`() async throws {
        try await ImportFixture.cutOff { fixture in
            try await fixture.misbehave(.refuseLogin)
            let (report, pagesAsked) = try await fixture.replace()
            #expect((report.outcome, report.failure, pagesAsked) == (.failed, .login, 0))
        }
    }

    @Test func `a run that is cancelled while it takes over leaves nothing`() async throws {
        try await ImportFixture.cutOff { fixture in
            fixture.scheduler.change { state in
                state.onRenewal = { [scheduler = fixture.scheduler] progress in
                    if progress.phase == .counting { scheduler.change { $0.cancelRequested = true } }
                }
            }
            try await fixture.misbehave(.slow) { $0.milliseconds = 60 }
            #expect(try await fixture.replace().report.outcome == .cancelled)
        }
    }

    @Test func `a run that was read to its end leaves nothing to go on with`() async throws {
        try await ImportFixture.with(items: 60) { fixture in
            #expect(try await fixture.run(settings: .paged(.keyset))?.outcome == .published)
            try await fixture.expectNothingLeft()
            fixture.monitor.setAway(true)
            #expect(try await fixture.run(token: 2, settings: .paged(.keyset))?.outcome == .held)
            _ = try await fixture.importer()
            #expect(try await fixture.notedReads().isEmpty)
            // The held set itself stays.
            #expect(try fixture.stagingFiles().count == 1)
        }
    }

    @Test func `killed after the commit, a run is recognised and not read again`() async throws {
        try await ImportFixture.cutOff(at: "importer.commit.answered", passage: 1) { fixture in
            let importer = try await fixture.importer()
            _ = try await importer.recovery.pass()
            #expect(fixture.scheduler.lastReport?.outcome == .published)
            try await fixture.expectNothingLeft()
        }
    }

    @Test(arguments: ["importer.page.takenOver", "importer.read.resumed"])
    func `killed once more, nothing is kept: nobody is queued in its place`(point: String) async throws {
        let second = try Death(at: point)
        try await ImportFixture.cutOff(passing: second.crashPoints) { fixture in
            second.lurk(over: fixture.folder.path)
            let importer = try await fixture.importer(dyingBy: second)
            _ = try? await fixture.carryOut(try fixture.nextClaim(), with: importer)
            try second.checkCopied()
            #expect(second.isDead)
            let heir = try fixture.inheriting(second.remains)
            let last = try await heir.importer()
            _ = try await last.recovery.pass()
            try await heir.expectNothingLeft()
            let report = try await heir.carryOut(try heir.nextClaim(token: 3, trigger: .schedule), with: last)
            #expect((report?.outcome, report?.read) == (.published, 1_300))
            try await heir.expectNothingLeft()
        }
    }

    @Test func `killed between the note and the first page, it is read from the start`() async throws {
        try await ImportFixture.cutOff(at: "importer.read.noted", passage: 1) { fixture in
            let (report, pagesAsked) = try await fixture.replace()
            #expect((report.earlierRead?.use, pagesAsked) == (.notKept, 14))
            #expect(report.outcome == .published)
        }
    }

    @Test func `a killed read that is gone on with passes the crash points the service lists`() async throws {
        let passed = Mutex<Set<String>>([])
        let watching = CrashPoints { name in passed.withLock { _ = $0.insert(name) } }
        try await ImportFixture.cutOff(passing: watching) { fixture in _ = try await fixture.replace() }
        #expect(passed.withLock { Set(ImporterService.resumingCrashPoints).subtracting($0) }.isEmpty)
        #expect(ImporterService.resumingCrashPoints.count == 3)
    }
}

extension ImportFixture {
    /// Overwrites a stretch of what a killed run has left.
    func damageStaging() throws {
        let name = try #require(try stagingFiles().first)
        let path = folder.file("staging/\(name)")
        var bytes = try Data(contentsOf: URL(filePath: path))
        let middle = bytes.count / 2
        bytes.replaceSubrange(middle..<(middle + 30_000), with: [UInt8](repeating: 0x5A, count: 30_000))
        try bytes.write(to: URL(filePath: path))
    }
}
