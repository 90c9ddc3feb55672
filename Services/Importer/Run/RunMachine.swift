import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

/// What has just happened to a run.
enum RunEvent: Sendable {
    /// Both systems let us in and every endpoint the run needs answered a row; what the shop shows now.
    case admitted(live: [Module: LiveDataset])
    case counted(SourceCount, changeToken: String?)
    /// Every page is staged and the file is sealed.
    case staged(StagedFigures, pages: Int)
    case swept(SweepFigures)
    case gathered(ImportEvidence)
    /// A verdict that was checked: signature, run, token, attempt, digest and expiry.
    case judged(VerdictBody)
    /// The monitor could not be asked.
    case unjudged(detail: String)
    case compared([PlannedUpload])
    /// A dataset the shop has rows of would be left without any.
    case emptied(EmptiedModule)
    case uploaded([UploadSession])
    /// The shop was changed by somebody else after the comparison; what was uploaded is dropped.
    case outdated
    /// The commit was not asked for, because the run had to stop.
    case withheld(Interruption)
    case committed([Module: LiveDataset])
    case adopted
    case readBack(ReadBack)
    /// The step in hand failed.
    case failed(SystemFault)
    case interrupted(Interruption)
}

/// Why a run stops that has no fault of its own.
enum Interruption: Sendable, Equatable {
    /// Somebody asked for it.
    case cancelled
    /// A newer claim has the connection, or the lease has run out: nothing of this run may take effect any more.
    case superseded
    /// The process stops. The scheduler will find the run lost and queue it again.
    case shutdown
}

/// What is to be done next. Actions are carried out one after the other; each answers with one event, but those after
/// `stopped`, which end the run.
enum RunAction: Sendable, Equatable {
    case admit
    case count
    /// Reads all pages into a new staging file.
    case read
    case sweep
    case gather
    case judge(ImportEvidence)
    case compare
    case upload([PlannedUpload])
    /// From here on the run is not interrupted: the shop may have changed.
    case commit([UploadSession])
    case adopt([Module: LiveDataset])
    case readBack
    /// The staging file is unlinked; then comes the next action, without an event.
    case discardStaging
    /// The run is over: what to tell the scheduler, and whether what was staged is kept for a person to release.
    case end(RunEnd)
}

struct RunEnd: Sendable, Equatable {
    /// nil when nobody would take it: a newer run has the connection, or the process stops.
    var report: RunReport?
    var keepsStaging: Bool
}

/// One dataset that differs, and how it will travel.
struct PlannedUpload: Codable, Sendable, Equatable {
    var module: Module
    var mode: PublishMode
    /// Rows that will be sent.
    var count: Int
    var created: Int
    var updated: Int
    var removed: Int
    /// Rows that will be live afterwards.
    var total: Int
    /// The live version that was compared with.
    var base: String?
    /// How often the run had planned, from 1; nil in journals of earlier versions.
    var round: Int?

    var plan: UploadPlan { UploadPlan(module: module, mode: mode, expectedCount: count, round: round ?? 1) }

    /// Whether differences were put on another base than they were made for: then nobody knows what the shop has.
    func isDisplaced(_ live: [Module: LiveDataset]) -> Bool {
        guard mode == .delta, let previous = live[module]?.previousVersion else { return false }
        return previous != base
    }
}

/// The run as a plain value: event in, new state and actions out. Nothing here waits, asks or writes.
///
/// - SeeAlso: the drawing in README.md.
struct RunMachine: Sendable {
    private(set) var step: RunStep = .waiting
    private(set) var facts: RunFacts

    init(_ run: ClaimedRun) { facts = RunFacts(run) }

    /// The first action of a claimed run.
    mutating func start() -> [RunAction] {
        precondition(step == .waiting, "a run starts once")
        step = .admitting
        return [.admit]
    }

    /// Whether an interruption may still stop it: not once the commit has been asked for.
    var isInterruptible: Bool { step < .committing }

