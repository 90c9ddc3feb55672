import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct TryVerdictTests {
    private func verdict(_ failure: FailureClass?, read: Int = 0) -> TryVerdict {
        var report = RunReport(outcome: .failed, reason: "x")
        report.failure = failure
        report.read = read
        return TryVerdict(report)
    }

    @Test func `what costs an importer or its time counts, a system that is merely away does not`() {
        let away: [FailureClass] = [
            .name, .connection, .tls, .login, .rights, .timeout, .maintenance, .version, .settings, .shop, .superseded,
            .monitorUnavailable,
        ]
        for failure in away { #expect(verdict(failure) == .saysNothing, "\(failure)") }
        for failure in [FailureClass.answer, .internal, nil] { #expect(verdict(failure) == .failedBadly) }
        #expect(Set(away + [.answer, .internal]) == Set(FailureClass.allCases))
    }

    @Test func `a source that answers and then hangs counts, one that never answered does not`() {
        #expect(verdict(.timeout, read: 1) == .failedBadly)
        #expect(verdict(.connection, read: 1) == .saysNothing)
        var counted = RunReport(outcome: .failed, reason: "x")
        counted.failure = .timeout
        counted.countBefore = 0
        #expect(TryVerdict(counted) == .failedBadly)
    }

    @Test func `any judgement ends the row, and a run that was stopped says nothing`() {
        let expected: [RunOutcome: TryVerdict] = [
            .published: .worked, .unchanged: .worked, .held: .worked, .refused: .worked, .lost: .failedBadly,
            .cancelled: .saysNothing,
        ]
        for (outcome, verdict) in expected {
            #expect(TryVerdict(RunReport(outcome: outcome, reason: "x")) == verdict)
        }
    }

    @Test func `the pause is none at first, then 30 seconds, doubling to an hour`() {
        let pauses = (1...12).map { RetryPause.after($0, jitter: 1) }
        #expect(pauses.prefix(6) == [.zero, .seconds(30), .seconds(60), .seconds(120), .seconds(240), .seconds(480)])
        #expect(pauses.last == .seconds(3600))
    }
}

@Suite struct ParkingTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection(.every(seconds: 600))
    }

    /// Lives until a run can be claimed.
    private func claimNext(within seconds: Int = 1200, step: Int = 30) async throws -> ClaimedRun? {
        for _ in 0..<seconds / step {
            try await scheduler.passes()
            if let run = try await scheduler.claim() { return run }
            scheduler.advance(by: step)
        }
        return nil
    }

    private func fail(_ times: Int, _ failure: FailureClass = .answer) async throws {
        for _ in 0..<times {
            let run = try #require(try await claimNext())
            try await scheduler.finish(run, .failed, failure: failure)
        }
        try await scheduler.passes()
    }

    @Test func `after five bad tries in a row nothing starts any more, by schedule or by hand`() async throws {
        try await fail(4)
        #expect(try await scheduler.connection(id).parked == nil)
        try await fail(1)
        let parked = try #require(try await scheduler.connection(id).parked)
        let last = try #require(try await scheduler.runs(of: id).first)
        #expect(parked.tries == 5)
        #expect(parked.lastRunID == last.runID)
        #expect(parked.since == last.finishedAt)

        #expect(try await claimNext(within: 3600) == nil)
        #expect(try await scheduler.runs(of: id).count == 5)
        for override in [false, true] {
            await expectRefusal(.failedPrecondition, "connection_parked") {
                try await scheduler.call(StartRun(connectionID: id, reason: "Try", override: override))
            }
        }
    }

    @Test func `a parked connection says so wherever one looks, with what changes it and no false next run`()
        async throws
    {
        try await fail(5)
        let shown = try await scheduler.connection(id)
        #expect(shown.effectiveState.reason == .parked)
        #expect(shown.effectiveState.remedy == .releaseConnection)
        #expect(!shown.effectiveState.mayRun)
        #expect(shown.effectiveState.since == shown.parked?.since)
        #expect(shown.nextRunAt == nil)
        let job = try #require(try await scheduler.call(ListJobs()).jobs.first)
        #expect(job.parked == shown.parked)
        #expect(job.nextRunAt == nil)
        let notes = try await SchedulerDatabase.healthNotes(of: scheduler.database, scheduler.environment)
        #expect(notes.contains { $0.hasPrefix("1 connection is parked") })
        let change = try #require(
            try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.first)
        #expect(change.what == "connection_parked")
        #expect(change.by == "scheduler")
        #expect(change.reason.hasPrefix("5 failed tries in a row"))
    }

    @Test func `the last try tells that it parked the connection, and no other does`() async throws {
        try await fail(5)
        let events = try scheduler.courier.runsFinished(to: "notifier")
        #expect(events.map(\.parkedAfter) == [nil, nil, nil, nil, 5])
        #expect(events.last?.nextRunAt == nil)
    }

    @Test func `released it starts at its own times again, the count begins anew, and it is written down`() async throws
    {
        try await fail(5)
        await expectRefusal(.invalidArgument, "text_length") {
            try await scheduler.call(ReleaseConnection(connectionID: id, reason: " "))
        }
        let release = ReleaseConnection(connectionID: id, reason: "SAP was mended")
        let released = try await scheduler.call(release)
        #expect(released.wasParked)
        #expect(released.connection.parked == nil)
        #expect(released.connection.nextRunAt != nil)
        let change = try #require(
            try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.first)
        #expect(
            change
                == Change(
                    at: scheduler.now, by: "operator anna", what: "connection_released", subject: "\(id)",
                    reason: "SAP was mended"))
        #expect(try await scheduler.call(release).wasParked == false)

        try await fail(4)
        #expect(try await scheduler.connection(id).parked == nil)
        try await fail(1)
        #expect(try await scheduler.connection(id).parked?.tries == 5)
    }

    @Test func `a success in between ends the row`() async throws {
        try await fail(4)
        let good = try #require(try await claimNext())
        try await scheduler.finish(good, .published)
        try await fail(4)
        #expect(try await scheduler.connection(id).parked == nil)
    }

    @Test func `an ERP that is away all night is tried at each of its times and never parked`() async throws {
        try await fail(60, .connection)
        #expect(try await scheduler.connection(id).parked == nil)
        #expect(try await scheduler.runs(of: id).count == 60)
        #expect(try await scheduler.runs(of: id).allSatisfy { $0.state == .finished })
    }

    @Test
    func `importers that die on it are parked after five, at growing distances, and the shop of others is served`()
        async throws
    {
        let healthy = try await scheduler.addConnection(.every(seconds: 60), merchant: "Healthy").connectionID
        var losses: [Instant] = []
        for second in 0..<480 {
            scheduler.advance(by: 5)
            try await scheduler.passes()
            while let run = try await scheduler.claim(by: "\(second)") {
                // Whoever takes the poisonous run dies of it; the healthy one is done at once.
                if run.connectionID == id {
                    losses.append(scheduler.now)
                } else {
                    try await scheduler.finish(run, by: "\(second)")
                }
            }
        }
        #expect(losses.count == 5)
        #expect(losses[1] - losses[0] <= .seconds(20), "The first loss is mostly the importer's.")
        #expect(try await scheduler.connection(id).parked?.tries == 5)
        let runs = try await scheduler.call(ListRuns(connectionID: healthy, limit: 500)).runs
        #expect(runs.count == 40)
        let delays = runs.compactMap { run in run.startedAt.flatMap { started in run.dueAt.map { started - $0 } } }
        #expect((delays.max() ?? .zero) < .seconds(1), "The others are on time.")
    }

    @Test func `between bad tries it is left alone, except by a person`() async throws {
        try await scheduler.call(UpdateConnection(connectionID: id, schedule: .every(seconds: 60), reason: "Often"))
        try await fail(4)
        // Four tries: the pause is two minutes, a fifth more or less; the schedule would have started it in one.
        let begin = scheduler.now
        scheduler.advance(by: 61)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: id).first?.state == .queued)
        #expect(try await scheduler.claim() == nil)
        let next = try #require(try await claimNext(step: 5))
        #expect(scheduler.now - begin >= .seconds(95))
        #expect(scheduler.now - begin <= .seconds(150))
        try await scheduler.finish(next, .cancelled)
        try await scheduler.call(StartRun(connectionID: id, reason: "Now"))
        #expect(try await scheduler.claim() != nil)
    }

    @Test func `what waits when a connection is parked is skipped with the reason`() async throws {
        for _ in 0..<4 { try await fail(1) }
        let run = try #require(try await claimNext())
        // It is lost: what is queued in its place may not start.
        try await scheduler.live(for: 16)
        let runs = try await scheduler.runs(of: id)
        #expect(runs[0].state == .skipped)
        #expect(runs[0].reason == "run_skipped_parked")
        #expect(runs[1].runID == run.runID)
        #expect(runs[1].outcome == .lost)
        #expect(try await scheduler.connection(id).parked?.tries == 5)
    }
}

