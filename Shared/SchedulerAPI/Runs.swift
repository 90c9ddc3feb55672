public import CoreTypes

/// How a run ended; design: `refused` can never be released, `held` waits for a person.
public enum RunOutcome: String, Codable, Sendable, CaseIterable {
    case published
    /// Complete, and the shop already had it all.
    case unchanged
    case held
    case refused
    case failed
    case cancelled
    /// The importer stopped reporting; nothing of it can take effect any more.
    case lost

    /// Whether the shop now holds what the source has.
    public var isSuccess: Bool { self == .published || self == .unchanged }
}

/// What the monitor makes of the figures of an import.
public enum Verdict: String, Codable, Sendable, CaseIterable {
    case complete
    case incomplete
    case changedWhileReading
    case sourceHasDuplicates
    case notComparable
    case emptySource
    case unverifiable
    /// Monitoring is off: access was checked, figures kept, and only the zero rule applied.
    case notJudged
}

/// Why a run failed before or beside its verdict; each class has its own guidance in the text catalogue.
public enum FailureClass: String, Codable, Sendable, CaseIterable {
    /// The host name does not resolve.
    case name
    /// Nothing listens, or the connection broke.
    case connection
    case tls
    case login
    case rights
    case timeout
    case maintenance
    case version
    /// The answer is not what the protocol says: not JSON, cut off, an item that cannot be read.
    case answer
    /// The connection or the system is set up to ask for what is not there: a field, a filter, an option.
    case settings
    /// The shop refused the upload or answered with an error.
    case shop
    /// A newer run of the connection has taken over.
    case superseded
    /// The monitor could not be asked; the run is held.
    case monitorUnavailable
    /// Ours to mend.
    case `internal`
}

/// Where a run is; a person watching sees these words.
public enum RunPhase: String, Codable, Sendable, CaseIterable {
    case queued, preflight, counting, extracting, recounting, sweeping, judging, comparing, publishing,
        reverting, committing, readingBack, finished

    /// Whether the shop is being changed, or has been: then it is too late to cancel.
    public var isTooLateToCancel: Bool { self == .committing || self == .readingBack }
}

/// How far a run has come.
public struct RunProgress: Codable, Sendable, Equatable {
    public var phase: RunPhase
    /// Items read so far.
    public var fetched: Int
    /// Items the source said it has; nil before the count or without one.
    public var expected: Int?
    /// Pages read so far.
    public var page: Int
    /// Rows sent to the shop, of `toPublish`. At a shop that does not stage they are live; while reverting, rows taken back
    /// of those that were.
    public var sent: Int
    public var toPublish: Int?
    /// When something last moved.
    public var lastActivityAt: Instant?
    /// Items, or rows while publishing, over the last half minute; nil when it cannot be told yet.
    public var itemsPerMinute: Int?
    /// What is left of the step in hand at that rate.
    public var secondsLeft: Int?
    /// Set while nothing moves, to when something last did; cleared when it moves again.
    public var stalledSince: Instant?
    /// Fields of the source that are otherwise than when the connection last published: the first 20, those that are read
    /// first. nil when there are none.
    public var sourceChanges: [SourceFieldChange]?

    public init(
        phase: RunPhase, fetched: Int = 0, expected: Int? = nil, page: Int = 0, sent: Int = 0, toPublish: Int? = nil
    ) {
        self.phase = phase
        self.fetched = fetched
        self.expected = expected
        self.page = page
        self.sent = sent
        self.toPublish = toPublish
    }
}

/// The figures of a run, as mail, command line and dashboard show them.
public struct RunReport: Codable, Sendable, Equatable {
    /// The reason of a run whose commit took place, and after which the shop showed something else.
    public static let readBackDiffers = "run_read_back_differs"

    public var outcome: RunOutcome
    public var verdict: Verdict?
    public var failure: FailureClass?
    /// Stable key in the text catalogue for what happened, e.g. `run_incomplete`.
    public var reason: String
    /// Fill the catalogue's sentences.
    public var arguments: [String: String]
    public var countBefore: Int?
    public var countAfter: Int?
    public var read: Int
    public var distinctKeys: Int
    public var pages: Int
    /// At which page reading went wrong; nil when it did not.
    public var faultyPage: Int?
    /// Items of the published set that were not in this read: at most 1,000, with `missingCount` in all.
    public var missing: [MissingItem]
    public var missingCount: Int
    /// Keys read twice, with their pages; at most 100.
    public var duplicates: [DuplicateKey]
    /// Items that could not be read; at most 100.
    public var unreadable: [UnreadableItem]
    /// What the shop received, per module; empty when nothing was uploaded.
    public var publication: [Publication]
    /// Which checks were made and which not, as catalogue keys: `check_count_before`, ….
    public var checksMade: [String]
    public var checksNotMade: [String]
    /// How far a shop that does not stage was changed row by row; nil for one that does, and when no row was planned.
    public var pushed: PushedRows?
    /// Datasets the shop shows otherwise than they were published; nil when it was not read back, or all is right.
    public var readBack: [ReadBackDifference]?
    /// Fields of the source that are otherwise than when the connection last published; at most 100, those that are read
    /// first. nil when there are none, or nothing to compare with.
    public var sourceChanges: [SourceFieldChange]?
    /// What holds it, with figures and limits; `reason` is that of the first. nil when no limit was passed.
    public var holds: [Hold]?
    /// How many items may be missing on this connection and how many were; nil while none may, or it was not judged so far.
    public var tolerance: ToleranceUse?
    /// The source as it was at this time is what was read; nil when nothing was read to its end.
    public var asOf: Instant?

