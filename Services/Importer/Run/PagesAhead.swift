import Connectors
import Outbound

/// Pages that were asked for before it is their turn: their bodies wait at the wire until they are read, so no page stands
/// in memory meanwhile.
struct PagesAhead {
    private let source: any SourceConnector
    private var pages: [(cursor: String, opening: Task<HTTPBody, any Error>)] = []

    init(_ source: any SourceConnector) { self.source = source }

    /// Asks for the pages that come next, in this order; what was asked for and is not among them is given up.
    mutating func ask(_ cursors: [String], _ selection: PageRequest.Selection) {
        if !cursors.starts(with: pages.map(\.cursor)) { giveUp() }
        for cursor in cursors.dropFirst(pages.count) {
            // Outlives the page that is read meanwhile; `giveUp` and `take` are its ends.
            let opening = Task { [source] in try await source.openPage(PageRequest(selection, cursor: cursor)) }
            pages.append((cursor, opening))
        }
    }

    /// The page that was asked for under this cursor; nil when there is none.
    mutating func take(_ cursor: String?) -> OpeningPage? {
        guard let first = pages.first, first.cursor == cursor else { return nil }
        pages.removeFirst()
        return OpeningPage(opening: first.opening)
    }

    mutating func giveUp() {
        for page in pages { page.opening.cancel() }
        pages = []
    }
}

/// A page on its way.
struct OpeningPage: Sendable {
    fileprivate let opening: Task<HTTPBody, any Error>

    var body: HTTPBody {
        get async throws {
            try await withTaskCancellationHandler {
                try await opening.value
            } onCancel: {
                opening.cancel()
            }
        }
    }
}
