/// Where a fault can be ordered.
public enum FaultPlace: String, Codable, Sendable, Hashable, CaseIterable {
    case sapBusinessOne
    case genericWebshop
    case directWebshop
    case mailbox
}

/// A value a fault takes.
public enum FaultParameter: String, Codable, Sendable, Hashable, CaseIterable {
    /// How many items, rows or requests; see the kind.
    case count
    /// A page or chunk, from 1.
    case page
    case milliseconds
    /// An endpoint, scope or mail address.
    case target
}

/// The ways in which simulated systems misbehave.
public enum FaultKind: String, Codable, Sendable, Hashable, CaseIterable {
    // What a source answers
    case loseItems
    case emptyAnswer
    case duplicateRows
    case wrongCount
    case countIgnoresFilter
    case noCount
    case unreadableItems
    case malformedJSON
    // Pages
    case capPageSize
    case hideNextPages
    case truncatePage
    case cutConnection
    case killSessions
    case endlessPages
    case repeatPage
    case hugePage
    case gzipBomb
    case drip
    // Changes between two pages
    case moveItemsWhileReading
    case deleteWhileReading
    case insertWhileReading
    case insertAndDeleteWhileReading
    // Any system
    case offline
    case refuseLogin
    case missingRights
    case slow
    case hang
    case maintenance
    case serverErrors
    case throttle
    case otherVersion
    // Webshop
    case failOnChunk
    case failCommit
    case dropAfterCommit
    case dropRowsAfterCommit
    case inventRowsAfterCommit
    case expireImports
    // Webshop without staging
    case failInBatch
    case dropAfterBatch
    case refuseRow
    case editBeforeBatch
    // Mailbox
    case refuseRecipient
    case greylist
    case dropBefore250
    case dropAfter250
    case noTLS

    public var places: Set<FaultPlace> {
        switch self {
        case .loseItems, .emptyAnswer, .duplicateRows, .wrongCount, .countIgnoresFilter, .noCount, .unreadableItems,
            .malformedJSON, .capPageSize, .hideNextPages, .truncatePage, .cutConnection, .killSessions, .endlessPages,
            .repeatPage, .hugePage, .gzipBomb, .drip,
            .moveItemsWhileReading, .deleteWhileReading, .insertWhileReading, .insertAndDeleteWhileReading:
            [.sapBusinessOne]
        case .missingRights, .maintenance, .serverErrors, .throttle, .otherVersion:
            [.sapBusinessOne, .genericWebshop, .directWebshop]
        case .offline, .refuseLogin, .slow, .hang: Set(FaultPlace.allCases)
        case .failOnChunk, .failCommit, .dropAfterCommit, .dropRowsAfterCommit, .inventRowsAfterCommit, .expireImports:
            [.genericWebshop]
        case .failInBatch, .dropAfterBatch, .refuseRow, .editBeforeBatch: [.directWebshop]
        case .refuseRecipient, .greylist, .dropBefore250, .dropAfter250, .noTLS: [.mailbox]
        }
    }

    /// Values that must be given.
    public var required: Set<FaultParameter> {
        switch self {
        case .loseItems, .duplicateRows, .wrongCount, .unreadableItems, .capPageSize, .hideNextPages,
            .dropRowsAfterCommit, .inventRowsAfterCommit, .hugePage, .gzipBomb:
            [.count]
        case .truncatePage, .moveItemsWhileReading, .deleteWhileReading, .insertWhileReading,
            .insertAndDeleteWhileReading:
            [.count, .page]
        case .cutConnection, .killSessions, .failOnChunk, .repeatPage, .failInBatch: [.page]
        case .refuseRow: [.target]
        case .slow, .drip: [.milliseconds]
        default: []
        }
    }

    /// Values that may be given.
    public var optional: Set<FaultParameter> {
        switch self {
        case .missingRights, .refuseRecipient, .dropRowsAfterCommit, .inventRowsAfterCommit: [.target]
        case .throttle, .editBeforeBatch, .otherVersion: [.count]
        default: []
        }
    }

