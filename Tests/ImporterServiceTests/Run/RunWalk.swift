import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI

@testable import ImporterService
@testable import Staging

struct StepEdge: Hashable, CustomStringConvertible {
    var from: String
    var to: String
    var description: String { "\(from) --> \(to)" }
}

/// Every kind of run through its ``RunMachine``, with every answer that can come at each step, until nothing new turns up.
struct RunWalk {
    private(set) var edges: Set<StepEdge> = []
    /// Step and event, where the machine has a move of its own for them.
    private(set) var met: Set<String> = []
    private var seen: Set<String> = []
    private var waiting: [RunMachine] = []

    init() {
        for run in Self.runs {
            let before = RunMachine(run)
            var machine = before
            _ = machine.start()
            note(before, machine)
        }
        while let machine = waiting.popLast() {
            for event in Self.answers(to: machine) { take(event, machine) }
            take(.failed(SystemFault(.connection, "gone")), machine)
            for interruption in Self.interruptions { take(.interrupted(interruption), machine) }
        }
    }

    private mutating func take(_ event: RunEvent, _ machine: RunMachine) {
        var next = machine
        _ = next.handle(event)
        note(machine, next)
        switch event {
        case .failed, .interrupted: break
        default: met.insert("\(machine.step) \(Self.name(of: event))")
        }
    }

    private mutating func note(_ before: RunMachine, _ after: RunMachine) {
        if before.step != after.step { edges.insert(StepEdge(from: "\(before.step)", to: "\(after.step)")) }
        guard after.step != .ended, seen.insert("\(after)").inserted else { return }
        waiting.append(after)
    }

    /// `.judged(…)` → `judged`
    private static func name(of event: RunEvent) -> String { String("\(event)".prefix { $0.isLetter }) }

    // MARK: Runs

    /// Imports, those that stand for a lost one, and each task; at a shop that stages and at one that does not.
    private static let runs: [ClaimedRun] = [SystemKind.genericWebshop, .directWebshop].flatMap { kind in
        var run = ClaimedRun.example
        run.target.kind = kind
        run.task = nil
        run.trigger = .schedule
        var replacement = run
        replacement.trigger = .afterLoss
        let tasks = [RunTask.Kind.release, .rollback, .finish].map { task in
            var run = run
            run.task = RunTask(
                kind: task, runID: .example,
                versions: [PublishedVersion(module: .stock, version: "v1", runID: .example)])
            return run
        }
        return [run, replacement] + tasks
    }

    private static let interruptions: [Interruption] = [.cancelled, .superseded, .shutdown]
    /// What the last look before something final may find.
    private static let obstacles: [Interruption] = interruptions + [.frozen(.example)]

    // MARK: Answers

    /// What the work can answer to what the machine asked for last.
    private static func answers(to machine: RunMachine) -> [RunEvent] {
        let facts = machine.facts
        switch machine.step {
        case .waiting, .ended: return []
        case .mending:
            let ended: [RunEvent] =
                facts.task?.kind == .finish
                ? [.finished([EndedPush(run: .example, isLive: true, rows: rows, publication: [])], live: live)] : []
            return ended + [.mended, .unfinished(fault, rows)] + obstacles.map { .withheld($0) }
        case .admitting: return admissions(facts.task?.kind)
        case .counting: return [.counted(count, changeToken: "1")]
        case .resuming: return [.resumed(EarlierRead(.notKept))]
        case .reading: return [0, 1].map { .staged(.example(duplicates: $0), pages: 1) }
        case .recounting: return ["1", "2"].map { .counted(count, changeToken: $0) }
        case .sweeping: return [.swept(sweep)]
        case .gathering:
            var evidence = ImportEvidence.example
            evidence.duplicateKeyCount = facts.staged?.duplicateKeyCount ?? 0
            return [.gathered(evidence)]
        case .judging:
            let verdicts: [Verdict] = [.complete, .incomplete, .unverifiable, .changedWhileReading]
            return verdicts.map { .judged(.example($0)) } + [.unjudged(detail: "away")]
        case .comparing: return [.compared([]), .compared([.example]), .emptied(emptied)]
        case .uploading: return [.uploaded([]), .outdated]
        case .pushing:
            return [.pushed(rows), .setback(.fault(fault)), .outdated] + obstacles.map { .withheld($0) }
        case .settling: return [.settled(live)] + obstacles.map { .withheld($0) }
        case .reverting: return [.reverted(rows), .unfinished(fault, rows)] + obstacles.map { .withheld($0) }
        case .committing:
            return [.committed(live), .unfinished(fault, rows)] + obstacles.map { .withheld($0) }
        case .adopting: return [.adopted]
        case .readingBack: return [.readBack(.example(live: 10))]
        }
    }

    private static func admissions(_ task: RunTask.Kind?) -> [RunEvent] {
        switch task {
        case nil: [.admitted(live: live)]
        case .release: [.takenUp(live: live, .example), .setGone(detail: "gone")]
        // The version that is wanted is live already, or is not.
        case .rollback: [.admitted(live: live), .admitted(live: [.stock: LiveDataset(version: "v1", count: 10)])]
        case .finish: []
        }
    }

    private static let live = [Module.stock: LiveDataset(version: "v2", count: 10)]
    private static let rows = PushedRows(planned: 3, applied: 3)
    private static let fault = SystemFault(.shop, "no")
    private static let sweep = SweepFigures(
        rowsRead: 5, distinctKeys: 5, notReadBefore: 0, goneSince: 0, sameDuplicates: true, unreadableCount: 0)
    private static let count = SourceCount(count: 5, filter: "f")
    private static let emptied = EmptiedModule(module: .prices, published: 7)
}
