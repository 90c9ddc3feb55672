import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

/// What the notifier is told of although no run has ended.
@Suite struct StallNoticeTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection()
        try await scheduler.call(StartRun(connectionID: connection.connectionID, reason: "Try"))
    }

    private func report(_ run: ClaimedRun, phase: RunPhase = .extracting, stalledSince: Instant?) async throws {
        var progress = RunProgress(phase: phase, fetched: 300, expected: 1000, page: 3)
        progress.stalledSince = stalledSince
        _ = try await scheduler.importer().call(
            RenewLease(runID: run.runID, fencingToken: run.fencingToken, progress: progress))
    }

    private func notices() async throws -> [ConnectionNotice] {
        try await scheduler.passes()
        return try scheduler.courier.events(to: "notifier")
    }

    @Test func `a standstill is told once when it begins, however often it is reported, and again when it comes again`()
        async throws
    {
        let run = try #require(try await scheduler.claim())
        try await report(run, stalledSince: nil)
        #expect(try await notices().isEmpty)
        let since = scheduler.now
        for _ in 1...3 { try await report(run, stalledSince: since) }
        let notice = try #require(try await notices().first)
        #expect(try await notices().count == 1)
        #expect(notice.kind == .runStalled)
        #expect(notice.run.runID == run.runID)
        #expect(notice.run.report.reason == "run_stalled")
        #expect(notice.run.report.arguments == ["phase": "extracting", "since": "\(since)"])
        #expect((notice.run.report.read, notice.run.report.pages, notice.run.report.countBefore) == (300, 3, 1000))
        #expect(notice.run.report.pushed == nil)
        try await report(run, stalledSince: nil)
        try await report(run, stalledSince: scheduler.now)
        #expect(try await notices().count == 2)
        #expect(try scheduler.courier.events(of: ConnectionNotice.self, to: "monitor").isEmpty)
    }

    @Test func `who cannot renew cannot tell of a standstill either`() async throws {
        let run = try #require(try await scheduler.claim())
        await expectRefusal(.aborted, "run_superseded") {
            _ = try await scheduler.importer("2").call(
                RenewLease(
                    runID: run.runID, fencingToken: run.fencingToken,
                    progress: {
                        var progress = RunProgress(phase: .extracting)
                        progress.stalledSince = scheduler.now
                        return progress
                    }()))
        }
        #expect(try await notices().isEmpty)
    }
}

/// As of when a shop shows its source, and what was promised about that.
@Suite struct FreshnessTests {
    private let scheduler: SchedulerFixture
    private let id: ConnectionID

    init() async throws {
        scheduler = try SchedulerFixture()
        id = try await scheduler.addConnection(modules: [.prices]).connectionID
    }

    private func promise(minutes: Int?) async throws {
        var settings = try await scheduler.call(DescribeConnection(connectionID: id)).settings
        settings.promisedMinutes = minutes
        try await scheduler.call(UpdateConnection(connectionID: id, settings: settings, reason: "Agreed"))
    }

    /// A run that has read the source as it was then.
    @discardableResult
    private func run(_ outcome: RunOutcome = .published, asOf: Instant? = nil, version: String = "v1") async throws
        -> RunID
    {
        try await scheduler.call(StartRun(connectionID: id, reason: "Try"))
        let run = try #require(try await scheduler.claim())
        var report = RunReport(outcome: outcome, reason: "run_\(outcome.rawValue)")
        report.asOf = asOf ?? scheduler.now
        if outcome == .published {
            report.publication = [
                Publication(module: .prices, mode: "full", created: 1, updated: 0, removed: 0, version: version)
            ]
        }
        scheduler.advance(by: 30)
        _ = try await scheduler.importer().call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        return run.runID
    }

    private func outdated() async throws -> [ConnectionNotice] {
        try await scheduler.passes()
        return try scheduler.courier.events(of: ConnectionNotice.self, to: "notifier").filter {
            $0.kind == .setOutdated
        }
    }

    @Test func `the shop is as of when the source was read, and a run that finds nothing new makes it fresher`()
        async throws
    {
        let read = scheduler.now
        try await run()
        #expect(try await scheduler.connection(id).asOf == read)
        scheduler.advance(by: 600)
        let again = scheduler.now
        try await run(.unchanged)
        let shown = try await scheduler.connection(id)
        #expect(shown.asOf == again)
        #expect(shown.lastPublishedAt == read + .seconds(30))
        scheduler.advance(by: 600)
        try await run(.refused)
        #expect(try await scheduler.connection(id).asOf == again)
        let sets = try await scheduler.call(ListPublishedSets(connectionID: id)).sets
        #expect(sets.map(\.asOf) == [again])
    }

    @Test func `a set that was held for hours is as old as its reading, and so is one that was brought back`()
        async throws
    {
        let old = scheduler.now
        let first = try await run(version: "v1")
        scheduler.advance(by: 3 * 3600)
        let read = scheduler.now - .seconds(2 * 3600)
        try await run(asOf: read, version: "v2")
        #expect(try await scheduler.connection(id).asOf == read)
        try await scheduler.call(RollBack(connectionID: id, toRunID: first, reason: "Wrong prices"))
        try await scheduler.work(.published)
        #expect(try await scheduler.connection(id).asOf == old)
    }

