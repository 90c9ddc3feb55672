import JSON
import SchedulerAPI
import Staging

extension SAPBusinessOne {
    public func sample(keys: [String]?, count: Int) async throws -> ItemSample {
        guard let keys else {
            return ItemSample(page: try await whole(readFilter, count), outsideFilter: [])
        }
        let wanted = keys.map { "ItemCode eq \(SAPQuery.literal($0))" }.joined(separator: " or ")
        let page = try await whole(wanted, keys.count)
        let through = try await read(
            SAPQuery("Items").with("$select", layout.key).with("$filter", SAPQuery.both(wanted, "(\(readFilter))")),
            pageSize: keys.count)
        let passing = try self.keys(on: through)
        return ItemSample(page: page, outsideFilter: try self.keys(on: page).filter { !passing.contains($0) })
    }

    /// Without `$select`, so with every field; for a handful of items only, an item has some hundred fields.
    private func whole(_ filter: String, _ count: Int) async throws -> [UInt8] {
        try await read(
            SAPQuery("Items").with("$filter", filter).with("$orderby", "ItemCode").with("$top", "\(count)"),
            pageSize: count)
    }

    private func keys(on page: [UInt8]) throws -> [String] {
        guard let rows = (try? JSON.decode(JSONValue.self, from: page))?["value"]?.elements else {
            throw fault(SystemFault(.answer, "the items cannot be read"))
        }
        return rows.compactMap { $0[layout.key]?.text }
    }
}
