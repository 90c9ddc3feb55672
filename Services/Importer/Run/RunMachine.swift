import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

/// What has just happened to a run.
enum RunEvent: Sendable {
    /// Both systems let us in and every endpoint the run needs answered a row; what the shop shows now.
    /// With what of the source's fields is otherwise than before.
    case admitted(live: [Module: LiveDataset], sourceChanges: [SourceFieldChange] = [])
    /// The set of a held run lies open; what the shop shows now, and what was seen when it was read.
    case takenUp(live: [Module: LiveDataset], ImportEvidence)
    /// The set of a held run is not here any more, or cannot be read.
    case setGone(detail: String)
    /// Nothing of an earlier run stands half done at a shop without staging.
    case mended
    /// The same, in a run that is there for nothing else; what the shop shows now, where it says so.
    case finished([EndedPush], live: [Module: LiveDataset])
    case counted(SourceCount, changeToken: String?)
    /// What a lost run had read is taken over, or thrown away.
    case resumed(EarlierRead)
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
    /// With the rows that were taken back, for a rollback at a shop without staging.
    case committed([Module: LiveDataset], takenBack: PushedRows? = nil)
    /// Every row is at a shop without staging.
    case pushed(PushedRows)
    /// What was pushed has to be taken back.
    case setback(Setback)
    /// All rows are there, and the scheduler knows that it is too late to cancel; what the shop shows now.
    case settled([Module: LiveDataset])
    case reverted(PushedRows)
    /// The shop shows a part of a publish, and neither the rest nor what was before can be had now.
    case unfinished(SystemFault, PushedRows)
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
    /// Publishing was frozen. It stops only what would change the shop.
    case frozen(Freeze)

    var isFreeze: Bool {
        if case .frozen = self { true } else { false }
    }
}

/// What is to be done next. Actions are carried out one after the other; each answers with one event, but those after
/// `stopped`, which end the run.
enum RunAction: Sendable, Equatable {
    /// Brings to its end what an earlier run left half done at a shop without staging.
    case mend
    case admit
    /// Lets the shop in and opens the set of the held run.
    case takeUp(RunTask)
    /// Lets the shop in, for a run that only goes back.
    case admitTarget
    case count
    /// Takes over what the lost run this one stands for had read, where nothing speaks against it.
    case resume
    /// Reads all pages into a staging file, or those behind what was taken over.
    case read
    case sweep
    case gather
    case judge(ImportEvidence)
    case compare
    case upload([PlannedUpload])
    /// From here on the run is not interrupted: the shop may have changed.
    case commit([UploadSession])
    /// Sends row by row, to a shop without staging.
    case push([PlannedUpload])
    /// All rows are at the shop; from here on nobody can cancel.
    case settle
    /// Takes back what was pushed.
    case revert(Setback)
    /// Makes earlier versions live again; no less final than a commit.
    case rollBack(RunTask)
    case adopt([Module: LiveDataset])
    /// The published set is not what the shop shows any more.
    case forget
    case readBack
    /// The staging file is unlinked; then comes the next action, without an event.
    case discardStaging
    /// The run is over: what to tell the scheduler, and whether what was staged is kept for a person to release.
    case end(RunEnd)
}

extension RunAction {
    /// Whether it changes what the shop shows.
    var isFinal: Bool {
        switch self {
        case .commit, .rollBack, .settle: true
        default: false
        }
    }
}

struct RunEnd: Sendable, Equatable {
    /// nil when nobody would take it: a newer run has the connection, or the process stops.
    var report: RunReport?
    var keepsStaging: Bool
    /// What was seen, kept with the set for the run that may release it.
    var evidence: ImportEvidence?
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
/// - SeeAlso: the drawing in CONCEPT.md.
struct RunMachine: Sendable {
    private(set) var step: RunStep = .waiting
    private(set) var facts: RunFacts

    init(_ run: ClaimedRun) { facts = RunFacts(run) }

    /// The first action of a claimed run.
    mutating func start() -> [RunAction] {
        precondition(step == .waiting, "a run starts once")
        return facts.isDirect ? go(.mending, .mend) : admitting()
    }

    private mutating func admitting() -> [RunAction] {
        step = .admitting
        switch facts.task?.kind {
        case nil: return [.admit]
        case .release: return [.takeUp(facts.task!)]
        case .rollback: return [.admitTarget]
        // The connection has another kind of shop by now.
        case .finish: return end(facts.reportUnchanged())
        }
    }

