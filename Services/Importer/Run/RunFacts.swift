import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

/// A count of the source and its change token, taken together.
struct CountedSource: Codable, Sendable, Equatable {
    var count: Int?
    var filter: String
    var changeToken: String?

    init(_ count: SourceCount, _ changeToken: String?) {
        self.count = count.count
        filter = count.filter
        self.changeToken = changeToken
    }
}

/// What a run has learnt so far; its report is made from this and nothing else.
struct RunFacts: Sendable {
    let modules: [Module]
    let connectionLabel: String
    let sourceName: String
    let targetName: String
    /// nil for an import.
    let task: RunTask?
    /// Whether it is an import that stands for one that was lost.
    let isReplacement: Bool
    /// Set when nothing may be published.
    var freeze: Freeze?
    var attempt = 1
    var liveBefore: [Module: LiveDataset] = [:]
    var sourceChanges: [SourceFieldChange] = []
    /// What became of what the lost run had read; nil for a run that stands for none.
    var earlierRead: EarlierRead?
    var before: CountedSource?
    var after: CountedSource?
    var staged: StagedFigures?
    var pages = 0
    /// How far the reading in hand has come; the file that tells more is not sealed yet.
    var reached = ReadPosition.beginning
    var sweep: SweepFigures?
    var evidence: ImportEvidence?
    var verdict: VerdictBody?
    /// In whose words the monitor could not be asked.
    var unjudged: String?
    /// How often the staged set was compared with what the shop shows, the one under way included.
    var comparisons = 1
    static let comparisonsMax = 3
    var uploads: [PlannedUpload] = []
    /// Whether the shop does not stage.
    let isDirect: Bool
    var pushed: PushedRows?
    var setback: Setback?
    var liveAfter: [Module: LiveDataset] = [:]

    init(_ run: ClaimedRun) {
        modules = run.modules
        connectionLabel = run.connectionLabel
        sourceName = run.source.name
        targetName = run.target.name
        isDirect = run.target.kind.isDirect
        task = run.task
        isReplacement = run.task == nil && run.trigger == .afterLoss
        // A rollback freezes the connection itself.
        freeze = run.task?.kind == .rollback ? nil : run.freeze
    }

    /// Whether keys must be read a second time: the source was edited, or cannot say, or keys came twice and it must
    /// be told whether the source has them twice or they moved.
    var needsSweep: Bool {
        guard let token = before?.changeToken, token == after?.changeToken else { return true }
        return (staged?.duplicateKeyCount ?? 0) > 0
    }

    /// Forgets what was read, for the second attempt.
    mutating func readAgain() {
        attempt += 1
        if earlierRead?.use == .resumed {
            // Of what had been taken over nothing is left in what is read now.
            earlierRead?.use = .sourceChanged
            earlierRead?.pages = 0
            earlierRead?.rows = 0
        }
        before = nil
        after = nil
        staged = nil
        pages = 0
        reached = .beginning
        sweep = nil
        evidence = nil
        verdict = nil
    }
}
