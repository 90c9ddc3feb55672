import CoreTypes
import JSON
import NotifierAPI
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import NotifierService

@Suite struct IncidentLifeTests {
    private let day = Duration.seconds(86_400)

    @Test func `an incident is mailed once when opened, and not again by runs that show it`() {
        var (life, actions) = IncidentLife.opened(at: .example, heardAt: .example, remindEvery: day)
        #expect(actions == [.mailIncident])
        #expect(life.handle(.shownByRun(at: .example + .seconds(60)), remindEvery: day) == [])
        #expect(life.runCount == 2)
        #expect(life.lastSeenAt == .example + .seconds(60))
    }

    @Test func `a reminder comes at the interval, not a moment before, and missed ones do not pile up`() {
        var (life, _) = IncidentLife.opened(at: .example, heardAt: .example, remindEvery: day)
        #expect(life.handle(.timePassed(to: .example + .seconds(86_399)), remindEvery: day) == [])
        #expect(life.handle(.timePassed(to: .example + day * 5), remindEvery: day) == [.mailReminder])
        #expect(life.handle(.timePassed(to: .example + day * 5), remindEvery: day) == [])
        #expect(life.nextReminderAt == .example + day * 6)
    }

    @Test func `a closed incident does nothing more`() {
        var (life, _) = IncidentLife.opened(at: .example, heardAt: .example, remindEvery: day)
        #expect(life.handle(.runSucceeded(at: .example), remindEvery: day) == [.mailRecovery])
        let closed = life
        for event in [
            IncidentLife.Event.runSucceeded(at: .example + day), .shownByRun(at: .example + day),
            .timePassed(to: .example + day * 9),
        ] {
            #expect(life.handle(event, remindEvery: day) == [])
        }
        #expect(life == closed)
    }

    @Test(arguments: [
        (RunOutcome.refused, RunMeaning.shows(.importRefused)), (.held, .shows(.importHeld)),
        (.failed, .shows(.importFailed)), (.lost, .shows(.importLost)), (.cancelled, .nothing),
        (.published, .endsAll), (.unchanged, .endsAll),
    ])
    func `each outcome has one meaning`(outcome: RunOutcome, meaning: RunMeaning) {
        #expect(RunMeaning(RunReport(outcome: outcome, reason: "x")) == meaning)
    }

    @Test(arguments: [RunTask.Kind.finish, .rollback])
    func `what reads no source ends no trouble with it`(kind: RunTask.Kind) {
        let report = RunReport(outcome: .published, reason: "x")
        #expect(RunMeaning(report, of: RunTask(kind: kind, runID: .example)) == .mendsShop)
        #expect(RunMeaning(report, of: RunTask(kind: .release, runID: .example)) == .endsAll)
    }

    @Test func `a run that a newer one replaced is nobody's incident`() {
        var report = RunReport(outcome: .failed, reason: "run_superseded")
        report.failure = .superseded
        #expect(RunMeaning(report) == .nothing)
    }
}

@Suite struct ParkedConnectionTests {
    private func tellRelease(_ notifier: NotifierFixture) async throws {
        try await notifier.tell(
            ConnectionReleased(
                merchantID: .example, connectionID: .example, releasedAt: .example, releasedBy: "operator anna"))
    }

    private func fail(_ notifier: NotifierFixture, _ number: UInt64, parkedAfter: Int? = nil) async throws {
        try await notifier.tell(
            .ended(.lost, "run_lost", number: number) {
                $0.parkedAfter = parkedAfter
                $0.nextRunAt = nil
            })
    }

