import GRDB
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

/// What must never be in the file, whatever the program does.
@Suite struct SchemaTests {
    private func expectConstraint(
        _ scheduler: SchedulerFixture, _ sql: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await scheduler.execute(sql)
            Issue.record("SQLite took it.", sourceLocation: sourceLocation)
        } catch let error as DatabaseError {
            #expect(error.resultCode == .SQLITE_CONSTRAINT, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    @Test func `two active runs of a connection, or two of one scheduled time, cannot be stored`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60)).connectionID
        scheduler.advance(by: 60)
        try await scheduler.passes()
        let columns = """
            merchantID, connectionID, modules, trigger, queuedAt, isOverridden, traceparent, state
            """
        await expectConstraint(
            scheduler,
            """
            INSERT INTO run (id, dueAt, \(columns)) SELECT 'x', dueAt + 1, \(columns) FROM run
            """)
        try await scheduler.work()
        await expectConstraint(
            scheduler,
            """
            INSERT INTO run (id, dueAt, merchantID, connectionID, modules, trigger, queuedAt, isOverridden,
                traceparent, state)
            SELECT 'y', dueAt, merchantID, connectionID, modules, trigger, queuedAt, isOverridden, traceparent,
                'queued' FROM run
            """)
        #expect(try await scheduler.runs(of: connection).count == 1)
    }

    @Test func `a run cannot end without outcome and report, or begin without token and owner`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection().connectionID
        try await scheduler.call(StartRun(connectionID: connection, reason: "x"))
        await expectConstraint(scheduler, "UPDATE run SET state = 'finished', finishedAt = 1")
        await expectConstraint(scheduler, "UPDATE run SET state = 'running', leaseEndsAt = 1")
        await expectConstraint(scheduler, "UPDATE run SET startReason = NULL")
        await expectConstraint(scheduler, "UPDATE run SET state = 'asleep'")
    }

    @Test func `a connection cannot join another merchant's system`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(merchant: "A").connectionID
        let other = try await scheduler.addMerchant("B")
        let foreign = try await scheduler.addSystem(.sapBusinessOne, of: other)
        await expectConstraint(
            scheduler, "UPDATE connection SET sourceID = '\(foreign)' WHERE id = '\(connection)'")
        await expectConstraint(scheduler, "UPDATE connection SET sourceID = targetID")
        await expectConstraint(scheduler, "UPDATE system SET baseURL = 'http://x'")
    }

    @Test func `what was written down about a change is neither edited nor removed`() async throws {
        let scheduler = try SchedulerFixture()
        _ = try await scheduler.addMerchant()
        await expectConstraint(scheduler, "UPDATE change SET changedBy = 'nobody'")
        await expectConstraint(scheduler, "DELETE FROM change")
    }
}
