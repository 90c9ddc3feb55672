import CoreTypes
import SandboxAPI
import Synchronization

extension ServiceLayer {
    /// Which rows a request for items wants.
    struct ItemQuery {
        static let known: Set<String> = ["$filter", "$select", "$orderby", "$top", "$skip", "$count"]

        var parameters: QueryItems
        var filter: ItemFilter
        /// Only codes beyond this one: a client that pages by key.
        var bound: (code: String, orEqual: Bool)?
        var order: ItemOrder
        var selected: [String]?
        var top: Int?
        var skip: Int
        var wantsCount: Bool
        var pageSize: Int

        /// A request for a single row, or for the few that come first in another order, is a probe, not a page of a reading.
        var isProbe: Bool { top == 1 || (top != nil && !order.isByCode) }
        var limit: Int { min(top ?? .max, pageSize) }

        init(_ request: SimRequest, pageSizeMax: Int) throws {
            parameters = request.queryItems
            if let unknown = parameters.items.first(where: { $0.name.hasPrefix("$") && !Self.known.contains($0.name) })
            {
                throw QueryProblem("Query option '\(unknown.name)' is not supported.")
            }
            let ignoringCase = request.headers["B1S-CaseInsensitive"] == "true"
            filter =
                try parameters["$filter"].map { try ItemFilterParser.parse($0, ignoringCase: ignoringCase) }
                ?? .everything
            order = try ItemOrder(parsing: parameters["$orderby"], ignoringCase: ignoringCase)
            if order.isByCode, let split = filter.splittingLowerBound() {
                filter = split.rest
                bound = (split.after, split.orEqual)
            }
            selected = parameters["$select"].map { $0.split(separator: ",").map(trimmed) }
            top = try Self.number(parameters, "$top")
            skip = try Self.number(parameters, "$skip") ?? 0
            wantsCount = parameters["$count"] == "true"
            pageSize = Self.pageSize(request, max: pageSizeMax)
        }

        private static func number(_ parameters: QueryItems, _ name: String) throws -> Int? {
            guard let text = parameters[name] else { return nil }
            guard let number = Int(text), number >= 0 else {
                throw QueryProblem("Invalid value of \(name): '\(text)'.")
            }
            return number
        }

        /// 20 unless asked for; 0 switches paging off.
        private static func pageSize(_ request: SimRequest, max: Int) -> Int {
            guard let wanted = preferredPageSize(request) else { return min(20, max) }
            return wanted == 0 ? .max : min(wanted, max)
        }
    }

    /// A page, picked under the lock and written outside it.
    struct Page {
        var items: [(item: Item, isSecond: Bool)]
        var number: Int
        var count: Int?
        var next: (skip: Int, top: Int?)?
        var unreadable: Set<String>
    }

    // MARK: Counting

    func countItems(_ request: SimRequest) throws -> SimResponse {
        if faults.occur(.noCount) != nil { return .serviceLayerError(501, code: "-1", "Not implemented.") }
        let query = try ItemQuery(request, pageSizeMax: settings.pageSizeMax)
        let rowCount = state.withLock { count(query, &$0.catalogue) }
        return .text(200, String(rowCount))
    }

    private func count(_ query: ItemQuery, _ catalogue: inout Catalogue) -> Int {
        if faults.occur(.emptyAnswer) != nil { return 0 }
        let ignoresFilter = faults.occur(.countIgnoresFilter) != nil
        let key = Catalogue.ListingKey(
            filter: ignoresFilter ? .everything : query.filter, order: query.order,
            duplicated: faults.peek(.duplicateRows)?.count ?? 0)
        let rows = catalogue.rows(key)
        let first = ignoresFilter ? 0 : start(query, rows, catalogue)
        return max(0, rows.count - first + (faults.occur(.wrongCount)?.count ?? 0))
    }

    private func start(_ query: ItemQuery, _ rows: [Catalogue.Row], _ catalogue: Catalogue) -> Int {
        query.bound.map { catalogue.firstPosition(after: $0.code, orEqual: $0.orEqual, in: rows) } ?? 0
    }

    // MARK: Listing

    func listItems(_ request: SimRequest, session: String) throws -> SimResponse {
        var query = try ItemQuery(request, pageSizeMax: settings.pageSizeMax)
        if let cap = faults.occur(.capPageSize)?.count { query.pageSize = min(query.pageSize, cap) }
        if lacksRights(to: query.selected) { return .noPermission }
        let renderer = try makeRenderer(query)
        let page = state.withLock { pick(query, session, &$0) }
        guard let page else { return .invalidSession }
        var response = SimResponse.json(200, bytes: write(page, query, renderer, request))
        response.headers["Content-Type"] = "application/json;odata.metadata=minimal;charset=utf-8"
        response.headers["OData-Version"] = "4.0"
        if preferredPageSize(request) != nil {
            let applied = query.pageSize == .max ? 0 : query.pageSize
            response.headers["Preference-Applied"] = "odata.maxpagesize=\(applied)"
        }
        return query.isProbe ? response : poisoned(disturbed(response, page: page.number), query, renderer, page)
    }

