public import CoreTypes
public import SchedulerAPI

/// What was done in one run that was judged, or that changed the shop without being an import, for whoever doubts it later. Signed, and chained to the connection's receipt before it.
///
/// Its text is canonical JSON (RFC 8785); members without a value are left out. Counts are of items unless they say
/// otherwise.
public struct Receipt: Codable, Sendable, Equatable {
    public static let type = "sluice.receipt"
    public static let format = 1

    /// Tells a receipt from other texts signed with the same key.
    public var type = Receipt.type
    public var format = Receipt.format
    /// Place in the connection's chain, from 1.
    public var number: Int64
    /// SHA-256 (hex) of the line before it in the chain, signature included; left out of the first.
    public var previous: String?
    public var madeAt: Instant

    public var run: Run
    /// Left out of a rollback's receipt and of one of a run that brought rows to their end: those read no source, and are
    /// not judged.
    public var reading: ReadingFacts?
    public var judgement: JudgementFacts?
    public var publication: PublicationFacts
    public var software: Software

    public init(
        number: Int64, previous: String?, madeAt: Instant, run: Run, reading: ReadingFacts?,
        judgement: JudgementFacts?, publication: PublicationFacts, software: Software
    ) {
        self.number = number
        self.previous = previous
        self.madeAt = madeAt
        self.run = run
        self.reading = reading
        self.judgement = judgement
        self.publication = publication
        self.software = software
    }

    /// Which run, and between what.
    public struct Run: Codable, Sendable, Equatable {
        public var id: RunID
        public var connection: ConnectionID
        public var connectionLabel: String
        public var merchant: MerchantID
        public var merchantName: String
        public var source: String
        public var target: String
        public var modules: [Module]
        public var trigger: RunTrigger
        public var startedBy: String?
        public var startReason: String?
        public var startedAt: Instant
        public var finishedAt: Instant
        /// The fencing token of the claim; left out where an older scheduler told the run's end.
        public var claim: Int64?
        /// What the run was there to do: for a rollback whose set came back, for a finish whose rows. Left out of an import.
        public var task: RunTask?
    }

    /// What was read, and everything that was counted meanwhile.
    public struct ReadingFacts: Codable, Sendable, Equatable {
        /// Which reading of the run this is, from 1.
        public var attempt: Int
        public var startedAt: Instant
        public var finishedAt: Instant
        public var filter: String
        public var countBefore: Int?
        public var countAfter: Int?
        public var changeTokenBefore: String?
        public var changeTokenAfter: String?
        public var rows: Int
        public var distinctKeys: Int
        public var duplicateKeys: Int
        public var unreadable: Int
        public var sweep: SweepEvidence?
        public var pages: Int
        /// SHA-256 over the evidence of the pages, see ``PageEvidence/root(of:)``.
        public var pagesRoot: String
        /// SHA-256 over the sorted keys and content hashes of what was read.
        public var keySet: String
        public var datasets: [DatasetCount]?
        /// Items of the published set before, and how many of them were not read.
        ///
        /// Left out where another importer published last and the shop lists rows only.
        public var publishedBefore: Int?
        public var missing: Int
        public var content: ContentEvidence?
        /// Names the mapping and settings that were used.
        public var settings: String?
        /// SHA-256 of the whole evidence as the monitor keeps it.
        public var evidence: String
        /// What became of what a lost run had read; left out for a run that stands for none.
        public var earlierRead: EarlierRead?
    }

    /// What was made of it.
    public struct JudgementFacts: Codable, Sendable, Equatable {
        public var verdict: Verdict
        public var reason: String
        public var judgedAt: Instant
        public var policyVersion: Int64?
        public var tolerance: ToleranceUse?
        public var holds: [Hold]?
        public var shadow: ShadowFinding?
        public var approval: Approval?
        public var checksMade: [String]
        public var checksNotMade: [String]
        public var notes: [String]
        public var faultyPage: Int?
        /// Fields of the source that were otherwise than when the connection last published.
        public var sourceChanges: [SourceFieldChange]?
    }

    /// What became of it.
    public struct PublicationFacts: Codable, Sendable, Equatable {
        public var outcome: RunOutcome
        public var reason: String
        public var failure: FailureClass?
        /// What the shop was given and kept, with the rows it showed afterwards; empty when it was left as it was, when what
        /// it was given was taken back, and when that stands half done (see `pushed`).
        public var datasets: [Publication]
        /// Rows sent one by one to a shop without staging: planned, applied, taken back; what was applied and not taken back
        /// is at the shop. Left out for other shops, and when no row was to be sent.
        public var pushed: PushedRows?
        /// Where the shop showed something else afterwards.
        public var differences: [ReadBackDifference]?
    }

