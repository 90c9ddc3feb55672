import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Testing

@testable import ImporterService
@testable import Staging

/// Where going on with a lost run's read stands among the steps of a run.
@Suite struct ResumeMachineTests {
    private let taken = EarlierRead(.resumed, runID: .example, stoppedAt: .example, pages: 5, rows: 1_000)

    private func machine(_ trigger: RunTrigger, _ task: RunTask? = nil) -> RunMachine {
        var run = ClaimedRun.example
        run.trigger = trigger
        run.task = task
        var machine = RunMachine(run)
        #expect(machine.start() == [.admit])
        #expect(machine.handle(.admitted(live: [:])) == [.count])
        return machine
    }

    private let counted = RunEvent.counted(SourceCount(count: 3, filter: "all"), changeToken: "7")

    @Test func `a run in the place of a lost one looks for what was read, once it has counted`() {
        var machine = machine(.afterLoss)
        #expect(machine.handle(counted) == [.resume])
        #expect(machine.isInterruptible)
        #expect(machine.step.phase == .extracting)
        #expect(machine.handle(.resumed(taken)) == [.read])
        #expect(machine.facts.reportCancelled().earlierRead == taken)
    }

    @Test(arguments: [RunTrigger.schedule, .manual])
    func `any other reads at once`(trigger: RunTrigger) {
        var machine = machine(trigger)
        #expect(machine.handle(counted) == [.read])
        #expect(machine.facts.reportCancelled().earlierRead == nil)
    }

    @Test func `read again, it says that all was read, and does not look a second time`() {
        var facts = machine(.afterLoss).facts
        facts.earlierRead = taken
        facts.readAgain()
        #expect(facts.earlierRead == EarlierRead(.sourceChanged, runID: .example, stoppedAt: .example))
    }

    @Test func `a fault while it takes over ends the run, and says what it stood for`() {
        var machine = machine(.afterLoss)
        _ = machine.handle(counted)
        guard case .end(let end) = machine.handle(.failed(SystemFault(.internal, "full"))).first else {
            return #expect(Bool(false))
        }
        #expect((end.report?.outcome, end.keepsStaging) == (.failed, false))
    }
}

/// When what was read is what the source would send once more.
@Suite struct LeftReadRuleTests {
    private let counted = CountedSource(SourceCount(count: 3, filter: "all"), "7")
    private let begun = Instant.example

    private func obstacle(
        now counted: CountedSource? = nil, after: Duration = .seconds(60), alive: Duration = .seconds(30),
        _ change: (inout ClaimedRun) -> Void = { _ in }
    ) -> EarlierRead.Use? {
        let lost = ClaimedRun.example
        var run = lost
        run.fencingToken += 1
        run.trigger = .afterLoss
        change(&run)
        let basis = ReadBasis(claim: lost, counted: self.counted, begunAt: begun)
        return LeftRead(basis: basis, aliveAt: begun + alive)
            .obstacle(for: run, counted ?? self.counted, at: begun + after, within: RunLimits())
    }

    @Test func `nothing speaks against it when nothing has changed`() { #expect(obstacle() == nil) }

    @Test func `token, count and filter have to be the same, and a token has to be there`() {
        #expect(obstacle(now: CountedSource(SourceCount(count: 3, filter: "all"), "8")) == .sourceChanged)
        #expect(obstacle(now: CountedSource(SourceCount(count: 3, filter: "all"), nil)) == .noChangeToken)
        #expect(obstacle(now: CountedSource(SourceCount(count: 4, filter: "all"), "7")) == .countDiffers)
        #expect(obstacle(now: CountedSource(SourceCount(count: nil, filter: "all"), "7")) == .countDiffers)
        #expect(obstacle(now: CountedSource(SourceCount(count: 3, filter: "some"), "7")) == .countDiffers)
    }

    @Test func `settings, modules and both systems have to be the same`() {
        #expect(obstacle { $0.settings.reading.pageSize += 1 } == .settingsChanged)
        #expect(obstacle { $0.modules.removeLast() } == .settingsChanged)
        #expect(obstacle { $0.source.baseURL += "/" } == .settingsChanged)
        #expect(obstacle { $0.source.options["countFilter"] = "x" } == .settingsChanged)
        #expect(obstacle { $0.source.credentials.ciphertext = "BBBB" } == .settingsChanged)
        #expect(obstacle { $0.target.name += "!" } == .settingsChanged)
    }

    @Test func `the bounds of its age are a run's length and a quarter of an hour since it was at work`() {
        let hours = Duration.seconds(4 * 3600)
        #expect(obstacle(after: hours, alive: hours - .seconds(900)) == nil)
        #expect(obstacle(after: hours + .milliseconds(1), alive: hours) == .tooOld)
        #expect(obstacle(after: .seconds(1000), alive: .seconds(100) - .milliseconds(1)) == .tooOld)
        #expect(obstacle(after: .seconds(-1), alive: .seconds(-2)) == .tooOld)
    }

    @Test func `only the next claim of the connection, after a loss, stands for the lost run`() {
        let lost = ClaimedRun.example
        let left = LeftRead(basis: ReadBasis(claim: lost, counted: counted, begunAt: begun), aliveAt: begun)
        var run = lost
        run.trigger = .afterLoss
        run.fencingToken += 1
        #expect(left.isReplaced(by: run))
        for change: (inout ClaimedRun) -> Void in [
            { $0.fencingToken += 1 }, { $0.fencingToken -= 1 }, { $0.trigger = .schedule }, { $0.trigger = .manual },
            { $0.connectionID = ConnectionID(bytes: (8, 8)) }, { $0.task = RunTask(kind: .release, runID: .example) },
        ] {
            var other = run
            change(&other)
            #expect(!left.isReplaced(by: other))
        }
    }
}