    /// Whether an interruption may still stop it: not once the commit has been asked for, nor while what is half done at a
    /// shop is brought to its end; that stops by itself when the run is superseded.
    var isInterruptible: Bool { step < .committing && step != .mending }

    /// Notes how far reading has come, for the report of a run that ends in the middle of it.
    mutating func note(_ progress: RunProgress) {
        guard step == .reading else { return }
        facts.reached = ReadPosition(pages: progress.page, rows: progress.fetched)
    }

    mutating func handle(_ event: RunEvent) -> [RunAction] {
        switch event {
        case .failed(let fault): return failed(fault)
        case .interrupted(let interruption): return interrupted(interruption)
        default: break
        }
        switch (step, event) {
        case (.mending, .mended): return admitting()
        case (.mending, .finished(let ended, let live)): return end(facts.reportFinished(ended, live))
        case (.admitting, .admitted(let live, let sourceChanges)):
            facts.liveBefore = live
            facts.sourceChanges = sourceChanges
            return facts.task == nil ? go(.counting, .count) : rollBack(from: live)
        case (.admitting, .takenUp(let live, let evidence)):
            facts.liveBefore = live
            facts.evidence = evidence
            return go(.judging, .judge(evidence))
        case (.admitting, .setGone(let detail)): return end(facts.reportSetGone(detail))
        case (.counting, .counted(let count, let token)):
            facts.before = CountedSource(count, token)
            return facts.isReplacement && facts.earlierRead == nil ? go(.resuming, .resume) : go(.reading, .read)
        case (.resuming, .resumed(let earlier)):
            facts.earlierRead = earlier
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
        case (.judging, .unjudged(let detail)): return unjudged(detail)
        case (.comparing, .compared(let uploads)):
            facts.uploads = uploads
            return compared(uploads)
        case (.comparing, .emptied(let emptied)): return end(facts.reportEmptied(emptied))
        case (.uploading, .uploaded(let sessions)): return go(.committing, .commit(sessions))
        case (.uploading, .outdated), (.pushing, .outdated): return outdated()
        case (.committing, .withheld(let interruption)), (.mending, .withheld(let interruption)):
            return stopped(by: interruption)
        case (.pushing, .withheld(let interruption)), (.settling, .withheld(let interruption)),
            (.reverting, .withheld(let interruption)):
            return broken(by: interruption)
        case (.pushing, .pushed(let pushed)):
            facts.pushed = pushed
            return go(.settling, .settle)
        case (.pushing, .setback(let setback)): return takingBack(setback)
        case (.settling, .settled(let live)):
            facts.liveAfter = live
            return go(.adopting, .adopt(live))
        case (.reverting, .reverted(let pushed)):
            facts.pushed = pushed
            return end(facts.reportSetback())
        case (.mending, .unfinished(let fault, let pushed)), (.reverting, .unfinished(let fault, let pushed)),
            (.committing, .unfinished(let fault, let pushed)):
            facts.pushed = pushed
            return end(facts.reportUnfinished(fault))
        case (.committing, .committed(let live, let takenBack)):
            facts.liveAfter = live
            facts.pushed = takenBack
            return go(.adopting, facts.task?.kind == .rollback ? .forget : .adopt(live))
        case (.adopting, .adopted) where facts.task?.kind == .rollback: return end(facts.reportRolledBack())
        case (.adopting, .adopted): return go(.readingBack, .readBack)
        case (.readingBack, .readBack(let readBack)): return end(facts.reportReadBack(readBack))
        default: preconditionFailure("\(event) cannot happen while \(step)")
        }
    }

    private mutating func judged(_ verdict: VerdictBody) -> [RunAction] {
        facts.verdict = verdict
        // What is held is compared too, for whoever decides to see what it would change.
        if verdict.permitsPublishing || verdict.isHeld { return go(.comparing, .compare) }
        if verdict.verdict == .changedWhileReading, facts.attempt == 1, facts.task == nil {
            // A busy moment is worth one more reading, from the start.
            facts.readAgain()
            step = .counting
            return [.discardStaging, .count]
        }
        return end(facts.reportRefused())
    }

