import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Testing

@testable import ImporterService
@testable import Staging

@Suite struct RunMachineTests {
    @Test func `a complete read is published step by step`() throws {
        var machine = try machine(judged: .complete)
        let upload = PlannedUpload.example
        let session = UploadSession(id: "imp_1", module: .stock, expectedCount: 3)
        let live = [Module.stock: LiveDataset(version: "v2", count: 10)]
        #expect(machine.handle(.compared([upload])) == [.upload([upload])])
        #expect(machine.handle(.uploaded([session])) == [.commit([session])])
        #expect(machine.handle(.committed(live)) == [.adopt(live)])
        #expect(machine.handle(.adopted) == [.readBack])
        let report = try end(machine.handle(.readBack(.example(live: 10))))
        #expect(report.outcome == .published)
        #expect(report.publication.first?.live == 10)
        #expect(report.publication.first?.version == "v2")
        #expect(report.checksMade.contains("check_read_back_keys"))
    }

    @Test func `that shadow mode is over goes from the verdict into the report, whatever the end`() throws {
        for verdict in [Verdict.complete, .incomplete] {
            var body = VerdictBody.example(verdict)
            body.shadowEnded = .example
            var machine = try machine()
            let actions = machine.handle(.judged(body))
            let report = try end(verdict == .complete ? machine.handle(.compared([])) : actions)
            #expect(report.shadowEnded == .example)
        }
    }

    @Test func `nothing different is unchanged and sends nothing`() throws {
        var machine = try machine(judged: .complete)
        #expect(try end(machine.handle(.compared([]))).outcome == .unchanged)
    }

    @Test(arguments: [
        Verdict.incomplete, .sourceHasDuplicates, .notComparable, .emptySource,
    ])
    func `a refusing verdict ends the run and keeps nothing`(verdict: Verdict) throws {
        var machine = try machine()
        let actions = machine.handle(.judged(.example(verdict)))
        #expect(try end(actions).outcome == .refused)
        #expect(actions == [.end(RunEnd(report: try end(actions), keepsStaging: false))])
    }

