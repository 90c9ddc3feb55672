import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct RollBackTests {
    private let scheduler: SchedulerFixture
    private let connection: ConnectionSummary
    private var id: ConnectionID { connection.connectionID }

    init() async throws {
        scheduler = try SchedulerFixture()
        connection = try await scheduler.addConnection(modules: [.prices, .stock])
    }

    /// A run after which the shop shows these versions.
    private func publish(_ versions: [Module: String]) async throws -> RunID {
        let run = try await scheduler.publish(id, versions)
        scheduler.advance(by: 60)
        return run
    }

    private func sets() async throws -> [PublishedSetSummary] {
        try await scheduler.call(ListPublishedSets(connectionID: id)).sets
    }

    @Test func `a set is what the shop showed, also of modules its run did not change`() async throws {
        let first = try await publish([.prices: "p1", .stock: "s1"])
        let second = try await publish([.stock: "s2"])
        let third = try await publish([.prices: "p3"])
        let sets = try await sets()
        #expect(sets.map(\.runID) == [third, second, first])
        #expect(sets.map(\.isCurrent) == [true, false, false])
        #expect(sets.map { $0.versions.map(\.version) } == [["p3", "s2"], ["p1", "s2"], ["p1", "s1"]])
        #expect(sets[1].versions.map(\.runID) == [first, second])
    }

    @Test func `a rollback queues one run with all versions, and freezes the connection in the same moment`()
        async throws
    {
        let first = try await publish([.prices: "p1", .stock: "s1"])
        _ = try await publish([.stock: "s2"])
        let answer = try await scheduler.call(RollBack(connectionID: id, reason: "Stock is wrong"))
        #expect(answer.toRunID == first)
        let freeze = try #require(try await scheduler.connection(id).freeze)
        #expect(freeze.cause == .rollback)
        #expect(freeze.reason == "Stock is wrong")
        let run = try #require(try await scheduler.claim())
        #expect(run.runID == answer.runID)
        #expect(run.task?.kind == .rollback)
        #expect(run.task?.versions.map(\.version) == ["p1", "s1"])
        #expect(run.modules == [.prices, .stock])
    }

    @Test func `only the last three sets before the current one can come back`() async throws {
        var runs: [RunID] = []
        for number in 1...6 { runs.append(try await publish([.prices: "p\(number)", .stock: "s\(number)"])) }
        #expect(try await sets().map(\.runID) == Array(runs.reversed().prefix(4)))
        for run in [runs[0], runs[1], runs[5]] {
            await expectRefusal(.failedPrecondition, "no_such_published_set") {
                try await scheduler.call(RollBack(connectionID: id, toRunID: run, reason: "Back"))
            }
        }
        #expect(try await scheduler.connection(id).freeze == nil)
        try await scheduler.call(RollBack(connectionID: id, toRunID: runs[2], reason: "Back"))
    }

    @Test func `after a rollback the newer sets are gone, and the next one goes further back`() async throws {
        var runs: [RunID] = []
        for number in 1...4 { runs.append(try await publish([.prices: "p\(number)", .stock: "s\(number)"])) }
        try await scheduler.call(RollBack(connectionID: id, toRunID: runs[1], reason: "Back"))
        let run = try #require(try await scheduler.claim())
        var report = RunReport(outcome: .published, reason: "run_rolled_back")
        report.publication = (run.task?.versions ?? []).map { version in
            Publication(
                module: version.module, mode: "rollback", created: 0, updated: 0, removed: 0, version: version.version)
        }
        _ = try await scheduler.importer().call(
            FinishRun(runID: run.runID, fencingToken: run.fencingToken, report: report))
        #expect(try await sets().map(\.runID) == [run.runID, runs[0]])
        #expect(try await sets().map { $0.versions.map(\.version) } == [["p2", "s2"], ["p1", "s1"]])
        #expect(try await scheduler.call(RollBack(connectionID: id, reason: "Further")).toRunID == runs[0])
    }

    @Test func `what the shop shows otherwise than published is the current set, and the one before comes back`()
        async throws
    {
        let first = try await publish([.prices: "p1", .stock: "s1"])
        let second = try await publishShownOtherwise([.prices: "p2"])
        let sets = try await sets()
        #expect(sets.map(\.runID) == [second, first])
        #expect(sets.map(\.isCurrent) == [true, false])
        #expect(sets.map(\.differs) == [true, nil])
        #expect(sets.map { $0.versions.map(\.version) } == [["p2", "s1"], ["p1", "s1"]])
        let answer = try await scheduler.call(RollBack(connectionID: id, reason: "The shop shows half of it"))
        #expect(answer.toRunID == first)
        #expect(try await scheduler.claim()?.task?.versions.map(\.version) == ["p1", "s1"])
    }

    @Test func `a rollback that names no set passes one that the shop never showed as it was published`()
        async throws
    {
        let first = try await publish([.prices: "p1", .stock: "s1"])
        let second = try await publishShownOtherwise([.prices: "p2"])
        let third = try await publish([.prices: "p3", .stock: "s3"])
        #expect(try await sets().map(\.runID) == [third, second, first])
        #expect(try await scheduler.call(RollBack(connectionID: id, reason: "Wrong prices")).toRunID == first)
    }

    /// Committed, and the shop shows something else.
    private func publishShownOtherwise(_ versions: [Module: String]) async throws -> RunID {
        let run = try await scheduler.publish(id, versions, outcome: .failed, reason: RunReport.readBackDiffers)
        scheduler.advance(by: 60)
        return run
    }

    @Test func `no switch keeps the right set away`() async throws {
        let first = try await publish([.prices: "p1", .stock: "s1"])
        _ = try await publish([.prices: "p2"])
        try await scheduler.call(
            SetSwitch(
                merchantID: connection.merchantID, level: .connection, connectionID: id, on: false, reason: "Stop"))
        try await scheduler.call(RollBack(connectionID: id, toRunID: first, reason: "Back"))
        try await scheduler.passes()
        #expect(try await scheduler.claim()?.task?.runID == first)
    }

    @Test func `there is nothing to roll back to before the second publication`() async throws {
        await expectRefusal(.failedPrecondition, "no_such_published_set") {
            try await scheduler.call(RollBack(connectionID: id, reason: "Back"))
        }
        _ = try await publish([.prices: "p1", .stock: "s1"])
        await expectRefusal(.failedPrecondition, "no_such_published_set") {
            try await scheduler.call(RollBack(connectionID: id, reason: "Back"))
        }
    }
}
