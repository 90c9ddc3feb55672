import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

/// A rollback at a shop without staging that was cut off: what brings it to its end is a rollback.
@Suite struct ResumeRollbackTests {
    private let scheduler: SchedulerFixture
    private let id: ConnectionID

    init() async throws {
        scheduler = try SchedulerFixture()
        let merchant = try await scheduler.addMerchant()
        id = try await scheduler.call(
            CreateConnection(
                merchantID: merchant, sourceID: scheduler.addSystem(.sapBusinessOne, of: merchant),
                targetID: scheduler.addSystem(.directWebshop, of: merchant), settings: ConnectionSettings(),
                schedule: .every(seconds: 3600))
        ).connection.connectionID
    }

    private func sets() async throws -> [PublishedSetSummary] {
        try await scheduler.call(ListPublishedSets(connectionID: id)).sets
    }

    @Test func `the rest of a rollback is told as one, and the set that was wanted is the current one`() async throws {
        for version in ["v1", "v2", "v3"] { try await scheduler.publish(id, version: version) }
        let published = try await sets()
        let wanted = try #require(published.last)
        try await scheduler.call(RollBack(connectionID: id, toRunID: wanted.runID, reason: "Wrong prices"))
        let cut = try #require(try await scheduler.claim())
        try await scheduler.finish(cut, .failed, failure: .shop)
        #expect(try await sets() == published)
        let resume = ResumePush(runID: published[0].runID, returningTo: wanted.runID)
        let answer = try await scheduler.importer().call(resume)
        #expect(answer.answer == .queued)
        let rest = try #require(try await scheduler.claim())
        #expect(rest.runID == answer.runID)
        #expect(rest.task == RunTask(kind: .rollback, runID: wanted.runID, versions: wanted.versions))
        try await scheduler.finish(rest, .published)
        let current = try #require(try await sets().first)
        #expect(current.runID == rest.runID)
        #expect(current.isCurrent)
        #expect(current.asOf == wanted.asOf)
    }

    @Test func `where the set is not known any more, what is half done is finished all the same`() async throws {
        try await scheduler.publish(id, version: "v1")
        let run = try #require(try await sets().first?.runID)
        let resume = ResumePush(runID: run, returningTo: RunID(bytes: (9, 9)))
        #expect(try await scheduler.importer().call(resume).answer == .queued)
        #expect(try await scheduler.claim()?.task == RunTask(kind: .finish, runID: run))
    }
}