    mutating func handle(_ event: RunEvent) -> [RunAction] {
        switch event {
        case .failed(let fault): return failed(fault)
        case .interrupted(let interruption): return interrupted(interruption)
        default: break
        }
        switch (step, event) {
        case (.admitting, .admitted(let live)):
            facts.liveBefore = live
            return go(.counting, .count)
        case (.counting, .counted(let count, let token)):
            facts.before = CountedSource(count, token)
            return go(.reading, .read)
        case (.reading, .staged(let figures, let pages)):
            facts.staged = figures
            facts.pages = pages
            return go(.recounting, .count)
        case (.recounting, .counted(let count, let token)):
            facts.after = CountedSource(count, token)
            return facts.needsSweep ? go(.sweeping, .sweep) : go(.gathering, .gather)
        case (.sweeping, .swept(let figures)):
            facts.sweep = figures
            return go(.gathering, .gather)
        case (.gathering, .gathered(let evidence)):
            facts.evidence = evidence
            return go(.judging, .judge(evidence))
        case (.judging, .judged(let verdict)): return judged(verdict)
        case (.judging, .unjudged(let detail)): return end(facts.reportWithoutMonitor(detail), keepsStaging: true)
        case (.comparing, .compared(let uploads)):
            facts.uploads = uploads
            return uploads.isEmpty ? end(facts.reportUnchanged()) : go(.uploading, .upload(uploads))
        case (.comparing, .emptied(let emptied)): return end(facts.reportEmptied(emptied))
        case (.uploading, .uploaded(let sessions)): return go(.committing, .commit(sessions))
        case (.uploading, .outdated): return outdated()
        case (.committing, .withheld(let interruption)): return stopped(by: interruption)
        case (.committing, .committed(let live)):
            facts.liveAfter = live
            return go(.adopting, .adopt(live))
        case (.adopting, .adopted): return go(.readingBack, .readBack)
        case (.readingBack, .readBack(let readBack)): return end(facts.reportReadBack(readBack))
        default: preconditionFailure("\(event) cannot happen while \(step)")
        }
    }

    private mutating func judged(_ verdict: VerdictBody) -> [RunAction] {
        facts.verdict = verdict
        switch verdict.verdict {
        case .complete, .notJudged:
            return go(.comparing, .compare)
        case .changedWhileReading where facts.attempt == 1:
            // A busy moment is worth one more reading, from the start.
            facts.readAgain()
            step = .counting
            return [.discardStaging, .count]
        case .unverifiable:
            return end(facts.reportHeld(), keepsStaging: true)
        case .incomplete, .changedWhileReading, .sourceHasDuplicates, .notComparable, .emptySource:
            return end(facts.reportRefused())
        }
    }

    private mutating func failed(_ fault: SystemFault) -> [RunAction] {
        switch step {
        case .adopting:
            // The shop has the new data. What we could not note here costs one full upload next time.
            return go(.readingBack, .readBack)
        case .readingBack:
            return end(facts.reportReadBack(nil))
        case .waiting, .ended:
            return []
        default:
            return end(facts.reportFailed(fault))
        }
    }

    /// Compares again, but not for ever: a shop that does not come to rest is somebody's fault to mend.
    private mutating func outdated() -> [RunAction] {
        facts.comparisons += 1
        guard facts.comparisons <= RunFacts.comparisonsMax else {
            let words = "somebody else keeps changing the shop while the run publishes"
            return end(facts.reportFailed(SystemFault(.shop, words, system: facts.targetName)))
        }
        return go(.comparing, .compare)
    }

    private mutating func interrupted(_ interruption: Interruption) -> [RunAction] {
        isInterruptible ? stopped(by: interruption) : []
    }

    private mutating func stopped(by interruption: Interruption) -> [RunAction] {
        switch interruption {
        case .cancelled: return end(facts.reportCancelled())
        case .superseded, .shutdown: return end(nil)
        }
    }

    private mutating func go(_ next: RunStep, _ action: RunAction) -> [RunAction] {
        step = next
        return [action]
    }

    private mutating func end(_ report: RunReport?, keepsStaging: Bool = false) -> [RunAction] {
        step = .ended
        return [.end(RunEnd(report: report, keepsStaging: keepsStaging))]
    }
}

/// Where the machine stands: what it waits for.
enum RunStep: Int, Sendable, Comparable {
    case waiting, admitting, counting, reading, recounting, sweeping, gathering, judging, comparing, uploading,
        committing, adopting, readingBack, ended

    static func < (left: RunStep, right: RunStep) -> Bool { left.rawValue < right.rawValue }

    /// The word a person watching sees.
    var phase: RunPhase {
        switch self {
        case .waiting: .queued
        case .admitting: .preflight
        case .counting: .counting
        case .reading: .extracting
        case .recounting: .recounting
        case .sweeping: .sweeping
        case .gathering, .judging: .judging
        case .comparing: .comparing
        case .uploading: .publishing
        case .committing, .adopting: .committing
        case .readingBack: .readingBack
        case .ended: .finished
        }
    }
}