    @Test func `a parked connection is one mail more, with what to do, and a recovery names it`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        for number in 1...4 { try await fail(notifier, UInt64(number)) }
        #expect(notifier.transport.sent.count == 1)
        try await fail(notifier, 5, parkedAfter: 5)
        #expect(notifier.transport.sent.count == 2)
        let mail = try #require(notifier.transport.sent.last)
        #expect(mail.subject == "Nordlys Cykler: import SAP > shop is parked and will not be started")
        #expect(mail.text.contains("The connection SAP > shop is parked after 5 failed tries in a row."))
        #expect(mail.text.contains("sluice connection release"))
        #expect(mail.text.contains("No further import is planned."))
        #expect(try await notifier.openIncidents().map(\.kind) == [.connectionParked, .importLost])
        try await tellRelease(notifier)
        #expect(try await notifier.openIncidents().map(\.kind) == [.importLost])
        #expect(notifier.transport.sent.count == 2)
        try await notifier.tell(.published(number: 6))
        #expect(notifier.transport.sent.count == 3)
    }

    @Test func `what finishes a push half done ends that trouble alone: a parked connection stays parked`() async throws
    {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(.ended(.failed, "run_failed_login", number: 1))
        try await notifier.tell(
            .ended(.lost, "run_lost_half_published", number: 2) {
                $0.parkedAfter = 5
                $0.nextRunAt = nil
            })
        notifier.transport.forget()
        try await notifier.tell(
            .ended(.published, "run_push_finished", number: 3) {
                $0.task = RunTask(kind: .finish, runID: .example)
            })
        #expect(
            try await Set(notifier.openIncidents().map(\.kind)) == [.connectionParked, .importFailed])
        #expect(notifier.transport.sent.count == 1)
    }

    @Test func `a shop that is as old as it was stays one`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(
            ConnectionNotice(kind: .setOutdated, run: .ended(.failed, "set_outdated", number: 1)))
        try await notifier.tell(.ended(.unchanged, "run_unchanged", number: 2) { $0.madeFresh = false })
        #expect(try await notifier.openIncidents().map(\.kind) == [.setOutdated])
        try await notifier.tell(.ended(.unchanged, "run_unchanged", number: 3) { $0.madeFresh = true })
        #expect(try await notifier.openIncidents().isEmpty)
    }

    @Test func `parked again after a release is mailed again`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await fail(notifier, 1, parkedAfter: 5)
        try await tellRelease(notifier)
        try await fail(notifier, 2, parkedAfter: 5)
        let subjects = notifier.transport.sent.map(\.subject)
        #expect(subjects.filter { $0.hasSuffix("is parked and will not be started") }.count == 2)
    }
}

