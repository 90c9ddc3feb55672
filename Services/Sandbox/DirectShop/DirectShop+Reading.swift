import CoreTypes
import Crypto
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI

/// What readers see: each row as it is at this moment.
extension DirectShop {
    /// `{"count":…,"latest_revision":…}`: the second changes with every write, the first with every deletion. With
    /// `since_revision` only rows written after that one count.
    func count(_ schema: ShopSchema, _ parameters: QueryItems) async throws -> SimResponse {
        let since = try parameters["since_revision"].map { text in
            guard let revision = Int64(text) else { throw ShopProblem.invalid("since_revision is a whole number.") }
            return revision
        }
        return try await database.read { [self] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS rows, max(revision) AS latest FROM directRow
                    WHERE system = ? AND dataset = ? AND revision > ?
                    """, arguments: [name, schema.rawValue, since ?? 0])
            let rows: Int = row?["rows"] ?? 0
            let latest: Int64 = row?["latest"] ?? 0
            return .json(200, ["count": SimJSON(rows), "latest_revision": SimJSON(latest)])
        }
    }

    /// In the order of keys; a cursor is the last key. A row that is written meanwhile is seen as it then is.
    func list(_ schema: ShopSchema, _ parameters: QueryItems) async throws -> SimResponse {
        if let fields = parameters["fields"], fields != "key" { throw ShopProblem.invalid("fields is key, or absent.") }
        let isKeysOnly = parameters["fields"] != nil
        let limitMax = isKeysOnly ? Self.keyLimitMax : Self.limitMax
        guard let limit = Int(parameters["limit"] ?? "100"), (1...limitMax).contains(limit) else {
            throw ShopProblem.invalid("limit is 1 to \(limitMax).")
        }
        let after = try parameters["cursor"].map { text in
            guard let key = Self.key(ofCursor: text) else { throw ShopProblem.invalid("cursor is none of ours.") }
            return key
        }
        return try await database.read { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT key, revision, changedAt, body FROM directRow
                    WHERE system = ? AND dataset = ? AND key > ? ORDER BY key LIMIT ?
                    """, arguments: [name, schema.rawValue, after ?? "", limit + 1])
            let items = rows.prefix(limit).map { row in
                isKeysOnly ? shopKeyBytes(row["key"], schema) : Self.bytes(of: row, schema)
            }
            var out = Array("{\"items\":[".utf8)
            out.append(contentsOf: items.joined(separator: [UInt8(ascii: ",")]))
            out.append(contentsOf: "],\"next_cursor\":".utf8)
            let last: String? = rows.count > limit ? rows[limit - 1]["key"] : nil
            SimJSON(last.map { hexText($0.utf8) }).write(to: &out)
            out.append(UInt8(ascii: "}"))
            return .json(200, bytes: out)
        }
    }

    private static func key(ofCursor text: String) -> String? {
        var bytes: [UInt8] = []
        var digits = text.utf8.makeIterator()
        while let high = digits.next() {
            guard let low = digits.next().flatMap(hexDigit), let high = hexDigit(high) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// `{"keys":[{…},…]}` gives `{"items":[row or null,…]}` in the same order.
    func lookUp(_ schema: ShopSchema, _ body: [UInt8]) async throws -> SimResponse {
        guard let keys = (try? SimJSON(parsing: body))?["keys"]?.elements else {
            throw ShopProblem.invalid("keys is an array of objects.")
        }
        guard keys.count <= Self.batchRowsMax else {
            throw ShopProblem(413, "too_large", "At most \(Self.batchRowsMax) keys.")
        }
        let names = try keys.map { key in
            guard let name = schema.key(of: key) else { throw ShopProblem.invalid("A key lacks a member.") }
            return name
        }
        return try await database.read { [self] db in
            var out = Array("{\"items\":[".utf8)
            for (index, key) in names.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                guard let row = try find(key, schema, db) else {
                    out.append(contentsOf: "null".utf8)
                    continue
                }
                out.append(contentsOf: Self.bytes(of: row, schema))
            }
            out.append(contentsOf: "]}".utf8)
            return .json(200, bytes: out)
        }
    }

    func find(_ key: String, _ schema: ShopSchema, _ db: Database) throws -> Row? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT key, revision, changedAt, body FROM directRow WHERE system = ? AND dataset = ? AND key = ?
                """, arguments: [name, schema.rawValue, key])
    }

    /// The row with what the shop adds to it.
    private static func bytes(of row: Row, _ schema: ShopSchema) -> [UInt8] {
        let revision: Int64 = row["revision"]
        var out = shopRowBytes(row, schema)
        out.removeLast()
        out.append(contentsOf: ",\"revision\":\(revision)}".utf8)
        return out
    }

    // MARK: For people

    func describedDatasets() async throws -> [ShopDataset] {
        try await database.read { [self] db in
            try ShopSchema.allCases.map { schema in
                var hash = SHA256()
                var (count, latest, changedAt) = (0, Int64(0), Int64(0))
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT revision, changedAt, hash FROM directRow WHERE system = ? AND dataset = ? ORDER BY key
                        """, arguments: [name, schema.rawValue])
                while let row = try rows.next() {
                    try row.withUnsafeData(atIndex: 2) { hash.update(data: $0 ?? .init()) }
                    count += 1
                    latest = max(latest, row["revision"])
                    changedAt = max(changedAt, row["changedAt"])
                }
                return ShopDataset(
                    name: schema.rawValue, liveVersion: latest, previousVersion: nil, count: count,
                    digest: hexText(hash.finalize()), importID: nil,
                    committedAt: count > 0 ? Instant(milliseconds: changedAt) : nil)
            }
        }
    }

    func describedUploads() async throws -> [ShopImport] { [] }

    func productCount() async throws -> Int {
        try await database.read { [self] db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM directRow WHERE system = ? AND dataset = 'products'", arguments: [name])
                ?? 0
        }
    }

    func liveRows(_ schema: ShopSchema, startingWith prefix: String, limit: Int) async throws -> [String] {
        try await database.read { [self] db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT key, body FROM directRow WHERE system = ? AND dataset = ? AND key >= ? ORDER BY key",
                arguments: [name, schema.rawValue, prefix])
            var found: [String] = []
            while found.count < limit, let row = try rows.next() {
                let key: String = row["key"]
                guard key.utf8.starts(with: prefix.utf8) else { break }
                let body: Data = row["body"]
                found.append(String(decoding: body, as: UTF8.self))
            }
            return found
        }
    }
}
