import CoreTypes
import MonitorAPI
import MonitorService
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct ApprovalTests {
    private let release = RunID(bytes: (1, 99))

    private func dropping(_ dropped: Int = 400) -> ImportEvidence {
        .steady(1000 - dropped) { $0.drop(dropped, of: 1000) }
    }

    /// The same set, judged for the run that publishes it.
    private func releasing(_ dropped: Int = 400, attempt: Int = 1, digest: String = "digest-1") -> JudgeImport {
        var evidence = dropping(dropped)
        evidence.runID = release
        evidence.fencingToken = 8
        evidence.attempt = attempt
        evidence.stagedDigest = digest
        return JudgeImport(evidence: evidence, releases: .example)
    }

    private func judge(_ request: JudgeImport, _ monitor: MonitorFixture) async throws -> VerdictBody {
        try monitor.opened(try await monitor.importer.call(request).verdict)
    }

    @Test func `a held import is not to be published, and is when a person agreed to what was shown`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        #expect(held.isHeld)
        #expect(!held.permitsPublishing)
        let answer = try await monitor.approve(held)
        let approved = try monitor.opened(answer.verdict)
        #expect(approved.permitsPublishing)
        #expect(approved.stagedDigest == held.stagedDigest)
        #expect(approved.fencingToken == held.fencingToken)
        #expect(approved.approval?.by == "operator anna")
        #expect(approved.approval?.reason == "The range really ended")
        let released = try await judge(releasing(), monitor)
        #expect(released.permitsPublishing)
        #expect(released.runID == release)
        #expect(released.approval == answer.approval)
        #expect(released.holds == held.holds, "what was agreed to stays in the record")
    }

    @Test func `without an agreement a release is held again`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.judge(dropping())
        let released = try await judge(releasing(), monitor)
        #expect(released.isHeld)
        #expect(released.approval == nil)
    }

    @Test func `an agreement covers at most the number shown, though the shop has changed since`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.approve(try await monitor.judge(dropping(400)))
        #expect(try await judge(releasing(401, attempt: 1), monitor).isHeld)
        #expect(try await judge(releasing(399, attempt: 2), monitor).permitsPublishing)
    }

    @Test func `a release that was held for more can be agreed to by what it shows`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.approve(try await monitor.judge(dropping(400)))
        let heldAgain = try await judge(releasing(450), monitor)
        #expect(heldAgain.holds?.first?.count == 450)
        _ = try await monitor.approve(heldAgain)
        var next = releasing(450)
        next.evidence.runID = RunID(bytes: (1, 100))
        next.evidence.fencingToken = 9
        #expect(try await judge(next, monitor).permitsPublishing)
    }

    @Test func `an agreement is for that very set`() async throws {
        let monitor = try MonitorFixture()
        _ = try await monitor.approve(try await monitor.judge(dropping()))
        #expect(try await judge(releasing(digest: "digest-2"), monitor).isHeld)
        // Nor is it for another import that would drop as much: that one has nothing to do with it.
        var other = dropping()
        other.runID = RunID(bytes: (1, 50))
        other.fencingToken = 9
        #expect(try await monitor.judge(other).isHeld)
    }

    @Test func `an agreement ends, in 4 hours unless said otherwise`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        #expect(try await monitor.approve(held).approval.expiresAt == .example + .seconds(4 * 3600))
        monitor.clock.advance(by: .seconds(4 * 3600 - 1))
        let verdict = try await judge(releasing(attempt: 1), monitor)
        #expect(verdict.expiresAt == .example + .seconds(4 * 3600), "nor can its verdict be used later")
        monitor.clock.advance(by: .seconds(1))
        #expect(try await judge(releasing(attempt: 2), monitor).isHeld)
        // Agreed to anew, but never longer than a day after the set was judged.
        let again = try await monitor.approve(held, validSeconds: 86_400)
        #expect(again.approval.expiresAt == .example + .seconds(86_400))
        #expect(try await judge(releasing(attempt: 3), monitor).permitsPublishing)
        monitor.clock.advance(by: .seconds(20 * 3600))
        #expect(await failure { try await monitor.approve(held) } == "approval_too_late")
    }

    @Test func `the same agreement again is answered with the same bytes, whoever sends it`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        let first = try await monitor.approve(held)
        monitor.clock.advance(by: .seconds(60))
        #expect(try await monitor.approve(held) == first)
        #expect(try await monitor.approve(held, validSeconds: 3600) == first)
        // And the verdict that held it is repeated as it was.
        let replayed = try await monitor.judge(dropping())
        #expect(replayed == held)
    }

    @Test func `other figures than those that hold it are not agreed to`() async throws {
        let monitor = try MonitorFixture()
        var held = try await monitor.judge(dropping())
        held.holds?[0].count = 399
        #expect(await failure { try await monitor.approve(held) } == "approval_figures_differ")
        held.holds = []
        #expect(await failure { try await monitor.approve(held) } == "approval_figures_differ")
    }

    @Test func `what was refused, or was not held, cannot be agreed to`() async throws {
        let monitor = try MonitorFixture()
        let refused = try await monitor.judge(.steady { $0.countAfter = 999 })
        #expect(await failure { try await monitor.approve(refused) } == "approval_not_held")
        let complete = try await monitor.judge(.steady { $0.attempt = 2 })
        #expect(await failure { try await monitor.approve(complete) } == "approval_not_held")
        var unknown = complete
        unknown.runID = RunID(bytes: (7, 7))
        #expect(await failure { try await monitor.approve(unknown) } == "evidence_not_found")
    }

    @Test func `what could not be verified is published when a person agrees`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(.steady { $0.countBefore = nil })
        #expect(held.isHeld)
        _ = try await monitor.approve(held)
        var evidence = ImportEvidence.steady { $0.countBefore = nil }
        evidence.runID = release
        evidence.fencingToken = 8
        let released = try await judge(JudgeImport(evidence: evidence, releases: .example), monitor)
        #expect(released.verdict == .unverifiable)
        #expect(released.permitsPublishing)
    }

    @Test func `a held import that a later one has overtaken cannot be agreed to`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        let later = RunFinished.ended(.published, reason: "run_published", minute: 5)
        _ = try await monitor.judge(
            .steady {
                $0.runID = later.runID
                $0.fencingToken = 8
            })
        _ = try await monitor.deliver([later.delivered(1)])
        #expect(await failure { try await monitor.approve(held) } == "approval_overtaken")
    }

    @Test func `a service may name the person it asks for, a person may not name another`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        let request = ApproveImport(
            runID: held.runID, holds: held.holds ?? [], reason: "Agreed by phone", approvedBy: "bo@nordlys.example")
        let page = monitor.caller(.service(name: "dashboard", instance: "1"))
        #expect(try await page.call(request).approval.by == "bo@nordlys.example")
        let other = try await monitor.judge(
            dropping().with {
                $0.runID = RunID(bytes: (1, 3))
                $0.fencingToken = 9
            })
        var asPerson = request
        asPerson.runID = other.runID
        #expect(try await monitor.anna.call(asPerson).approval.by == "operator anna")
        await #expect(throws: ServiceError.self) { try await monitor.importer.call(request) }
    }

    @Test(arguments: [0, 59, 86_401])
    func `an agreement for less than a minute or more than a day is refused`(seconds: Int) async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        #expect(await failure { try await monitor.approve(held, validSeconds: seconds) } == "number_out_of_range")
    }

    @Test func `who agreed is shown with the evidence`() async throws {
        let monitor = try MonitorFixture()
        let held = try await monitor.judge(dropping())
        #expect(try await monitor.anna.call(DescribeEvidence(runID: held.runID)).approval == nil)
        let approval = try await monitor.approve(held).approval
        #expect(try await monitor.anna.call(DescribeEvidence(runID: held.runID)).approval == approval)
        let listed = try await monitor.anna.call(ListVerdicts()).verdicts
        #expect(listed.map(\.holds) == [[.dropGuard]])
    }
}

extension ImportEvidence {
    func with(_ change: (inout ImportEvidence) -> Void) -> ImportEvidence {
        var evidence = self
        change(&evidence)
        return evidence
    }
}
