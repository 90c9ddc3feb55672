import CoreTypes
import Crypto
import JSON
import Outbound
public import SchedulerAPI

/// Rows: how they are read, named and compared.
extension DirectWebshop {
    public func rowPage(of module: Module, after cursor: String?) async throws -> ShopRowPage {
        let place = cursor.map { "&cursor=\(percentEncoded($0))" } ?? ""
        let path = "/\(module.rawValue)?limit=\(Self.pageRows)\(place)"
        let (rows, next) = try await readRows(module) { try await client.send(.get, path) }
        guard next == nil || next != cursor && !rows.isEmpty else {
            throw client.unexpected("the list of rows does not end")
        }
        return ShopRowPage(rows: rows, cursor: next)
    }

    public func rows(_ keys: [String], of module: Module) async throws -> [String: ShopRow] {
        let asked = JSONValue.array(keys.map { .object(ShopRowKey.members($0, module)) })
        let body = try JSON.encode(JSONValue.object([("keys", asked)]))
        let (rows, _) = try await readRows(module) {
            try await client.send(.post, "/\(module.rawValue)/lookup", body: body, reuse: .allowed)
        }
        let wanted = Set(keys)
        guard rows.allSatisfy({ wanted.contains($0.key) }) else {
            throw client.unexpected("rows that were not asked for")
        }
        return Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public func describe(_ row: [UInt8], of module: Module) throws -> DescribedRow {
        let value = try JSON.decode(JSONValue.self, from: row)
        guard let key = ShopRowKey.text(of: value, module) else {
            throw SystemFault(.internal, "a row of \(module.rawValue) without a key").from(system)
        }
        if case .bool(true)? = value["deleted"] { return DescribedRow(key: key, content: nil) }
        return DescribedRow(key: key, content: try Self.content(of: value))
    }

    /// Reads `{"items":[…],"next_cursor":…}`; each row's bytes are kept as they came.
    private func readRows(
        _ module: Module, _ fetch: () async throws -> [UInt8]
    ) async throws -> (rows: [ShopRow], next: String?) {
        try await client.patience.retrying {
            let answer = try await fetch()
            do {
                return try answer.withUnsafeBytes { bytes in try JSON.scan(bytes) { try read($0, module) } }
            } catch is JSONError {
                throw client.unexpected("not JSON", isPassing: true)
            }
        }
    }

    private func read(_ answer: JSONNode, _ module: Module) throws -> (rows: [ShopRow], next: String?) {
        guard let items = answer["items"], items.kind == .array else {
            throw client.unexpected("a list without items")
        }
        var rows: [ShopRow] = []
        try items.forEachElement { item in
            // What was asked for by key and is not there.
            guard item.kind != .null else { return }
            let value = JSONValue(item)
            guard let key = ShopRowKey.text(of: value, module) else { throw client.unexpected("a row without a key") }
            rows.append(
                ShopRow(
                    key: key, body: Array(item.rawBytes), content: try Self.content(of: value),
                    revision: value["revision"]?.text))
        }
        return (rows, answer["next_cursor"]?.string)
    }

    /// What the shop adds to a row, or an order about it.
    static let foreign: Set<String> = ["id", "revision", "updated_at", "deleted", "if_revision"]

    private static func content(of row: JSONValue) throws -> RowContent {
        let digest = SHA256.hash(data: try JSON.encode(row.without(foreign).sorted))
        return RowContent(bytes: Array(digest.prefix(16)))
    }
}

/// How the key of a row is written as one text, as in the staged set: its parts with U+001F between them. Prices are for
/// one piece and more; another least quantity is a third part.
enum ShopRowKey {
    static let separator: Character = "\u{1F}"

    private static func names(_ module: Module) -> [String] {
        switch module {
        case .products: ["code"]
        case .prices: ["product_code", "price_list_code"]
        case .stock: ["product_code", "warehouse_code"]
        }
    }

    static func text(of row: JSONValue, _ module: Module) -> String? {
        var parts = names(module).compactMap { row[$0]?.text }
        guard parts.count == names(module).count, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        if module == .prices, let quantity = row["min_quantity"]?.text, !isOne(quantity) { parts.append(quantity) }
        return parts.joined(separator: String(separator))
    }

    static func members(_ key: String, _ module: Module) -> [(key: String, value: JSONValue)] {
        let parts = key.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        var members = zip(names(module), parts).map { (key: $0, value: JSONValue.string($1)) }
        if module == .prices { members.append(("min_quantity", .string(parts.count > 2 ? parts[2] : "1"))) }
        return members
    }

    /// `1`, `1.0`, `1.00`, …
    private static func isOne(_ text: String) -> Bool {
        let fraction = text.dropFirst()
        guard text.first == "1" else { return false }
        guard let point = fraction.first else { return true }
        return point == "." && fraction.dropFirst().allSatisfy { $0 == "0" }
    }
}

extension JSONValue {
    func without(_ names: Set<String>) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !names.contains($0.key) })
    }

    /// Members of all objects in the order of their names.
    fileprivate var sorted: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(
                members.map { (key: $0.key, value: $0.value.sorted) }
                    .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        default: self
        }
    }
}