    /// - Returns: nil when the fault that forgets sessions has just struck.
    private func pick(_ query: ItemQuery, _ session: String, _ state: inout State) -> Page? {
        let number = state.sessions.pageNumber(
            of: session, skip: query.skip, pageSize: query.pageSize, after: query.bound?.code)
        if !query.isProbe, faults.occur(.killSessions, if: { $0.page == number }) != nil {
            state.sessions.closeAll()
            return nil
        }
        let total = query.wantsCount && faults.peek(.noCount) == nil ? count(query, &state.catalogue) : nil
        let key = Catalogue.ListingKey(
            filter: query.filter, order: query.order, lost: faults.occur(.loseItems)?.count ?? 0,
            duplicated: faults.occur(.duplicateRows)?.count ?? 0)
        let rows = faults.occur(.emptyAnswer) != nil ? [] : state.catalogue.rows(key)
        let first = min(start(query, rows, state.catalogue) + query.skip, rows.count)
        var end = first + min(query.limit, rows.count - first)
        var next: (skip: Int, top: Int?)?
        if end < rows.count, query.top.map({ $0 > end - first }) ?? true {
            next = (query.skip + end - first, query.top.map { $0 - (end - first) })
        }
        if !query.isProbe, number == 1, let hidden = faults.occur(.hideNextPages) {
            end = min(end, first + (hidden.count ?? 0))
            next = nil
        }
        let cut = query.isProbe ? nil : faults.occur(.truncatePage) { $0.page == number }
        let shown = rows[first..<max(first, end - (cut?.count ?? 0))]
        var items = shown.map { (item: state.catalogue.item(at: $0), isSecond: $0 < 0) }
        if !query.isProbe { prolong(&items, &next, query, number, rows, &state) }
        let page = Page(
            items: items, number: number, count: total, next: next,
            unreadable: state.catalogue.pick(faults.occur(.unreadableItems)?.count ?? 0, .unreadable))
        if !query.isProbe, next != nil {
            changeWhileReading(page: number, read: rows[..<end], order: query.order, &state)
        }
        return page
    }

    private func write(_ page: Page, _ query: ItemQuery, _ renderer: ItemRenderer, _ request: SimRequest) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(page.items.count * (settings.allFields ? 9000 : 1500) + 500)
        out.append(contentsOf: "{\"@odata.context\":".utf8)
        appendJSONString(context(request, "Items"), to: &out)
        if let count = page.count { out.append(contentsOf: ",\"@odata.count\":\(count)".utf8) }
        out.append(contentsOf: ",\"value\":[".utf8)
        for (index, row) in page.items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            var item = row.item
            if row.isSecond { item.name += " (2)" }
            renderer.write(item, unreadable: page.unreadable.contains(item.code), to: &out)
        }
        out.append(UInt8(ascii: "]"))
        if let next = page.next {
            out.append(contentsOf: ",\"@odata.nextLink\":".utf8)
            appendJSONString(nextLink("Items", query.parameters, skip: next.skip, top: next.top), to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    private func disturbed(_ response: SimResponse, page: Int) -> SimResponse {
        if faults.occur(.cutConnection, if: { $0.page == page }) != nil {
            return response.delivered(.cutAfter(bytes: response.body.count / 2))
        }
        guard faults.occur(.malformedJSON) != nil else { return response }
        var broken = response
        broken.body = Array(response.body.prefix(response.body.count * 2 / 3))
        return broken
    }

    // MARK: One item

    func item(_ code: String, _ request: SimRequest) throws -> SimResponse {
        let query = try ItemQuery(request, pageSizeMax: settings.pageSizeMax)
        if lacksRights(to: query.selected) { return .noPermission }
        let renderer = try makeRenderer(query)
        guard let item = state.withLock({ $0.catalogue[code] }) else {
            return .serviceLayerError(404, code: "-2028", "No matching records found (ODBC -2028)")
        }
        var out: [UInt8] = []
        renderer.write(item, unreadable: false, to: &out)
        return .json(200, bytes: out)
    }

    /// A field that is taken away is left out of items that are read whole, and refused where it is asked for.
    private func lacksRights(to fields: [String]?) -> Bool {
        guard let fields else { return false }
        return faults.occur(.missingRights, if: { fields.contains($0.target ?? "") }) != nil
    }

    private func makeRenderer(_ query: ItemQuery) throws -> ItemRenderer {
        try ItemRenderer(
            selected: query.selected, without: faults.peek(.missingRights)?.target, warehouses: settings.warehouses,
            allFields: settings.allFields)
    }

    // MARK: Links

    /// The same query again, further on; options stand as they were sent.
    func nextLink(_ resource: String, _ parameters: QueryItems, skip: Int, top: Int?) -> String {
        var parts = parameters.items.filter { $0.name != "$skip" && $0.name != "$top" }.map(\.raw)
        if let top { parts.append("$top=\(top)") }
        parts.append("$skip=\(skip)")
        let link = resource + "?" + parts.joined(separator: "&")
        return settings.nextLinks == .serviceRelative ? link : "/\(definition.name)/b1s/v2/\(link)"
    }
}

/// `Prefer: odata.maxpagesize=500`, or the older `B1S-PageSize: 500`; nil when neither is there.
func preferredPageSize(_ request: SimRequest) -> Int? {
    for preference in request.headers.all("Prefer").flatMap({ $0.split(separator: ",") }) {
        let parts = trimmed(preference).split(separator: "=")
        guard parts.count == 2, parts[0] == "odata.maxpagesize" || parts[0] == "maxpagesize" else { continue }
        if let size = Int(parts[1]), size >= 0 { return size }
    }
    return request.headers["B1S-PageSize"].flatMap(Int.init)
}
