import CoreTypes
import GRDB
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import SchedulerService

/// The wall clock is set an hour forward or back while the time that passes stays what it is.
@Suite struct ClockStepTests {
    private let hour = Duration.seconds(3600)
    private static let start = SchedulerFixture.start

    /// The scheduled times between two moments, both included, ten minutes apart.
    private func times(_ from: Int, _ to: Int) -> [Instant] {
        stride(from: from, through: to, by: 10).map { Self.start + .seconds(60 * $0) }
    }

    private func ran(_ scheduler: SchedulerFixture, _ connection: ConnectionID) async throws -> [Instant] {
        try await scheduler.runs(of: connection).reversed().filter { $0.state == .finished }.compactMap(\.dueAt)
    }

    @Test func `set forward, the hour that was jumped over gives one run, marked late, and all goes on`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        try await scheduler.live(for: 3630, step: 30) { try await scheduler.work() }
        scheduler.wall.set(by: hour)
        try await scheduler.live(for: 3600, step: 30) { try await scheduler.work() }
        // 60 min in, 70 comes late at 120; 80 to 120 are the times it stands for.
        #expect(try await ran(scheduler, connection) == times(10, 70) + times(130, 180))
        let late = try await scheduler.runs(of: connection).filter { $0.lateMs != nil }
        #expect(late.map(\.dueAt) == [Self.start + .seconds(4200)])
    }

    @Test func `set back, no time is run a second time, and none after it is left out`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        try await scheduler.live(for: 7230, step: 30) { try await scheduler.work() }
        scheduler.wall.set(by: .zero - hour)
        try await scheduler.live(for: 7200, step: 30) { try await scheduler.work() }
        #expect(try await ran(scheduler, connection) == times(10, 180))
    }

    @Test func `set forward by mistake and corrected, the schedule is back at its own times at once`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 600)).connectionID
        try await scheduler.live(for: 3630, step: 30) { try await scheduler.work() }
        scheduler.wall.set(by: hour)
        try await scheduler.live(for: 300, step: 30) { try await scheduler.work() }
        scheduler.wall.set(by: .zero - hour)
        try await scheduler.live(for: 3600, step: 30) { try await scheduler.work() }
        // 70 ran under the wrong clock; from 80 on everything comes when it should.
        #expect(try await ran(scheduler, connection) == times(10, 120))
        #expect(try await scheduler.connection(connection).nextRunAt == Self.start + .seconds(130 * 60))
    }

    @Test(arguments: [1, -1])
    func `a healthy run keeps its lease through a step, a dead one is lost after its lease as ever`(
        direction: Int
    ) async throws {
        let scheduler = try SchedulerFixture()
        let healthy = try await scheduler.addConnection(merchant: "A").connectionID
        let dead = try await scheduler.addConnection(merchant: "B").connectionID
        for connection in [healthy, dead] {
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        }
        let run = try #require(try await scheduler.claim(by: "1"))
        _ = try #require(try await scheduler.claim(by: "2"))
        let renewal = RenewLease(
            runID: run.runID, fencingToken: run.fencingToken, progress: RunProgress(phase: .extracting))
        try await scheduler.live(for: 5) { _ = try await scheduler.importer("1").call(renewal) }
        scheduler.wall.set(by: hour * direction)
        try await scheduler.live(for: 9) { _ = try await scheduler.importer("1").call(renewal) }
        #expect(try await scheduler.runs(of: dead).first?.state == .running)
        try await scheduler.live(for: 2) { _ = try await scheduler.importer("1").call(renewal) }
        #expect(try await scheduler.runs(of: dead).last?.outcome == .lost)
        try await scheduler.live(for: 600, step: 4) { _ = try await scheduler.importer("1").call(renewal) }
        try await scheduler.finish(run, .published, by: "1")
        #expect(try await scheduler.runs(of: healthy).map(\.outcome) == [.published])
    }

    @Test func `set back while a run waits for the importer that is preferred, another takes it all the same`()
        async throws
    {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        try await scheduler.work(.published, by: "gone")
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        #expect(try await scheduler.claim(by: "other") == nil)
        scheduler.wall.set(by: .zero - hour)
        scheduler.advance(by: 3)
        #expect(try await scheduler.claim(by: "other") != nil)
    }

    @Test func `set back while a run waits out its pause, it does not wait an hour longer`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        for _ in 0..<3 {
            try await scheduler.live(for: 90, step: 30) { try await scheduler.work(.failed) }
        }
        #expect(try await scheduler.runs(of: connection).filter { $0.outcome == .failed }.count >= 2)
        let tries = try await scheduler.runs(of: connection).filter { $0.outcome == .failed }.count
        scheduler.wall.set(by: .zero - hour)
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        #expect(try await scheduler.work(.failed) != nil)
        #expect(try await scheduler.runs(of: connection).filter { $0.outcome == .failed }.count == tries + 1)
    }

    /// 60 days over the change of March in every run of the tests, 2,000 days with `--long`.
    @Test(arguments: ["Europe/Copenhagen", "Europe/Dublin"])
    func `day after day each daily job runs once, through both changes of the clock`(zone: String) async throws {
        let days = LongProof.count(60, long: 2_000)
        let begin = Instant.utc(2026, 3, 1, hour: 12)
        let clock = ManualClock(start: begin)
        let scheduler = try SchedulerFixture(clock: clock)
        // In the gap of spring and the repeat of autumn of one of the two, and beside them.
        var daily: [ConnectionID] = []
        for (number, expression) in ["30 1 * * *", "30 2 * * *", "15 3 * * *", "0 0 * * *"].enumerated() {
            let connection = try await scheduler.addConnection(
                .cron(expression, timeZone: zone), merchant: "Daily \(number)")
            daily.append(connection.connectionID)
        }
        try await scheduler.live(for: days * 86_400, step: 43_200) {
            while try await scheduler.work() != nil {}
        }
        for connection in daily { #expect(try await count(scheduler, connection) == days) }
    }

    private func count(_ scheduler: SchedulerFixture, _ connection: ConnectionID) async throws -> Int {
        try await scheduler.database.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM run WHERE connectionID = ? AND state = 'finished'",
                arguments: [connection]) ?? 0
        }
    }
}
