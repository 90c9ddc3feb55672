public import CoreTypes
public import SchedulerAPI

/// Everything that was seen while reading; the monitor's rules see nothing else.
public struct ImportEvidence: Codable, Sendable, Equatable {
    public var runID: RunID
    public var fencingToken: Int64
    public var merchantID: MerchantID
    public var connectionID: ConnectionID
    public var modules: [Module]
    /// 1 for the first read of the run, 2 when it was read again.
    public var attempt: Int
    public var startedAt: Instant
    public var finishedAt: Instant

    /// nil when the source gives no count.
    public var countBefore: Int?
    public var countAfter: Int?
    /// The filters of count and read as they were sent, to see that both mean the same items.
    public var countFilter: String
    public var readFilter: String
    /// Highest change number or time of the source; nil when it has none.
    public var changeTokenBefore: String?
    public var changeTokenAfter: String?
    /// Modules of the run in which the source may change something without its change token showing it. nil for none.
    public var unmarkedModules: [Module]?

    public var rowsRead: Int
    public var distinctKeys: Int
    /// Keys read more than once; at most 100 of `duplicateKeyCount`.
    public var duplicates: [DuplicateKey]
    public var duplicateKeyCount: Int
    /// Items that could not be read; at most 100 of `unreadableCount`.
    public var unreadable: [UnreadableItem]
    public var unreadableCount: Int
    /// At most 2,000 of `pageCount`; of a longer read the first and the last thousand.
    public var pages: [PageEvidence]
    public var pageCount: Int
    /// The second sweep that read keys only; nil when none was made.
    public var sweep: SweepEvidence?

    /// Items of the last published set, or what the shop says it has; 0 when there never was one.
    public var previousCount: Int
    /// True where `previousCount` is of rows, for nobody knows the items: another importer published last, and the shop
    /// lists no products. Left out else.
    public var previousIsRows: Bool?
    /// Items of the published set that were not read; at most 1,000 of `missingCount`.
    public var missing: [MissingItem]
    public var missingCount: Int

    /// SHA-256 (hex) over the sorted keys and content hashes of what is staged; the verdict is bound to it.
    public var stagedDigest: String

    /// What publishing would do to the shop; nil when nobody looked.
    public var content: ContentEvidence?
    /// Rows of each dataset of what was read.
    public var datasets: [DatasetCount]?
    /// ``PageEvidence/root(of:)`` over all pages of the read, those that are not listed included.
    public var pagesRoot: String?
    /// Names the mapping and settings the items were read with.
    public var settingsFingerprint: String?
    /// The importer's version.
    public var softwareVersion: String?
    /// Fields of the source that are otherwise than when the connection last published: at most 100, those that are read
    /// first. nil when there are none.
    public var sourceChanges: [SourceFieldChange]?
    /// What became of what a lost run had read; nil for a run that stands for none.
    public var earlierRead: EarlierRead?

    public init(
        runID: RunID, fencingToken: Int64, merchantID: MerchantID, connectionID: ConnectionID, modules: [Module],
        attempt: Int, startedAt: Instant, finishedAt: Instant, countBefore: Int?, countAfter: Int?,
        countFilter: String, readFilter: String, changeTokenBefore: String?, changeTokenAfter: String?, rowsRead: Int,
        distinctKeys: Int, duplicates: [DuplicateKey], duplicateKeyCount: Int, unreadable: [UnreadableItem],
        unreadableCount: Int, pages: [PageEvidence], sweep: SweepEvidence?, previousCount: Int,
        missing: [MissingItem], missingCount: Int, stagedDigest: String, pageCount: Int? = nil
    ) {
        self.runID = runID
        self.fencingToken = fencingToken
        self.merchantID = merchantID
        self.connectionID = connectionID
        self.modules = modules
        self.attempt = attempt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.countBefore = countBefore
        self.countAfter = countAfter
        self.countFilter = countFilter
        self.readFilter = readFilter
        self.changeTokenBefore = changeTokenBefore
        self.changeTokenAfter = changeTokenAfter
        self.rowsRead = rowsRead
        self.distinctKeys = distinctKeys
        self.duplicates = duplicates
        self.duplicateKeyCount = duplicateKeyCount
        self.unreadable = unreadable
        self.unreadableCount = unreadableCount
        self.pages = pages
        self.pageCount = pageCount ?? pages.count
        self.sweep = sweep
        self.previousCount = previousCount
        self.missing = missing
        self.missingCount = missingCount
        self.stagedDigest = stagedDigest
    }

    public static var example: ImportEvidence {
        ImportEvidence(
            runID: .example, fencingToken: 7, merchantID: .example, connectionID: .example, modules: [.prices],
            attempt: 1, startedAt: .example, finishedAt: .example + .seconds(9), countBefore: 2, countAfter: 2,
            countFilter: "Valid eq 'tYES'", readFilter: "Valid eq 'tYES'", changeTokenBefore: "2026-03-01T10:00:00",
            changeTokenAfter: "2026-03-01T10:00:00", rowsRead: 2, distinctKeys: 2, duplicates: [],
            duplicateKeyCount: 0, unreadable: [], unreadableCount: 0,
            pages: [PageEvidence(number: 1, rows: 2, firstKey: "A1", lastKey: "A2", hash: "00")], sweep: nil,
            previousCount: 2, missing: [], missingCount: 0, stagedDigest: "00")
    }
}

public struct PageEvidence: Codable, Sendable, Equatable {
    /// Counted from 1.
    public var number: Int
    public var rows: Int
    public var firstKey: String?
    public var lastKey: String?
    /// SHA-256 (hex, first 32 digits) of the page's bytes.
    public var hash: String

    public init(number: Int, rows: Int, firstKey: String?, lastKey: String?, hash: String) {
        self.number = number
        self.rows = rows
        self.firstKey = firstKey
        self.lastKey = lastKey
        self.hash = hash
    }
}

/// What a second, keys-only reading of the source showed beside the first.
public struct SweepEvidence: Codable, Sendable, Equatable {
    public var rowsRead: Int
    public var distinctKeys: Int
    /// Keys of the sweep that the first read had not.
    public var notReadBefore: Int
    /// Keys of the first read that the sweep had not.
    public var goneSince: Int
    /// Whether the keys seen twice by the first read were again seen twice, and no others.
    public var sameDuplicates: Bool

    public init(rowsRead: Int, distinctKeys: Int, notReadBefore: Int, goneSince: Int, sameDuplicates: Bool) {
        self.rowsRead = rowsRead
        self.distinctKeys = distinctKeys
        self.notReadBefore = notReadBefore
        self.goneSince = goneSince
        self.sameDuplicates = sameDuplicates
    }
}