    /// Whether `count` may be this.
    func allows(count: Int) -> Bool {
        switch self {
        case .wrongCount: count != 0
        case .otherVersion: [404, 405, 410, 501].contains(count)
        default: count >= 1
        }
    }

    /// One plain sentence for the command line.
    public var summary: String {
        switch self {
        case .loseItems: "The list lacks `count` items that the count still counts."
        case .emptyAnswer: "The list is empty and the count is 0, without any error."
        case .duplicateRows: "`count` items have two rows with one key, and both are counted."
        case .wrongCount: "The count is off by `count`, which may be negative."
        case .countIgnoresFilter: "The count counts items that the filter leaves out of the list."
        case .noCount: "There is no count to be had."
        case .unreadableItems: "`count` items have a price that is not a number."
        case .malformedJSON: "Lists answer with JSON that is broken off."
        case .capPageSize: "Pages have at most `count` rows whatever is asked; the links to the next pages are right."
        case .hideNextPages: "The first page has at most `count` rows and no link to the next, as if it were the last."
        case .truncatePage: "Page `page` lacks its last `count` rows; the next page goes on as if they had been there."
        case .cutConnection: "The connection is cut in the middle of page `page`."
        case .killSessions: "When page `page` is asked for, all sessions are forgotten."
        case .endlessPages: "Behind the last page come invented ones, each full and with a link to the next."
        case .repeatPage: "Page `page` is answered again and again, each time with a link to the next."
        case .hugePage: "Each page is `count` megabytes long: its first item, over and over."
        case .gzipBomb: "Each page is packed and unpacks to `count` megabytes of spaces."
        case .drip: "Pages come one byte every `milliseconds`."
        case .moveItemsWhileReading: "After page `page`, `count` items already read are edited, and so move to the end."
        case .deleteWhileReading: "After page `page`, `count` items already read are deleted."
        case .insertWhileReading: "After page `page`, `count` items appear in the part already read."
        case .insertAndDeleteWhileReading:
            "After page `page`, `count` items already read are deleted and as many appear in that part."
        case .offline: "Connections are cut without an answer."
        case .refuseLogin: "Right credentials are refused."
        case .missingRights:
            "Endpoint, field, data set or scope `target` answers 403; without `target`, everything behind the login."
        case .slow: "Each answer comes `milliseconds` late."
        case .hang: "Requests are taken and never answered."
        case .maintenance: "Everything answers 503 with Retry-After."
        case .serverErrors: "Requests answer 502 and 503 in turn."
        case .throttle: "Each `count`-th request answers 429 with Retry-After; without `count`, every one."
        case .otherVersion: "The interface is another version's: every path answers 404, or `count`: 405, 410 or 501."
        case .failOnChunk: "Chunk `page` of an import answers 500 and is not stored."
        case .failCommit: "Commits answer 500 and change nothing."
        case .dropAfterCommit: "Commits take effect, then the connection is cut without an answer."
        case .dropRowsAfterCommit:
            "Commits are answered as usual, but `count` rows are gone afterwards; of data set `target`, or of each."
        case .inventRowsAfterCommit:
            "Commits are answered as usual, but `count` rows nobody sent are there afterwards; in `target`, or in each."
        case .expireImports: "Open import sessions expire at once."
        case .failInBatch: "A batch answers 500 at its row `page`; the rows before it are live."
        case .dropAfterBatch: "Batches take effect, then the connection is cut without an answer."
        case .refuseRow: "Rows of product `target` (or only in one set: `stock/<code>`) are refused for good."
        case .editBeforeBatch:
            "Somebody edits the first `count` rows of a batch (one without `count`) right before it is written."
        case .refuseRecipient: "Recipient `target` is refused for good; without `target`, every one."
        case .greylist: "Recipients are refused for now (451)."
        case .dropBefore250: "The mail is kept, but the connection is cut before the answer says so."
        case .dropAfter250: "The connection is cut right after the answer to the mail."
        case .noTLS: "STARTTLS is not offered."
        }
    }
}