    @Test func `without a promise nobody is warned, however old it is`() async throws {
        try await run()
        scheduler.advance(by: 90 * 86_400)
        #expect(try await outdated().isEmpty)
        #expect(try await scheduler.connection(id).promisedUntil == nil)
    }

    @Test func `older than promised is told once, until a run succeeds, and then again`() async throws {
        try await promise(minutes: 60)
        let read = scheduler.now
        try await run()
        #expect(try await scheduler.connection(id).promisedUntil == read + .seconds(3600))
        scheduler.advance(by: 3600 - 31)
        #expect(try await outdated().isEmpty)
        scheduler.advance(by: 60)
        let notice = try #require(try await outdated().first)
        #expect(notice.run.report.reason == "set_outdated")
        #expect(notice.run.report.arguments == ["asOf": "\(read)", "promised": "60"])
        try await run(.refused)
        scheduler.advance(by: 3600)
        #expect(try await outdated().count == 1)
        try await run(.unchanged)
        #expect(try await outdated().count == 1)
        scheduler.advance(by: 3700)
        #expect(try await outdated().count == 2)
    }

    @Test func `what is switched off makes the rest of the shop no older`() async throws {
        let wide = try await scheduler.addConnection(modules: [.prices, .stock], merchant: "Wide ApS")
        var settings = try await scheduler.call(DescribeConnection(connectionID: wide.connectionID)).settings
        settings.promisedMinutes = 60
        try await scheduler.call(
            UpdateConnection(connectionID: wide.connectionID, settings: settings, reason: "Agreed"))
        try await succeed(wide.connectionID)
        try await scheduler.call(
            SetSwitch(merchantID: wide.merchantID, level: .module, module: .stock, on: false, reason: "Counting"))
        for _ in 0..<5 {
            scheduler.advance(by: 1800)
            try await succeed(wide.connectionID)
            #expect(try scheduler.courier.runsFinished(to: "notifier").last?.madeFresh == true)
        }
        #expect(try await outdated().isEmpty)
    }

    @Test func `a run that leaves something out makes the shop no fresher, and warns nobody again`() async throws {
        let wide = try await scheduler.addConnection(modules: [.prices, .stock], merchant: "Wide ApS")
        var settings = try await scheduler.call(DescribeConnection(connectionID: wide.connectionID)).settings
        settings.promisedMinutes = 60
        try await scheduler.call(
            UpdateConnection(connectionID: wide.connectionID, settings: settings, reason: "Agreed"))
        try await succeed(wide.connectionID)
        scheduler.advance(by: 3700)
        #expect(try await outdated().count == 1)
        for _ in 0..<3 {
            try await succeed(wide.connectionID, [.prices])
            #expect(try scheduler.courier.runsFinished(to: "notifier").last?.madeFresh == false)
        }
        #expect(try await outdated().count == 1)
        try await succeed(wide.connectionID)
        #expect(try scheduler.courier.runsFinished(to: "notifier").last?.madeFresh == true)
    }

    private func succeed(_ connection: ConnectionID, _ modules: [Module]? = nil) async throws {
        try await scheduler.call(StartRun(connectionID: connection, modules: modules, reason: "Try"))
        let run = try #require(try await scheduler.claim())
        var report = RunReport(outcome: .unchanged, reason: "run_unchanged")
        report.asOf = scheduler.now
        _ = try await scheduler.importer().call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        try await scheduler.passes()
    }

    @Test func `where somebody has frozen it or switched it off nobody is told what they know`() async throws {
        try await promise(minutes: 60)
        try await run()
        try await scheduler.call(SetFreeze(connectionID: id, frozen: true, reason: "Black Friday"))
        scheduler.advance(by: 7200)
        #expect(try await outdated().isEmpty)
        try await scheduler.call(SetFreeze(connectionID: id, frozen: false, reason: "Over"))
        #expect(try await outdated().count == 1)
    }

    @Test(arguments: [0, -1, 525_601])
    func `a promise of no time, or of more than a year, is refused`(minutes: Int) async throws {
        await expectRefusal(.invalidArgument, "number_out_of_range") { try await promise(minutes: minutes) }
    }

    @Test func `a run of some modules only makes the shop as a whole no fresher`() async throws {
        let wide = try await scheduler.addConnection(modules: [.prices, .stock], merchant: "Sydhavn").connectionID
        try await scheduler.call(StartRun(connectionID: wide, modules: [.prices], reason: "Prices"))
        let run = try #require(try await scheduler.claim())
        var report = RunReport(outcome: .unchanged, reason: "run_unchanged")
        report.asOf = scheduler.now
        _ = try await scheduler.importer().call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        #expect(try await scheduler.connection(wide).asOf == nil)
    }
}
