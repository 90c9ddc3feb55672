public import SchedulerAPI

/// A page as it was read, before it is committed.
public struct ReadPage: Sendable, Equatable {
    /// Counted from 1.
    public let number: Int
    /// Items on the page, those that cannot be read included.
    public let rows: Int
    public let unreadable: Int
    public let firstKey: String?
    public let lastKey: String?
    /// SHA-256 (hex, first 32 digits) of the page's bytes.
    public let hash: String
    /// Length of the body in bytes.
    public let bytes: Int
    /// The members the layout asked for, by name, where the page had them.
    public let members: [String: PageMember]
}

/// What is kept of each page, as evidence.
public struct PageRecord: Sendable, Equatable {
    public let number: Int
    public let rows: Int
    public let firstKey: String?
    public let lastKey: String?
    public let hash: String
}

/// What a complete read has brought.
public struct StagedFigures: Sendable, Equatable {
    /// How many duplicates and unreadable items are named; the counts beside them are of all.
    public static let namedMax = 100
    /// How many pages are named of each duplicate key.
    public static let pagesPerKeyMax = 20

    /// Items read, those that cannot be read included.
    public let rowsRead: Int
    /// Different keys among the items that can be read.
    public let distinctKeys: Int
    /// Keys read more than once with the first pages they were on, in key order.
    public let duplicates: [DuplicateKey]
    public let duplicateKeyCount: Int
    public let unreadable: [UnreadableItem]
    public let unreadableCount: Int
    /// SHA-256 (hex) over the sorted keys and content hashes; a verdict is bound to it.
    public let digest: String
    /// Shop rows of each dataset of the run.
    public let rows: [Module: Int]
}

/// What a second, keys-only reading showed beside the first.
public struct SweepFigures: Sendable, Equatable {
    public let rowsRead: Int
    public let distinctKeys: Int
    /// Keys of the sweep that the first read had not.
    public let notReadBefore: Int
    /// Keys of the first read that the sweep had not.
    public let goneSince: Int
    /// Whether the keys seen twice by the first read were again seen twice, and no others.
    public let sameDuplicates: Bool
    /// Items of the sweep whose key cannot be read.
    public let unreadableCount: Int
}
