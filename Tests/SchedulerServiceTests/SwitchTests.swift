import CoreTypes
import RPC
import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct SwitchTests {
    private func switchOff(
        _ level: SwitchLevel, of connection: ConnectionSummary, on: Bool = false
    ) -> [SetSwitch] {
        switch level {
        case .integration:
            [SetSwitch(merchantID: connection.merchantID, level: level, on: on, reason: "Stock-taking")]
        case .module:
            connection.modules.map {
                SetSwitch(merchantID: connection.merchantID, level: level, module: $0, on: on, reason: "Stock-taking")
            }
        case .connection:
            [
                SetSwitch(
                    merchantID: connection.merchantID, level: level, connectionID: connection.connectionID, on: on,
                    reason: "Stock-taking")
            ]
        }
    }

    @Test(arguments: SwitchLevel.allCases)
    func `off at any level stops the schedule and the hand, and says who, when and why`(level: SwitchLevel) async throws
    {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60))
        scheduler.advance(by: 10)
        for off in switchOff(level, of: connection) { try await scheduler.call(off) }

        await expectRefusal(.failedPrecondition, "switched_off") {
            try await scheduler.call(StartRun(connectionID: connection.connectionID, reason: "Try"))
        }
        scheduler.advance(by: 3600)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection.connectionID).isEmpty)

        let job = try #require(try await scheduler.call(ListJobs()).jobs.first)
        #expect(job.nextRunAt == nil)
        #expect(
            job.paused
                == JobSummary.Pause(
                    level: level, by: "operator anna", since: SchedulerFixture.start + .seconds(10),
                    reason: "Stock-taking"))
        let state = try await scheduler.connection(connection.connectionID).effectiveState
        #expect(!state.mayRun)
        #expect(state.nextRunAt == nil)
        #expect(state.by == "operator anna")
        #expect(state.why == "Stock-taking")
    }

    @Test(arguments: SwitchLevel.allCases)
    func `switched on again the job goes on at its own times, without a run for what was missed`(
        level: SwitchLevel
    ) async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(.every(seconds: 60))
        for off in switchOff(level, of: connection) { try await scheduler.call(off) }
        scheduler.advance(by: 630)
        for on in switchOff(level, of: connection, on: true) { try await scheduler.call(on) }
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection.connectionID).isEmpty)
        #expect(
            try await scheduler.connection(connection.connectionID).nextRunAt
                == SchedulerFixture.start + .seconds(660))
        scheduler.advance(by: 30)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: connection.connectionID).map(\.lateMs) == [nil])
    }

    @Test func `support may start in spite of a switch, with a reason that is kept`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        for off in switchOff(.connection, of: connection) { try await scheduler.call(off) }
        let override = StartRun(connectionID: connection.connectionID, reason: "Agreed by telephone", override: true)
        await expectRefusal(.permissionDenied, "override_needs_support") {
            _ = try await scheduler.dashboard.call(override)
        }
        let runID = try await scheduler.call(override).runID
        try await scheduler.passes()
        let claimed = try #require(try await scheduler.claim())
        #expect(claimed.runID == runID)
        #expect(claimed.modules == Module.allCases)
        let run = try await scheduler.call(DescribeRun(runID: runID)).run
        #expect(run.overridden)
        #expect(run.run.startedBy == "operator anna")
        #expect(run.run.startReason == "Agreed by telephone")
        let change = try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes.first
        #expect(
            change
                == Change(
                    at: scheduler.now, by: "operator anna", what: "run_started_with_override", subject: "\(runID)",
                    reason: "Agreed by telephone"))
    }

    @Test func `a module that is off is left out, the others run`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let off = SetSwitch(
            merchantID: connection.merchantID, level: .module, module: .prices, on: false, reason: "New list")
        try await scheduler.call(off)
        try await scheduler.call(StartRun(connectionID: connection.connectionID, reason: "Rest"))
        #expect(try await scheduler.claim()?.modules == [.products, .stock])
        let state = try await scheduler.connection(connection.connectionID).effectiveState
        #expect(state.mayRun)
        #expect(state.modulesOff == [.prices])
    }

    @Test func `a module switched off while the run waits is left out when it is claimed`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        try await scheduler.call(StartRun(connectionID: connection.connectionID, reason: "All"))
        let off = SetSwitch(
            merchantID: connection.merchantID, level: .module, module: .stock, on: false, reason: "Recount")
        try await scheduler.call(off)
        #expect(try await scheduler.claim()?.modules == [.products, .prices])
    }

    @Test func `what is queued when something is switched off is skipped, what is in hand goes on`() async throws {
        let scheduler = try SchedulerFixture()
        let queued = try await scheduler.addConnection(merchant: "A")
        let inHand = try await scheduler.addConnection(merchant: "B")
        try await scheduler.call(StartRun(connectionID: inHand.connectionID, reason: "First"))
        let run = try #require(try await scheduler.claim())
        try await scheduler.call(StartRun(connectionID: queued.connectionID, reason: "Second"))
        for off in switchOff(.integration, of: queued) + switchOff(.integration, of: inHand) {
            try await scheduler.call(off)
        }
        let skipped = try #require(try await scheduler.runs(of: queued.connectionID).first)
        #expect(skipped.state == .skipped)
        #expect(skipped.reason == "run_skipped_switched_off")
        #expect(try await scheduler.claim() == nil)
        try await scheduler.finish(run, .published)
        #expect(try await scheduler.runs(of: inHand.connectionID).first?.outcome == .published)
    }

    @Test func `a switch of one merchant does not touch another`() async throws {
        let scheduler = try SchedulerFixture()
        let off = try await scheduler.addConnection(.every(seconds: 60), merchant: "A")
        let on = try await scheduler.addConnection(.every(seconds: 60), merchant: "B")
        for level in SwitchLevel.allCases {
            for request in switchOff(level, of: off) { try await scheduler.call(request) }
        }
        scheduler.advance(by: 60)
        try await scheduler.passes()
        #expect(try await scheduler.runs(of: off.connectionID).isEmpty)
        #expect(try await scheduler.runs(of: on.connectionID).count == 1)
    }

    @Test func `a switch set as it is keeps who set it first, and writes nothing down`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let off = switchOff(.connection, of: connection)[0]
        let first = try await scheduler.call(off).state
        scheduler.advance(by: 60)
        var again = off
        again.reason = "Another reason"
        #expect(try await scheduler.call(again).state == first)
        let changes = try await scheduler.call(ListChanges(merchantID: connection.merchantID)).changes
        #expect(changes.filter { $0.what == "switched_off" }.count == 1)
    }

    @Test func `the first switch that is off is the one that is shown`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        let expected: [(SwitchLevel, EffectiveState.Reason, EffectiveState.Remedy)] = [
            (.connection, .connectionOff, .switchOnConnection), (.module, .modulesOff, .switchOnModule),
            (.integration, .integrationOff, .switchOnIntegration),
        ]
        for (level, reason, remedy) in expected {
            for off in switchOff(level, of: connection) { try await scheduler.call(off) }
            let state = try await scheduler.connection(connection.connectionID).effectiveState
            #expect(state.reason == reason)
            #expect(state.remedy == remedy)
        }
    }

    @Test func `a merchant's switches are all listed, also those nobody has touched`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection()
        for off in switchOff(.connection, of: connection) { try await scheduler.call(off) }
        let switches = try await scheduler.call(DescribeMerchant(merchantID: connection.merchantID)).switches
        #expect(switches.map(\.level) == [.integration, .module, .module, .module, .connection])
        #expect(switches.map(\.isOn) == [true, true, true, true, false])
        #expect(switches.last?.connectionID == connection.connectionID)
    }

    @Test func `a switch needs exactly what its level names, and a connection of that merchant`() async throws {
        let scheduler = try SchedulerFixture()
        let connection = try await scheduler.addConnection(merchant: "A")
        let other = try await scheduler.addMerchant("B")
        let merchant = connection.merchantID
        let wrong = [
            SetSwitch(merchantID: merchant, level: .integration, module: .prices, on: false, reason: "x"),
            SetSwitch(merchantID: merchant, level: .module, on: false, reason: "x"),
            SetSwitch(merchantID: merchant, level: .connection, on: false, reason: "x"),
            SetSwitch(
                merchantID: merchant, level: .connection, module: .prices, connectionID: connection.connectionID,
                on: false, reason: "x"),
            SetSwitch(merchantID: merchant, level: .integration, on: false, reason: ""),
        ]
        for request in wrong {
            await expectRefusal(.invalidArgument) { try await scheduler.call(request) }
        }
        let foreign = SetSwitch(
            merchantID: other, level: .connection, connectionID: connection.connectionID, on: false, reason: "x")
        await expectRefusal(.notFound, "unknown_connection") { try await scheduler.call(foreign) }
    }
}
