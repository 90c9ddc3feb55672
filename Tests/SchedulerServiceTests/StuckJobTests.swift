import CoreTypes
import GRDB
import Persistence
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

/// The file is damaged on purpose; within a minute all is well again and somebody can see that it was not.
@Suite struct StuckJobTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection(.every(seconds: 600), merchant: "Stuck")
    }

    private func changes() async throws -> [String] {
        try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.map(\.what)
    }

    @Test func `due in the past with nothing running, it runs`() async throws {
        try await scheduler.execute("UPDATE connection SET nextDueAt = ?", [scheduler.now - .seconds(86_400)])
        try await scheduler.live(for: 1)
        #expect(try await scheduler.runs(of: id).map(\.state) == [.queued])
        #expect(try await scheduler.runs(of: id).first?.lateMs == 86_401_000)
        #expect(try await scheduler.connection(id).nextRunAt == SchedulerFixture.start + .seconds(600))
    }

    @Test(arguments: [nil, SchedulerFixture.start + .seconds(999_999)])
    func `a next time that is gone or far off is set right and written down`(wrong: Instant?) async throws {
        try await scheduler.execute("UPDATE connection SET nextDueAt = ?", [wrong])
        try await scheduler.live(for: 60, step: 30)
        #expect(try await scheduler.connection(id).nextRunAt == SchedulerFixture.start + .seconds(600))
        #expect(try await changes().first == "schedule_repaired")
        try await scheduler.live(for: 60, step: 30)
        #expect(try await changes().filter { $0 == "schedule_repaired" }.count == 1)
    }

    @Test(arguments: [
        "leaseEndsAt = 9999999999999", "leaseOwner = 'importer/nobody'", "leaseEndsAt = 0", "claimID = NULL",
        "state = 'cancelling'",
    ])
    func `a run that is said to be in hand and is in nobody's is lost within the minute`(damage: String) async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        _ = try #require(try await scheduler.claim())
        try await scheduler.execute("UPDATE run SET \(damage)")
        try await scheduler.live(for: 60)
        #expect(try await scheduler.runs(of: id).last?.outcome == .lost)
    }

    @Test func `a run that waits behind a switch nobody told it of is skipped and written down`() async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        try await scheduler.execute(
            "INSERT INTO switch VALUES (?, 'connection', ?, 0, 'nobody', 0, 'x')", [connection.merchantID, id])
        try await scheduler.live(for: 60, step: 30)
        #expect(try await scheduler.runs(of: id).first?.reason == "run_skipped_switched_off")
        #expect(try await scheduler.connection(id).nextRunAt == nil)
        #expect(try await changes().first == "schedule_repaired")
    }

    @Test(arguments: [false, true])
    func `a run whose connection is gone is ended, and the leases of others are looked after`(inHand: Bool) async throws
    {
        let other = try await scheduler.addConnection(merchant: "Other").connectionID
        for connection in [other, id] {
            try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
            if inHand || connection == other { _ = try #require(try await scheduler.claim()) }
        }
        try await scheduler.database.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: "DELETE FROM connection WHERE id = ?", arguments: [id])
            try db.execute(sql: "PRAGMA foreign_keys = ON")
        }
        try await scheduler.live(for: 60)
        let left = try await scheduler.database.read { db in
            try String.fetchAll(db, sql: "SELECT reason FROM run WHERE connectionID = ?", arguments: [id])
        }
        #expect(left == ["run_skipped_connection_gone"])
        #expect(try await scheduler.runs(of: other).last?.outcome == .lost)
    }

    @Test func `settings that cannot be read stop their own connection and nobody behind it`() async throws {
        let healthy = try await scheduler.addConnection(.every(seconds: 600), merchant: "Healthy").connectionID
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        try await scheduler.execute("UPDATE connectionSettings SET settings = '{' WHERE connectionID = ?", [id])
        scheduler.advance(by: 600)
        try await scheduler.passes()
        #expect(try await scheduler.claim()?.connectionID == healthy)
        let reason = try await scheduler.database.read { db in
            try String.fetchOne(db, sql: "SELECT reason FROM run WHERE connectionID = ?", arguments: [id])
        }
        #expect(reason == "run_skipped_unreadable")
    }

    @Test func `a run whose own row cannot be read is skipped and stops nobody behind it`() async throws {
        let healthy = try await scheduler.addConnection(.every(seconds: 600), merchant: "Healthy").connectionID
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        try await scheduler.execute("UPDATE run SET modules = '{' WHERE connectionID = ?", [id])
        scheduler.advance(by: 600)
        try await scheduler.passes()
        #expect(try await scheduler.claim()?.connectionID == healthy)
        let reason = try await scheduler.database.read { db in
            try String.fetchOne(db, sql: "SELECT reason FROM run WHERE connectionID = ?", arguments: [id])
        }
        #expect(reason == "run_skipped_unreadable")
    }

    @Test func `a lease that cannot be ended is not tried again at once, and hides no other`() async throws {
        let healthy = try await scheduler.addConnection(.every(seconds: 600), merchant: "Healthy").connectionID
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        try await scheduler.call(StartRun(connectionID: healthy, reason: "x"))
        _ = try await scheduler.claim()
        _ = try await scheduler.claim()
        try await scheduler.execute("UPDATE run SET modules = '{' WHERE connectionID = ?", [id])
        try await scheduler.live(for: 60)
        #expect(try await scheduler.runs(of: healthy).contains { $0.outcome == .lost })
    }

    @Test func `runs that nobody claims are told by health after a minute`() async throws {
        try await scheduler.call(StartRun(connectionID: id, reason: "x"))
        scheduler.advance(by: 61)
        let notes = try await SchedulerDatabase.healthNotes(of: scheduler.database, scheduler.environment)
        #expect(notes == ["1 run has waited more than a minute for an importer. Is one running?"])
    }
}