@Suite struct FairnessTests {
    @Test func `a merchant has one run in hand at a time, so that others find an importer`() async throws {
        let scheduler = try SchedulerFixture()
        let merchant = try await scheduler.addMerchant("Many")
        var own: [ConnectionID] = []
        for number in 1...4 {
            let connection = try await scheduler.call(
                CreateConnection(
                    merchantID: merchant, label: "C\(number)",
                    sourceID: scheduler.addSystem(.sapBusinessOne, of: merchant, name: "SAP \(number)"),
                    targetID: scheduler.call(
                        CreateSystem(
                            merchantID: merchant, name: "Shop \(number)", kind: .genericWebshop,
                            baseURL: "https://shop\(number).example.dk", credentials: SchedulerFixture.sealed)
                    ).system.systemID, schedule: .manual)
            ).connection.connectionID
            own.append(connection)
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        }
        let other = try await scheduler.addConnection(merchant: "Other").connectionID
        try await scheduler.call(StartRun(connectionID: other, reason: "x"))
        let first = try #require(try await scheduler.claim(by: "1"))
        #expect(first.connectionID == own[0])
        #expect(try await scheduler.claim(by: "2")?.connectionID == other)
        #expect(try await scheduler.claim(by: "3") == nil)
        try await scheduler.finish(first, by: "1")
        #expect(try await scheduler.claim(by: "3")?.connectionID == own[1])
    }

    @Test func `of two that are due, the one that failed before waits behind the healthy one`() async throws {
        let scheduler = try SchedulerFixture()
        let bad = try await scheduler.addConnection(.every(seconds: 600), merchant: "Bad").connectionID
        let good = try await scheduler.addConnection(.manual, merchant: "Good").connectionID
        scheduler.advance(by: 600)
        try await scheduler.passes()
        let run = try #require(try await scheduler.claim())
        try await scheduler.finish(run, .failed, failure: .answer)
        scheduler.advance(by: 600)
        try await scheduler.passes()
        scheduler.advance(by: 30)
        try await scheduler.call(StartRun(connectionID: good, reason: "x"))
        #expect(try await scheduler.claim(by: "1")?.connectionID == good)
        #expect(try await scheduler.claim(by: "2")?.connectionID == bad)
    }
}
