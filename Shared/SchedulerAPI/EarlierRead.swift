public import CoreTypes

/// What became of what a lost run had read of its source, in the run that was queued in its place.
public struct EarlierRead: Codable, Sendable, Equatable {
    public enum Use: String, Codable, Sendable, CaseIterable {
        /// Its pages were proven and taken over, and reading went on behind them.
        case resumed
        // Everything was read again, because …
        /// … nothing of it is kept where the run was carried out.
        case notKept
        /// … the source's pages cannot be entered in the middle.
        case notReentrant
        /// … the source gives no change token.
        case noChangeToken
        /// … the source was edited.
        case sourceChanged
        /// … the source has more or fewer items, although its change token is the same.
        case countDiffers
        /// … the connection is set otherwise than it was.
        case settingsChanged
        /// … what was kept is not what was read.
        case damaged
        /// … it was begun too long ago.
        case tooOld
    }

    public var use: Use
    /// The run that was lost; nil when nothing of it is kept.
    public var runID: RunID?
    /// When it began: nothing that was taken over is older.
    public var begunAt: Instant?
    /// When it was last known to read, to a minute.
    public var stoppedAt: Instant?
    /// Pages that were taken over: reading went on at the one behind them. 0 when all was read again.
    public var pages: Int
    /// Items on those pages.
    public var rows: Int

    public init(
        _ use: Use, runID: RunID? = nil, begunAt: Instant? = nil, stoppedAt: Instant? = nil, pages: Int = 0,
        rows: Int = 0
    ) {
        self.use = use
        self.runID = runID
        self.begunAt = begunAt
        self.stoppedAt = stoppedAt
        self.pages = pages
        self.rows = rows
    }

    /// Key of the sentence that tells it, in the text catalogue.
    public var textKey: String { "earlier_read_\(use.rawValue)" }

    public var textArguments: [String: String] {
        var arguments = ["page": "\(pages + 1)", "pages": "\(pages)", "rows": "\(rows)"]
        arguments["run"] = runID?.rawValue
        arguments["at"] = stoppedAt.map { "\($0)" }
        return arguments
    }
}