    /// Held in any case; compared all the same, for whoever decides to see what it would change. A set with keys that came
    /// twice cannot be compared: it has no one difference.
    private mutating func unjudged(_ detail: String) -> [RunAction] {
        facts.unjudged = detail
        guard facts.evidence?.duplicateKeyCount == 0 else { return hold(facts.reportWithoutMonitor(detail)) }
        return go(.comparing, .compare)
    }

    private mutating func compared(_ uploads: [PlannedUpload]) -> [RunAction] {
        if let detail = facts.unjudged { return hold(facts.reportWithoutMonitor(detail)) }
        if facts.verdict?.isHeld == true { return hold(facts.reportHeld()) }
        if uploads.isEmpty { return end(facts.reportUnchanged()) }
        if facts.freeze != nil { return hold(facts.reportFrozen()) }
        return facts.isDirect ? go(.pushing, .push(uploads)) : go(.uploading, .upload(uploads))
    }

    private mutating func rollBack(from live: [Module: LiveDataset]) -> [RunAction] {
        guard let task = facts.task else { preconditionFailure("only a rollback admits the target alone") }
        let isThere = task.versions.allSatisfy { live[$0.module]?.version == $0.version }
        return isThere ? end(facts.reportUnchanged()) : go(.committing, .rollBack(task))
    }

    private mutating func failed(_ fault: SystemFault) -> [RunAction] {
        switch step {
        case .adopting where facts.task?.kind == .rollback:
            return end(facts.reportRolledBack())
        case .adopting:
            // The shop has the new data. What we could not note here costs one full upload next time.
            return go(.readingBack, .readBack)
        case .readingBack:
            return end(facts.reportReadBack(nil))
        case .comparing:
            // The set waits for the monitor, also where the shop does not say now what it has.
            if let detail = facts.unjudged { return hold(facts.reportWithoutMonitor(detail)) }
            return end(facts.reportFailed(fault))
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
        guard isInterruptible else { return [] }
        return step == .pushing ? broken(by: interruption) : stopped(by: interruption)
    }

    /// Rows may be live, so nothing can simply be dropped: what somebody cancels is taken back. Whoever may not go on
    /// leaves it to the journal: this importer's recovery goes on while the run is still ours, or else the next run.
    private mutating func broken(by interruption: Interruption) -> [RunAction] {
        switch interruption {
        case .cancelled where step != .reverting: return takingBack(.cancelled)
        case .frozen where step == .pushing: return stopped(by: interruption)
        case .cancelled, .frozen, .superseded, .shutdown:
            step = .ended
            return []
        }
    }

    private mutating func takingBack(_ setback: Setback) -> [RunAction] {
        facts.setback = setback
        return go(.reverting, .revert(setback))
    }

    private mutating func stopped(by interruption: Interruption) -> [RunAction] {
        switch interruption {
        case .cancelled: return end(facts.reportCancelled())
        case .frozen(let freeze):
            facts.freeze = freeze
            return hold(facts.reportFrozen())
        case .superseded, .shutdown: return end(nil)
        }
    }

    private mutating func go(_ next: RunStep, _ action: RunAction) -> [RunAction] {
        step = next
        return [action]
    }

    /// Ends with the set kept for a person to decide.
    private mutating func hold(_ report: RunReport) -> [RunAction] {
        step = .ended
        return [.end(RunEnd(report: report, keepsStaging: true, evidence: facts.evidence))]
    }

    private mutating func end(_ report: RunReport?) -> [RunAction] {
        step = .ended
        return [.end(RunEnd(report: report, keepsStaging: false))]
    }
}

/// Where the machine stands: what it waits for.
enum RunStep: Int, Sendable, Comparable {
    case waiting, mending, admitting, counting, resuming, reading, recounting, sweeping, gathering, judging, comparing,
        uploading, pushing, committing, settling, reverting, adopting, readingBack, ended

    static func < (left: RunStep, right: RunStep) -> Bool { left.rawValue < right.rawValue }

    /// The word a person watching sees.
    var phase: RunPhase {
        switch self {
        case .waiting: .queued
        case .mending, .admitting: .preflight
        case .counting: .counting
        case .resuming, .reading: .extracting
        case .recounting: .recounting
        case .sweeping: .sweeping
        case .gathering, .judging: .judging
        case .comparing: .comparing
        case .uploading, .pushing: .publishing
        case .reverting: .reverting
        case .committing, .settling, .adopting: .committing
        case .readingBack: .readingBack
        case .ended: .finished
        }
    }
}
