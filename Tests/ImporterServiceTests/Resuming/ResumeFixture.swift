import CoreTypes
import GRDB
import MonitorAPI
import Outbound
import Persistence
import RPC
import SandboxAPI
import SchedulerAPI
import TestSupport
import Testing

@testable import ImporterService

/// An import that dies while it reads, and the run that is queued in its place.
enum Resuming {
    /// Thirteen pages; ten of them make a commit to the staging file.
    static let items = 1_300
    static let settings = ConnectionSettings.paged(.keyset, size: 100)

    /// The claim that was cut off; the scheduler hands out the same sealed credentials again.
    @TaskLocal static var lost: ClaimedRun?

    /// Passes what it is passed to both.
    static func both(_ first: CrashPoints, _ second: CrashPoints) -> CrashPoints {
        CrashPoints { name in
            first.passing(name)
            second.passing(name)
        }
    }
}

extension ImportFixture {
    /// Starts a run that is killed, and returns the world as a process after it finds it.
    ///
    /// - Parameter passage: The how many-th page is the last that is staged; ten of twelve are committed then.
    static func cutOff(
        at point: String = "importer.page.staged", passage: Int = 12, settings: ConnectionSettings = Resuming.settings,
        modules: [Module] = [.products], passing others: CrashPoints = .none,
        _ body: @escaping @Sendable (ImportFixture) async throws -> Void
    ) async throws {
        let death = try Death(at: point, passage: passage)
        let crashPoints = Resuming.both(death.crashPoints, others)
        try await with(items: Resuming.items, crashPoints: crashPoints) { fixture in
            death.lurk(over: fixture.folder.path)
            let lost = try fixture.claim(modules, settings: settings)
            _ = try? await fixture.carryOut(lost, with: try await fixture.importer(dyingBy: death))
            try death.checkCopied()
            #expect(death.isDead, "the run never came to \(point)")
            let heir = try fixture.inheriting(death.remains)
            try await Resuming.$lost.withValue(lost) { try await body(heir) }
        }
    }

    /// The claim of the run that is queued when one was lost.
    func nextClaim(token: Int64 = 2, trigger: RunTrigger = .afterLoss) throws -> ClaimedRun {
        var claim = try Resuming.lost ?? claim(settings: Resuming.settings)
        (claim.runID, claim.fencingToken, claim.trigger) = (runID(token), token, trigger)
        return claim
    }

    /// Carries it out in a new process, which resolves the lost run first.
    ///
    /// - Returns: Its report, and how many pages of items the source was asked for.
    func replace(
        token: Int64 = 2, trigger: RunTrigger = .afterLoss, _ change: (inout ClaimedRun) throws -> Void = { _ in }
    ) async throws -> (report: RunReport, pagesAsked: Int) {
        var claim = try nextClaim(token: token, trigger: trigger)
        try change(&claim)
        let sender = CountingSender(HTTPClient(HTTPClientConfiguration(configuration)))
        let importer = try await importer(sending: sender)
        _ = try await importer.recovery.pass()
        let report = try await carryOut(claim, with: importer)
        // Neither the pre-flight's one item, nor counts and tokens, nor keys of a sweep.
        let pages = sender.urls.filter {
            $0.contains("/Items?") && !$0.contains("top=") && $0.contains("ItemName")
        }
        try await expectNothingLeft()
        return (try #require(report), pages.count)
    }

    func evidence(of token: Int64) async throws -> ImportEvidence {
        try await policies.call(DescribeEvidence(runID: runID(token))).evidence
    }

    /// Runs whose read is noted: under way, cut off, or taken over.
    func notedReads() async throws -> [RunID] {
        let file = try ImporterDatabase(.file(configuration.databasePath))
        return try await file.database.read { db in try RunID.fetchAll(db, sql: "SELECT runID FROM sourceRead") }
    }

    /// When the read that is under way was last known to go on.
    func lastAlive() async throws -> Instant? {
        let file = try ImporterDatabase(.file(configuration.databasePath))
        return try await file.database.read { db in try Instant.fetchOne(db, sql: "SELECT aliveAt FROM sourceRead") }
    }

    func expectNothingLeft() async throws {
        #expect(try stagingFiles().isEmpty)
        #expect(try await journal().isEmpty)
        #expect(try await notedReads().isEmpty)
    }
}