    public struct Software: Codable, Sendable, Equatable {
        public var monitor: String
        public var importer: String?

        public init(monitor: String, importer: String?) {
            self.monitor = monitor
            self.importer = importer
        }
    }
}

extension Receipt {
    /// The receipt of a run that changes the shop and is neither read nor judged.
    public init(number: Int64, previous: String?, of event: RunFinished, monitorVersion: String, at now: Instant) {
        self.init(
            number: number, previous: previous, madeAt: now, run: Run(event, claim: event.fencingToken), reading: nil,
            judgement: nil, publication: PublicationFacts(event.report),
            software: Software(monitor: monitorVersion, importer: nil))
    }

    /// - Parameter evidenceDigest: SHA-256 of the evidence as it is kept.
    public init(
        number: Int64, previous: String?, of event: RunFinished, evidence: ImportEvidence, evidenceDigest: String,
        verdict: VerdictBody, monitorVersion: String, at now: Instant
    ) {
        self.init(
            number: number, previous: previous, madeAt: now, run: Run(event, claim: evidence.fencingToken),
            reading: ReadingFacts(evidence, digest: evidenceDigest),
            judgement: JudgementFacts(verdict, report: event.report), publication: PublicationFacts(event.report),
            software: Software(monitor: monitorVersion, importer: evidence.softwareVersion))
    }
}

extension Receipt.Run {
    fileprivate init(_ event: RunFinished, claim: Int64?) {
        self.init(
            id: event.runID, connection: event.connectionID, connectionLabel: event.connectionLabel,
            merchant: event.merchantID, merchantName: event.merchantName, source: event.sourceName,
            target: event.targetName, modules: event.modules, trigger: event.trigger, startedBy: event.startedBy,
            startReason: event.startReason, startedAt: event.startedAt, finishedAt: event.finishedAt, claim: claim,
            task: event.task)
    }
}

extension Receipt.ReadingFacts {
    fileprivate init(_ evidence: ImportEvidence, digest: String) {
        self.init(
            attempt: evidence.attempt, startedAt: evidence.startedAt, finishedAt: evidence.finishedAt,
            filter: evidence.readFilter, countBefore: evidence.countBefore, countAfter: evidence.countAfter,
            changeTokenBefore: evidence.changeTokenBefore, changeTokenAfter: evidence.changeTokenAfter,
            rows: evidence.rowsRead, distinctKeys: evidence.distinctKeys, duplicateKeys: evidence.duplicateKeyCount,
            unreadable: evidence.unreadableCount, sweep: evidence.sweep, pages: evidence.pageCount,
            pagesRoot: evidence.pagesRoot ?? PageEvidence.root(of: evidence.pages), keySet: evidence.stagedDigest,
            datasets: evidence.datasets,
            publishedBefore: evidence.previousIsRows == true ? nil : evidence.previousCount,
            missing: evidence.missingCount,
            content: evidence.content, settings: evidence.settingsFingerprint, evidence: digest,
            earlierRead: evidence.earlierRead)
    }
}

extension Receipt.JudgementFacts {
    /// - Parameter report: Has the checks that were made after judging as well, the reading back.
    fileprivate init(_ verdict: VerdictBody, report: RunReport) {
        let made = verdict.checksMade + report.checksMade.filter { !verdict.checksMade.contains($0) }
        let notMade = verdict.checksNotMade + report.checksNotMade.filter { !verdict.checksNotMade.contains($0) }
        self.init(
            verdict: verdict.verdict, reason: verdict.reason, judgedAt: verdict.judgedAt,
            policyVersion: verdict.policyVersion, tolerance: verdict.tolerance, holds: verdict.holds,
            shadow: verdict.shadow, approval: verdict.approval, checksMade: made, checksNotMade: notMade,
            notes: verdict.notes, faultyPage: verdict.faultyPage, sourceChanges: verdict.sourceChanges)
    }
}

extension Receipt.PublicationFacts {
    fileprivate init(_ report: RunReport) {
        self.init(
            outcome: report.outcome, reason: report.reason, failure: report.failure,
            // The report of a held run says what publishing it would do.
            datasets: report.outcome == .held ? [] : report.publication,
            pushed: report.outcome == .held ? nil : report.pushed,
            differences: report.readBack)
    }
}