    /// What became of what a lost run had read; nil for a run that stands for none.
    public var earlierRead: EarlierRead?
    /// What would have become of the import; nil when it is not in shadow mode, or would have passed.
    public var inShadow: ShadowFinding?
    /// Shadow mode of the connection that was over when this run was judged, and of which nobody had been told.
    public var shadowEnded: ShadowPeriod?

    public init(outcome: RunOutcome, reason: String) {
        self.outcome = outcome
        self.reason = reason
        arguments = [:]
        read = 0
        distinctKeys = 0
        pages = 0
        missing = []
        missingCount = 0
        duplicates = []
        unreadable = []
        publication = []
        checksMade = []
        checksNotMade = []
    }
}

extension RunReport {
    /// Whether the run ended before what it read was complete: `read` and `pages` are how far it came, and nothing is known
    /// of distinct keys.
    public var isCutShort: Bool { verdict == nil && asOf == nil && distinctKeys == 0 }

    /// Whether the run ended before the source was asked for its count a second time.
    public var isRecountUnasked: Bool { countAfter == nil && verdict == nil && outcome != .held }
}

public struct MissingItem: Codable, Sendable, Equatable {
    public var key: String
    public var name: String

    public init(key: String, name: String) {
        self.key = key
        self.name = name
    }
}

public struct DuplicateKey: Codable, Sendable, Equatable {
    public var key: String
    public var pages: [Int]

    public init(key: String, pages: [Int]) {
        self.key = key
        self.pages = pages
    }
}

public struct UnreadableItem: Codable, Sendable, Equatable {
    public var page: Int
    /// Which item of the page, from 1.
    public var position: Int
    public var key: String?
    /// Catalogue key, e.g. `item_price_not_a_number`.
    public var reason: String

    public init(page: Int, position: Int, key: String?, reason: String) {
        self.page = page
        self.position = position
        self.key = key
        self.reason = reason
    }
}

public struct Publication: Codable, Sendable, Equatable {
    public var module: Module
    /// `full` replaces the dataset, `delta` sends differences.
    public var mode: String
    public var created: Int
    public var updated: Int
    public var removed: Int
    /// Rows now live at the shop, read back after the commit.
    public var live: Int?
    /// The shop's name for what is now live.
    public var version: String?

    public init(
        module: Module, mode: String, created: Int, updated: Int, removed: Int, live: Int? = nil, version: String? = nil
    ) {
        self.module = module
        self.mode = mode
        self.created = created
        self.updated = updated
        self.removed = removed
        self.live = live
        self.version = version
    }
}

/// How far a publication to a shop without staging has come: there each row that is sent is live at once.
public struct PushedRows: Codable, Sendable, Equatable {
    /// Rows to be created, changed or removed.
    public var planned: Int
    /// Rows that were, those taken back since included.
    public var applied: Int
    /// Rows that have what they had before again.
    public var reverted: Int
    /// The row the shop will not have; then all of the run are taken back.
    public var refused: PushedRow?
    /// Where taking back has stopped; nil when it has not.
    public var stoppedAt: PushedRow?

    public init(
        planned: Int, applied: Int, reverted: Int = 0, refused: PushedRow? = nil, stoppedAt: PushedRow? = nil
    ) {
        self.planned = planned
        self.applied = applied
        self.reverted = reverted
        self.refused = refused
        self.stoppedAt = stoppedAt
    }

    /// Rows of the run that are at the shop now.
    public var live: Int { applied - reverted }
}

public struct PushedRow: Codable, Sendable, Equatable {
    public var module: Module
    /// The parts of its key with ` / ` between them.
    public var key: String
    /// The shop's words.
    public var detail: String

    public init(module: Module, key: String, detail: String) {
        self.module = module
        self.key = key
        self.detail = detail
    }
}

/// What a shop shows of one dataset after the commit, where that is not what was published.
public struct ReadBackDifference: Codable, Sendable, Equatable {
    public var module: Module
    /// Rows that were published, and rows the shop says it has.
    public var published: Int
    public var live: Int
    /// Keys of rows the shop lacks: the first 20, with `missingCount` in all.
    public var missing: [String]
    public var missingCount: Int
    /// Keys of rows the shop shows that were not published: the first 20, with `unexpectedCount` in all.
    public var unexpected: [String]
    public var unexpectedCount: Int

    public init(
        module: Module, published: Int, live: Int, missing: [String], missingCount: Int, unexpected: [String],
        unexpectedCount: Int
    ) {
        self.module = module
        self.published = published
        self.live = live
        self.missing = missing
        self.missingCount = missingCount
        self.unexpected = unexpected
        self.unexpectedCount = unexpectedCount
    }
}

/// Why a run exists.
public enum RunTrigger: String, Codable, Sendable, CaseIterable {
    case schedule
    case manual
    /// Queued once in place of a run that was lost.
    case afterLoss
}
