public import Outbound
import SchedulerAPI
public import Staging

/// Paging. By offset the server's link says where to go on; by key the last key read does.
extension SAPBusinessOne {
    /// A key is a place by itself; an offset is one only as long as nothing before it has moved, and nobody was looking.
    public var isReentrant: Bool { paging == .keyset }

    public func openPage(_ request: PageRequest) async throws -> HTTPBody {
        try await open(try url(of: request), pageSize: pageSize(request.selection))
    }

    public func cursor(after page: ReadPage, of request: PageRequest) throws -> String? {
        guard page.rows > 0 else { return nil }
        switch paging {
        case .offset:
            guard let link = page.members[dialect.nextLink]?.text, !link.isEmpty else { return nil }
            guard let next = http.base.resolving(link, service: dialect.root) else {
                throw fault(SystemFault(.answer, "the link to the next page leads elsewhere"))
            }
            guard next != request.cursor else {
                throw fault(SystemFault(.answer, "the link to the next page leads to the same page"))
            }
            return next
        case .keyset:
            // The end is the empty page: a server that forgets its link cannot cut the reading short.
            guard let last = page.lastKey else {
                throw fault(SystemFault(.answer, "no key on the page to go on from"))
            }
            guard last != request.cursor else {
                throw fault(SystemFault(.answer, "the next page is the same page"))
            }
            return last
        }
    }

    /// By offset: pages as long as the one that was read, one after the other.
    public func cursors(beyond cursor: String, after page: ReadPage, count: Int) -> [String] {
        guard paging == .offset, page.rows > 0, let skip = SAPSkip(cursor) else { return [] }
        return (1...max(1, count)).prefix(count).map { skip.link(further: $0 * page.rows) }
    }

    func url(of request: PageRequest) throws -> String {
        if paging == .offset, let link = request.cursor { return link }
        var query = SAPQuery("Items").with("$select", select(request.selection))
        if paging == .keyset, let last = request.cursor {
            query = query.with("$filter", SAPQuery.both(readFilter, "ItemCode gt \(SAPQuery.literal(last))"))
        } else {
            query = query.with("$filter", readFilter)
        }
        query = query.with("$orderby", order(request.selection))
        return http.base.appending("\(dialect.root)/\(query.encoded)")
    }

    /// Keys are always swept in the order of keys, which edits do not change.
    private func order(_ selection: PageRequest.Selection) -> String {
        switch (paging, selection) {
        case (.keyset, _), (_, .keys): "ItemCode"
        case (.offset, .fields): "UpdateDate,UpdateTime,ItemCode"
        }
    }

    private func select(_ selection: PageRequest.Selection) -> String {
        switch selection {
        case .keys: layout.key
        case .fields(let fields): fields.joined(separator: ",")
        }
    }

    /// A key is a hundredth of an item, so a sweep asks for more of them at once.
    private func pageSize(_ selection: PageRequest.Selection) -> Int {
        selection == .keys ? min(reading.pageSize * 5, 5_000) : reading.pageSize
    }
}
