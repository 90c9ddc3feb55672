public import SchedulerAPI

/// A shop that does not stage: each row that is sent is live at once, and what is to be undone has to be sent again.
///
/// It has no transactions and no fence, so whoever writes journals what was there before, and looks at its lease before
/// each request. Writing states what a row shall be, so that it may be said again.
public protocol DirectTarget: TargetConnector {
    /// The most rows that may be read or written at once.
    func batchRowsMax() async throws -> Int
    /// One page of all live rows, in an order that does not move.
    func rowPage(of module: Module, after cursor: String?) async throws -> ShopRowPage
    /// Rows as they are now, by key; what the shop has not is not among them.
    func rows(_ keys: [String], of module: Module) async throws -> [String: ShopRow]
    /// Writes each row for itself: some may be live although others are refused, or the request fails.
    ///
    /// - Parameter check: Looked at right before each request is sent; throws when it must not be.
    /// - Returns: What became of each, in order.
    /// - Throws: ``SystemFault`` when that is not known of any: then the rows are to be read.
    func write(
        _ changes: [RowChange], of module: Module, unless check: @Sendable () throws -> Void
    ) async throws -> [RowOutcome]
    /// Reads key and content out of a row that is to be sent.
    func describe(_ row: [UInt8], of module: Module) throws -> DescribedRow
    /// How many rows that are live were written since the shop showed this mark; nil when it cannot tell.
    func changedRows(since mark: String, of module: Module) async throws -> Int?
}

extension DirectTarget {
    public var way: PublishingWay { .direct(self) }
}

/// What a row says, without what the shop adds to it; equal for a row as it was sent and as the shop gives it back.
public struct RowContent: Sendable, Hashable {
    /// 128 bits of a hash.
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// A row as the shop has it.
public struct ShopRow: Sendable, Equatable {
    /// The parts of its key with U+001F between them.
    public var key: String
    /// As the shop gave it.
    public var body: [UInt8]
    public var content: RowContent
    /// The shop's own name for this state of the row; nil when it has none.
    public var revision: String?

    public init(key: String, body: [UInt8], content: RowContent, revision: String?) {
        self.key = key
        self.body = body
        self.content = content
        self.revision = revision
    }
}

public struct ShopRowPage: Sendable {
    public var rows: [ShopRow]
    /// Where the list goes on; nil at its end.
    public var cursor: String?

    public init(rows: [ShopRow], cursor: String?) {
        self.rows = rows
        self.cursor = cursor
    }
}

public struct DescribedRow: Sendable, Equatable {
    public var key: String
    /// nil for a row that says that it is to be removed.
    public var content: RowContent?

    public init(key: String, content: RowContent?) {
        self.key = key
        self.content = content
    }
}

/// What one row shall be.
public struct RowChange: Sendable {
    public var key: String
    /// nil removes the row. What a shop adds to a row it gave is left out again.
    public var body: [UInt8]?
    /// The row as it was read right before; nil when there was none. A shop that can refuses the write when that is not
    /// what it has any more.
    public var basis: ShopRow?

    public init(key: String, body: [UInt8]?, basis: ShopRow?) {
        self.key = key
        self.body = body
        self.basis = basis
    }
}

public enum RowOutcome: Sendable, Equatable {
    case written
    /// The row is not what it was when it was read: somebody else has written it, or an earlier request of ours whose
    /// answer was lost. It has to be read again.
    case changed
    /// The shop will not have this row, however often it is sent.
    case refused(code: String, words: String)
}
