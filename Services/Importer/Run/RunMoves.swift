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
