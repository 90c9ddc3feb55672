public import CoreTypes
public import SchedulerAPI

/// What was done in one import, for whoever doubts it later. Signed, and chained to the connection's receipt before it.
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
    public var reading: ReadingFacts
    public var judgement: JudgementFacts
    public var publication: PublicationFacts
    public var software: Software

    public init(
        number: Int64, previous: String?, madeAt: Instant, run: Run, reading: ReadingFacts,
        judgement: JudgementFacts, publication: PublicationFacts, software: Software
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
        /// The fencing token of the claim.
        public var claim: Int64
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
        public var publishedBefore: Int
        public var missing: Int
        public var content: ContentEvidence?
        /// Names the mapping and settings that were used.
        public var settings: String?
        /// SHA-256 of the whole evidence as the monitor keeps it.
        public var evidence: String
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
    }

    /// What became of it.
    public struct PublicationFacts: Codable, Sendable, Equatable {
        public var outcome: RunOutcome
        public var reason: String
        public var failure: FailureClass?
        /// What the shop received; empty when it was left as it was.
        public var datasets: [Publication]
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
    fileprivate init(_ event: RunFinished, claim: Int64) {
        self.init(
            id: event.runID, connection: event.connectionID, connectionLabel: event.connectionLabel,
            merchant: event.merchantID, merchantName: event.merchantName, source: event.sourceName,
            target: event.targetName, modules: event.modules, trigger: event.trigger, startedBy: event.startedBy,
            startReason: event.startReason, startedAt: event.startedAt, finishedAt: event.finishedAt, claim: claim)
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
            datasets: evidence.datasets, publishedBefore: evidence.previousCount, missing: evidence.missingCount,
            content: evidence.content, settings: evidence.settingsFingerprint, evidence: digest)
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
            notes: verdict.notes, faultyPage: verdict.faultyPage)
    }
}

extension Receipt.PublicationFacts {
    fileprivate init(_ report: RunReport) {
        self.init(
            outcome: report.outcome, reason: report.reason, failure: report.failure, datasets: report.publication,
            differences: report.readBack)
    }
}