    @Test func `unverifiable is held and keeps what was staged`() throws {
        var machine = try machine()
        #expect(machine.handle(.judged(.example(.unverifiable))) == [.compare])
        let actions = machine.handle(.compared([.example]))
        let report = try end(actions)
        #expect(
            actions == [.end(RunEnd(report: report, keepsStaging: true, evidence: machine.facts.evidence))])
        #expect(machine.facts.evidence != nil)
        #expect(report.outcome == .held)
        #expect(report.publication.map(\.updated) == [PlannedUpload.example.updated])
    }

    @Test func `without the monitor the run is held with its own class, and says what it would change`() throws {
        var machine = try machine()
        #expect(machine.handle(.unjudged(detail: "unavailable")) == [.compare])
        let actions = machine.handle(.compared([.example]))
        let report = try end(actions)
        #expect(
            actions == [.end(RunEnd(report: report, keepsStaging: true, evidence: machine.facts.evidence))])
        #expect(report.outcome == .held)
        #expect(report.failure == .monitorUnavailable)
        #expect(report.reason == "run_monitor_unavailable")
        #expect(report.arguments["detail"] == "unavailable")
        #expect(report.publication.map(\.updated) == [PlannedUpload.example.updated])
    }

    @Test func `without the monitor nothing is ever published, whatever the comparison shows`() throws {
        for uploads in [[], [PlannedUpload.example]] {
            var machine = try machine()
            _ = machine.handle(.unjudged(detail: "unavailable"))
            let report = try end(machine.handle(.compared(uploads)))
            #expect((report.outcome, report.reason) == (.held, "run_monitor_unavailable"))
        }
    }

    @Test func `without the monitor a shop that fails too costs the figures, not the set`() throws {
        var machine = try machine()
        _ = machine.handle(.unjudged(detail: "unavailable"))
        let actions = machine.handle(.failed(SystemFault(.connection, "gone")))
        let report = try end(actions)
        #expect(
            actions == [.end(RunEnd(report: report, keepsStaging: true, evidence: machine.facts.evidence))])
        #expect((report.outcome, report.failure) == (.held, .monitorUnavailable))
        #expect(report.publication.isEmpty)
    }

    @Test func `without the monitor keys that came twice are not compared, and the set is held`() throws {
        var machine = try machine { $0.duplicateKeyCount = 1 }
        let report = try end(machine.handle(.unjudged(detail: "unavailable")))
        #expect((report.outcome, report.reason) == (.held, "run_monitor_unavailable"))
    }

    @Test func `changed while reading is read once more from the start, then refused`() throws {
        var machine = try machine()
        #expect(machine.handle(.judged(.example(.changedWhileReading))) == [.discardStaging, .count])
        #expect(machine.facts.attempt == 2)
        #expect(machine.facts.staged == nil)
        try read(&machine)
        #expect(try end(machine.handle(.judged(.example(.changedWhileReading)))).outcome == .refused)
    }

    @Test(arguments: [
        ("t1", "t1", 0, false), ("t1", "t2", 0, true), (nil, nil, 0, true), ("t1", nil, 0, true), ("t1", "t1", 1, true),
    ])
    func `keys are swept when the token differs or is missing or keys came twice`(
        before: String?, after: String?, duplicates: Int, sweeps: Bool
    ) throws {
        var machine = RunMachine(.example)
        _ = machine.start()
        _ = machine.handle(.admitted(live: [:]))
        _ = machine.handle(.counted(SourceCount(count: 5, filter: "f"), changeToken: before))
        _ = machine.handle(.staged(.example(duplicates: duplicates), pages: 1))
        let actions = machine.handle(.counted(SourceCount(count: 5, filter: "f"), changeToken: after))
        #expect(actions == [sweeps ? .sweep : .gather])
    }

    @Test(arguments: FailureClass.allCases)
    func `a fault before the commit ends the run as failed with its class and page`(failure: FailureClass) throws {
        var machine = RunMachine(.example)
        _ = machine.start()
        _ = machine.handle(.admitted(live: [:]))
        let fault = SystemFault(failure, "so it said", page: 31, system: "Our SAP")
        let report = try end(machine.handle(.failed(fault)))
        #expect(report.outcome == .failed)
        #expect(report.failure == failure)
        #expect(report.faultyPage == 31)
        #expect(report.arguments["system"] == "Our SAP")
        #expect(report.arguments["detail"] == "so it said")
    }

    @Test func `an interruption stops a run before the commit and not after`() throws {
        var machine = try machine(judged: .complete)
        var cancelled = machine
        #expect(try end(cancelled.handle(.interrupted(.cancelled))).outcome == .cancelled)
        var superseded = machine
        #expect(
            superseded.handle(.interrupted(.superseded)) == [.end(RunEnd(report: nil, keepsStaging: false))])
        _ = machine.handle(.compared([.example]))
        _ = machine.handle(.uploaded([]))
        #expect(!machine.isInterruptible)
        #expect(machine.handle(.interrupted(.cancelled)).isEmpty)
    }

    @Test func `a fault after the commit does not undo the publication`() throws {
        var machine = try machine(judged: .complete)
        _ = machine.handle(.compared([.example]))
        _ = machine.handle(.uploaded([]))
        _ = machine.handle(.committed([.stock: LiveDataset(version: "v2", count: 10)]))
        #expect(machine.handle(.failed(SystemFault(.internal, "disk full"))) == [.readBack])
        let report = try end(machine.handle(.failed(SystemFault(.connection, "gone"))))
        #expect(report.outcome == .published)
        #expect(report.checksNotMade.suffix(2) == ["check_read_back_count", "check_read_back_keys"])
    }

    @Test(arguments: [
        ReadBack.example(live: 9), .example(live: 10, version: "v1"),
        .example(live: 10, keys: .differ(.example)),
    ])
    func `a shop that shows something else than was committed is a failure of the shop`(readBack: ReadBack) throws {
        var machine = try machine(judged: .complete)
        _ = machine.handle(.compared([.example]))
        _ = machine.handle(.uploaded([]))
        _ = machine.handle(.committed([.stock: LiveDataset(version: "v2", count: 10)]))
        _ = machine.handle(.adopted)
        let report = try end(machine.handle(.readBack(readBack)))
        #expect(report.outcome == .failed)
        #expect(report.failure == .shop)
        #expect(report.reason == "run_read_back_differs")
        #expect(report.readBack?.map(\.module) == [.stock])
    }

    @Test func `a dataset that would be left empty refuses the run and says which`() throws {
        var machine = try machine(judged: .complete)
        let actions = machine.handle(.emptied(EmptiedModule(module: .prices, published: 7)))
        let report = try end(actions)
        #expect(actions == [.end(RunEnd(report: report, keepsStaging: false))])
        #expect(report.outcome == .refused)
        #expect(report.reason == "run_module_empty")
        #expect(report.arguments["module"] == "prices")
        #expect(report.arguments["published"] == "7")
    }

    @Test func `a shop that changed is compared with again, three times at most`() throws {
        var machine = try machine(judged: .complete)
        for _ in 1...2 {
            _ = machine.handle(.compared([.example]))
            #expect(machine.handle(.outdated) == [.compare])
        }
        _ = machine.handle(.compared([.example]))
        let report = try end(machine.handle(.outdated))
        #expect(report.outcome == .failed)
        #expect(report.failure == .shop)
    }

    @Test func `a commit that is not asked for ends the run as any interruption`() throws {
        var machine = try machine(judged: .complete)
        _ = machine.handle(.compared([.example]))
        _ = machine.handle(.uploaded([]))
        var superseded = machine
        #expect(superseded.handle(.withheld(.superseded)) == [.end(RunEnd(report: nil, keepsStaging: false))])
        #expect(try end(machine.handle(.withheld(.cancelled))).outcome == .cancelled)
    }

    // MARK: Fixture

    /// A machine that waits for a verdict, or has had one.
    private func machine(
        judged verdict: Verdict? = nil, _ change: (inout ImportEvidence) -> Void = { _ in }
    ) throws -> RunMachine {
        var machine = RunMachine(.example)
        #expect(machine.start() == [.admit])
        #expect(machine.handle(.admitted(live: [:])) == [.count])
        try read(&machine, change)
        if let verdict { #expect(machine.handle(.judged(.example(verdict))) == [.compare]) }
        return machine
    }

    private func read(
        _ machine: inout RunMachine, _ change: (inout ImportEvidence) -> Void = { _ in }
    ) throws {
        var evidence = ImportEvidence.example
        change(&evidence)
        let count = SourceCount(count: 5, filter: "f")
        #expect(machine.handle(.counted(count, changeToken: "t")) == [.read])
        #expect(machine.handle(.staged(.example(duplicates: 0), pages: 1)) == [.count])
        #expect(machine.handle(.counted(count, changeToken: "t")) == [.gather])
        #expect(machine.handle(.gathered(evidence)) == [.judge(evidence)])
    }

    private func end(_ actions: [RunAction]) throws -> RunReport {
        guard case .end(let end) = actions.last else { throw Missing() }
        return try #require(end.report)
    }

    private struct Missing: Error {}
}

extension PlannedUpload {
    static var example: PlannedUpload {
        PlannedUpload(module: .stock, mode: .delta, count: 3, created: 1, updated: 1, removed: 1, total: 10)
    }
}

extension ReadBack {
    /// Ten rows were published as version 2.
    static func example(live: Int, version: String = "v2", keys: Keys = .equal) -> ReadBack {
        ReadBack(datasets: [
            Dataset(
                upload: .example, committed: LiveDataset(version: "v2", count: 10),
                live: LiveDataset(version: version, count: live), keys: keys)
        ])
    }
}

extension KeyDifference {
    static let example = KeyDifference(missing: ["A1"], missingCount: 1, unexpected: ["B"], unexpectedCount: 1)
}

extension VerdictBody {
    static func example(_ verdict: Verdict) -> VerdictBody {
        var body = VerdictBody.example
        body.verdict = verdict
        return body
    }
}

extension StagedFigures {
    static func example(duplicates: Int) -> StagedFigures {
        StagedFigures(
            rowsRead: 5, distinctKeys: 5 - duplicates, duplicates: [], duplicateKeyCount: duplicates, unreadable: [],
            unreadableCount: 0, digest: "00", rows: [:])
    }
}