@Suite struct IncidentTests {
    @Test func `an incident heard of days late is mailed once, and reminded of a day after that`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.clock.advance(by: .seconds(5 * 86_400))
        try await notifier.tell(.incomplete())
        try await notifier.pass(after: .seconds(86_000))
        #expect(notifier.transport.sent.count == 1)
        try await notifier.pass(after: .seconds(400))
        #expect(notifier.transport.sent.count == 2)
    }

    @Test(arguments: [
        (RunOutcome.refused, "run_incomplete", NoticeKind.importRefused),
        (.held, "run_unverifiable", .importHeld),
        (.failed, "run_failed_login", .importFailed),
        (.lost, "run_lost", .importLost),
    ])
    func `an unsuccessful run opens one incident and one mail per recipient`(
        outcome: RunOutcome, reason: String, kind: NoticeKind
    ) async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.ended(outcome, reason))
        let incidents = try await notifier.openIncidents()
        #expect(incidents.map(\.kind) == [kind])
        #expect(Set(notifier.transport.sent.map(\.address)) == ["bo@cykler.dk", "cy@cykler.dk"])
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `a cancelled run opens and closes nothing`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.ended(.cancelled, "run_cancelled"))
        #expect(notifier.transport.sent.isEmpty)
        try await notifier.tell(.incomplete(number: 2))
        try await notifier.tell(.ended(.cancelled, "run_cancelled", number: 3))
        #expect(try await notifier.openIncidents().count == 1)
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `the same trouble again is the same incident and no new mail`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        for number in 1...3 { try await notifier.tell(.incomplete(number: UInt64(number))) }
        let incidents = try await notifier.openIncidents()
        #expect(incidents.map(\.runCount) == [3])
        #expect(notifier.transport.sent.count == 2)
        let described = try await notifier.anna.call(DescribeIncident(incidentID: incidents[0].incidentID))
        #expect(described.runs.count == 3)
        #expect(described.messages.count == 2)
    }

    @Test func `another trouble of the same connection is another incident`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        try await notifier.tell(.ended(.failed, "run_failed_login", number: 2))
        #expect(try await notifier.openIncidents().count == 2)
        #expect(notifier.transport.sent.count == 4)
    }

    @Test func `an event delivered twice has one effect`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        let event = DeliveredEvent(
            sequence: 1, type: RunFinished.type, body: try JSON.encodeText(RunFinished.incomplete()))
        for _ in 1...3 {
            _ = try await notifier.scheduler.call(DeliverEvents<NotifierAPI>(generation: 1, events: [event]))
            try await notifier.sendAll()
        }
        #expect(try await notifier.openIncidents().map(\.runCount) == [1])
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `a success closes all incidents of the connection with one recovery mail each`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        try await notifier.tell(.ended(.failed, "run_failed_login", number: 2))
        notifier.transport.forget()
        try await notifier.tell(.published(number: 3))
        #expect(try await notifier.openIncidents().isEmpty)
        #expect(notifier.transport.sent.count == 2)
        #expect(Set(notifier.transport.sent.map(\.address)) == ["bo@cykler.dk", "cy@cykler.dk"])
        notifier.transport.forget()
        try await notifier.tell(.published(number: 4))
        #expect(notifier.transport.sent.isEmpty)
    }

    @Test func `the same trouble with the other system is told too: somebody else can mend it`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        for (number, system) in ["SAP", "SAP", "shop"].enumerated() {
            try await notifier.tell(
                .ended(.failed, "run_failed_connection", number: UInt64(number + 40)) {
                    $0.report.arguments["system"] = system
                })
        }
        #expect(notifier.transport.sent.count == 2)
        #expect(try await notifier.openIncidents().count == 2)
        try await notifier.tell(.published(number: 99))
        #expect(try await notifier.openIncidents().isEmpty)
    }

    @Test func `a success of another connection closes nothing`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        var other = RunFinished.published(number: 2)
        other.connectionID = ConnectionID(bytes: (2, 2))
        try await notifier.tell(other)
        #expect(try await notifier.openIncidents().count == 1)
    }

    @Test func `trouble after a recovery is a new incident with a new mail`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await notifier.tell(.published(number: 2))
        try await notifier.tell(.incomplete(number: 3))
        #expect(notifier.transport.sent.count == 3)
        #expect(try await notifier.anna.call(ListIncidents()).incidents.count == 2)
    }

    @Test func `an open incident is mentioned again once a day, until it is closed`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.cy])
        try await notifier.tell(.incomplete())
        notifier.transport.forget()
        try await notifier.pass(after: .seconds(86_000))
        #expect(notifier.transport.sent.isEmpty)
        try await notifier.pass(after: .seconds(1000))
        #expect(notifier.transport.sent.map(\.subject.beforeColon) == ["Reminder"])
        try await notifier.pass(after: .seconds(1000))
        #expect(notifier.transport.sent.count == 1)
        try await notifier.pass(after: .seconds(86_400 * 3))
        #expect(notifier.transport.sent.count == 2)
        try await notifier.tell(.published(number: 2))
        notifier.transport.forget()
        try await notifier.pass(after: .seconds(86_400 * 3))
        #expect(notifier.transport.sent.isEmpty)
    }

    @Test func `every request of the interface is answered, and no other`() throws {
        let notifier = try NotifierFixture()
        #expect(notifier.service.router.methods == Set(NotifierAPI.requests.map { $0.method }))
    }
}

extension String {
    /// What stands before the first colon.
    fileprivate var beforeColon: String { String(prefix { $0 != ":" }) }
}
