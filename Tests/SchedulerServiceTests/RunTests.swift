import CoreTypes
import RPC
import SchedulerAPI
import Synchronization
import Testing

@testable import SchedulerService

@Suite struct RunTests {
    private final class Seen: Sendable {
        private let snapshots = Mutex<[RunSnapshot]>([])
        func add(_ snapshot: RunSnapshot) { snapshots.withLock { $0.append(snapshot) } }
        var all: [RunSnapshot] { snapshots.withLock { $0 } }
    }

    @Test func `a connection has one run at a time`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let first = try await scheduler.call(StartRun(connectionID: connection, reason: "One")).runID
        await expectRefusal(.failedPrecondition, "run_already_active") {
            try await scheduler.call(StartRun(connectionID: connection, reason: "Two"))
        }
        let run = try #require(try await scheduler.claim())
        await expectRefusal(.failedPrecondition, "run_already_active") {
            try await scheduler.call(StartRun(connectionID: connection, reason: "Two"))
        }
        try await scheduler.finish(run)
        #expect(try await scheduler.call(StartRun(connectionID: connection, reason: "Two")).runID != first)
    }

    @Test func `a run by hand carries who and why, and only the modules asked for`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let start = StartRun(connectionID: connection, modules: [.stock, .products], reason: "Mended in SAP")
        let runID = try await scheduler.call(start).runID
        let claimed = try #require(try await scheduler.claim())
        #expect(claimed.modules == [.products, .stock])
        #expect(claimed.trigger == .manual)
        let run = try await scheduler.call(DescribeRun(runID: runID)).run.run
        #expect(run.startedBy == "operator anna")
        #expect(run.startReason == "Mended in SAP")
    }

    @Test func `modules that the connection has not are refused`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(modules: [.prices]).connectionID
        for modules in [[Module.stock], [.prices, .stock], [], [.prices, .prices]] {
            await expectRefusal(.invalidArgument) {
                try await scheduler.call(StartRun(connectionID: connection, modules: modules, reason: "x"))
            }
        }
    }

    @Test(arguments: ["", "   ", String(repeating: "x", count: 201)])
    func `a run without a proper reason is refused`(reason: String) async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        await expectRefusal(.invalidArgument, "text_length") {
            try await scheduler.call(StartRun(connectionID: connection, reason: reason))
        }
    }

    @Test func `a queued run is cancelled at once and is no news`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let runID = try await scheduler.call(StartRun(connectionID: connection, reason: "Oops")).runID
        #expect(try await scheduler.call(CancelRun(runID: runID, reason: "Wrong one")).state == .finished)
        #expect(try await scheduler.claim() == nil)
        try await scheduler.passes()
        #expect(try scheduler.courier.runsFinished().isEmpty)
        // Sent again, as after a lost answer: it is as it was wished.
        #expect(try await scheduler.call(CancelRun(runID: runID, reason: "Wrong one")).state == .finished)
    }

    @Test func `a run that has ended otherwise cannot be cancelled any more`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "Oops"))
        let run = try #require(try await scheduler.claim())
        try await scheduler.finish(run, .unchanged)
        await expectRefusal(.failedPrecondition, "run_already_over") {
            try await scheduler.call(CancelRun(runID: run.runID, reason: "Too late"))
        }
    }

    @Test func `a run in hand is asked to stop at its next sign of life, by the first who asked`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "Oops"))
        let run = try #require(try await scheduler.claim())
        let renewal = RenewLease(
            runID: run.runID, fencingToken: run.fencingToken, progress: RunProgress(phase: .counting))
        #expect(try await !scheduler.importer().call(renewal).cancelRequested)
        #expect(try await scheduler.call(CancelRun(runID: run.runID, reason: "Wrong one")).state == .cancelling)
        #expect(try await scheduler.call(CancelRun(runID: run.runID, reason: "Again")).state == .cancelling)
        #expect(try await scheduler.importer().call(renewal).cancelRequested)
        try await scheduler.finish(run, .cancelled)
        let description = try await scheduler.call(DescribeRun(runID: run.runID)).run
        #expect(description.run.outcome == .cancelled)
        #expect(description.cancel?.reason == "Wrong one")
        try await scheduler.passes()
        #expect(try scheduler.courier.runsFinished().map(\.report.outcome) == [.cancelled])
    }

    @Test func `runs are listed newest first and page by page`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60))
        let other = try await scheduler.addConnection(merchant: "Other").connectionID
        try await scheduler.call(StartRun(connectionID: other, reason: "Elsewhere"))
        try await scheduler.live(for: 300, step: 20) { try await scheduler.work() }
        let all = try await scheduler.call(ListRuns(merchantID: connection.merchantID)).runs
        #expect(all.count == 5)
        #expect(all.map(\.queuedAt) == all.map(\.queuedAt).sorted(by: >))
        let first = try await scheduler.call(ListRuns(connectionID: connection.connectionID, limit: 2)).runs
        let second = try await scheduler.call(
            ListRuns(connectionID: connection.connectionID, limit: 2, before: first[1].runID)
        ).runs
        #expect(first + second == Array(all.prefix(4)))
        #expect(try await scheduler.call(ListRuns()).runs.count == 6)
        for limit in [0, 501] {
            await expectRefusal(.invalidArgument, "number_out_of_range") {
                try await scheduler.call(ListRuns(limit: limit))
            }
        }
    }

    @Test func `who watches a run sees how it is now, how it goes, and how it ended`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        let runID = try await scheduler.call(StartRun(connectionID: connection, reason: "Watch me")).runID
        let seen = Seen()
        let (arrivals, arrived) = AsyncStream.makeStream(of: RunSnapshot.self)
        async let final = scheduler.operatorAnna.stream(WatchRun(runID: runID), options: CallOptions()) { snapshot in
            seen.add(snapshot)
            arrived.yield(snapshot)
        }
        var steps = arrivals.makeAsyncIterator()
        #expect(await steps.next()?.state == .queued)
        let run = try #require(try await scheduler.claim())
        #expect(await steps.next()?.state == .running)
        let progress = RunProgress(phase: .extracting, fetched: 20, expected: 40, page: 1)
        _ = try await scheduler.importer().call(
            RenewLease(runID: runID, fencingToken: run.fencingToken, progress: progress))
        #expect(await steps.next()?.progress == progress)
        try await scheduler.finish(run, .published)
        let last = try #require(await steps.next())
        #expect(last.state == .finished)
        #expect(last.outcome == .published)
        let response = try await final
        #expect(response.run.report?.outcome == .published)
        #expect(seen.all.count == 4)
    }

    @Test func `who watches a run that is over gets its end at once`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "Done"))
        let run = try #require(try await scheduler.work(.published))
        let seen = Seen()
        let response = try await scheduler.operatorAnna.stream(
            WatchRun(runID: run.runID), options: CallOptions()
        ) { seen.add($0) }
        #expect(seen.all.map(\.outcome) == [.published])
        #expect(seen.all.first?.progress.phase == .finished)
        #expect(response.run == (try await scheduler.call(DescribeRun(runID: run.runID)).run))
    }

    @Test func `who watches a run sees it lost, cancelled or skipped`() async throws {
        for ending in ["lost", "cancelled", "skipped"] {
            let scheduler = try SchedulerFixture()
            let connection = try await scheduler.addConnection()
            let runID = try await scheduler.call(
                StartRun(connectionID: connection.connectionID, reason: "Watch")
            ).runID
            if ending == "lost" { _ = try await scheduler.claim() }
            let (arrivals, arrived) = AsyncStream.makeStream(of: RunSnapshot.self)
            async let final = scheduler.operatorAnna.stream(WatchRun(runID: runID), options: CallOptions()) {
                arrived.yield($0)
            }
            var steps = arrivals.makeAsyncIterator()
            _ = await steps.next()
            switch ending {
            case "lost": try await scheduler.live(for: 15)
            case "cancelled": try await scheduler.call(CancelRun(runID: runID, reason: "Stop"))
            default:
                try await scheduler.call(
                    SetSwitch(merchantID: connection.merchantID, level: .integration, on: false, reason: "Off"))
            }
            let run = try await final.run.run
            #expect(run.state == (ending == "skipped" ? .skipped : .finished))
            #expect(run.outcome == RunOutcome(rawValue: ending))
        }
    }

    @Test func `a watcher that goes away is forgotten`() async throws {
        let changes = RunChanges()
        let watcher = Task {
            for await _ in changes.watch(.example) {}
        }
        while changes.watcherCount == 0 { await Task.yield() }
        watcher.cancel()
        await watcher.value
        #expect(changes.watcherCount == 0)
    }

    @Test func `the effective state follows the last run`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600))
        func state() async throws -> EffectiveState {
            try await scheduler.connection(connection.connectionID).effectiveState
        }
        func run(_ outcome: RunOutcome, _ failure: FailureClass? = nil) async throws -> RunID {
            try await scheduler.call(StartRun(connectionID: connection.connectionID, reason: "x"))
            #expect(try await state().reason == .queued)
            let run = try #require(try await scheduler.claim())
            #expect(try await state().reason == .running)
            try await scheduler.finish(run, outcome, failure: failure)
            return run.runID
        }
        #expect(try await state().reason == .waitingForNextRun)
        #expect(try await state().nextRunAt == SchedulerFixture.start + .seconds(600))
        let held = try await run(.held)
        #expect(try await state().reason == .importHeld)
        #expect(try await state().runID == held)
        let refused = try await run(.failed, .login)
        #expect(try await state().reason == .credentialsRefused)
        #expect(try await state().remedy == .updateCredentials)
        #expect(try await state().runID == refused)
        scheduler.advance(by: 1)
        var sealed = SchedulerFixture.sealed
        sealed.ciphertext = "TkVX"
        try await scheduler.call(
            UpdateSystem(systemID: connection.source.systemID, credentials: sealed, reason: "New password"))
        // The held set still waits to be decided.
        #expect(try await state().reason == .importHeld)
        #expect(try await state().runID == held)
        _ = try await run(.published)
        #expect(try await state().reason == .waitingForNextRun)
    }
}
