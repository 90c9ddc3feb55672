import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

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
