import CoreTypes
import FoundationEssentials
import GRDB
import Persistence

/// A request for rows of one data set. Its cursor names the version it began with, so that a reader who pages sees one
/// version whole, whatever is committed meanwhile.
struct ShopListQuery: Sendable {
    private struct Cursor {
        var version: Int64
        var changedAt: Int64
        var key: String

        init(version: Int64, changedAt: Int64, key: String) {
            self.version = version
            self.changedAt = changedAt
            self.key = key
        }

        init?(_ text: String) {
            var bytes: [UInt8] = []
            var digits = text.utf8.makeIterator()
            while let high = digits.next() {
                guard let low = digits.next().flatMap(hexDigit), let high = hexDigit(high) else { return nil }
                bytes.append(high << 4 | low)
            }
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "|", maxSplits: 2)
            guard parts.count == 3, let version = Int64(parts[0]), let changedAt = Int64(parts[1]) else { return nil }
            self.init(version: version, changedAt: changedAt, key: String(parts[2]))
        }

        var text: String { hexText("\(version)|\(changedAt)|\(key)".utf8) }
    }

    private let schema: ShopSchema
    private let limit: Int
    private let cursor: Cursor?
    private let wantsTotal: Bool
    private let isByChange: Bool
    private let updatedSince: Instant?
    private let includesDeleted: Bool
    private let firstKeyPart: String?
    /// Rows come with the members of their key only.
    private let isKeysOnly: Bool

    /// Rows a page may have, and how many of them when only keys are asked for.
    static let limitMax = 500
    static let keyLimitMax = 5_000

    init(_ schema: ShopSchema, _ parameters: QueryItems) throws {
        self.schema = schema
        if let fields = parameters["fields"], fields != "key" { throw ShopProblem.invalid("fields is key, or absent.") }
        isKeysOnly = parameters["fields"] != nil
        let limitMax = isKeysOnly ? Self.keyLimitMax : Self.limitMax
        limit =
            try parameters["limit"].map { text in
                guard let limit = Int(text), (1...limitMax).contains(limit) else {
                    throw ShopProblem.invalid("limit is 1 to \(limitMax).")
                }
                return limit
            } ?? 100
        cursor = try parameters["cursor"].map { text in
            guard let cursor = Cursor(text) else { throw ShopProblem.invalid("cursor is none of ours.") }
            return cursor
        }
        updatedSince = try parameters["updated_since"].map { text in
            guard let instant = Instant(rfc3339: text) else {
                throw ShopProblem.invalid("updated_since is no UTC time.")
            }
            return instant
        }
        let order = parameters["order"] ?? "id"
        guard ["id", "updated_at"].contains(order) else { throw ShopProblem.invalid("order is id or updated_at.") }
        isByChange = order == "updated_at"
        wantsTotal = parameters["include_total"] == "true"
        includesDeleted = parameters["include_deleted"] == "true"
        firstKeyPart = parameters[schema.keyMembers[0]]
    }

    /// The version this request reads: the one its cursor began with, else the live one.
    private func version(in dataset: ShopDatasetRecord, _ db: Database) throws -> Int64 {
        guard let cursor, cursor.version != dataset.liveVersion else { return dataset.liveVersion }
        let isKept = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM shopVersion WHERE datasetRef = ? AND version = ?)",
            arguments: [dataset.ref, cursor.version])
        guard isKept == true else {
            throw ShopProblem(410, "cursor_expired", "The version this cursor reads is gone; begin again.")
        }
        return cursor.version
    }

    private func condition(_ version: Int64, after cursor: Cursor?) -> (sql: String, arguments: StatementArguments) {
        var sql = "datasetRef = ? AND addedVersion <= ? AND (removedVersion IS NULL OR removedVersion > ?)"
        var arguments: [any DatabaseValueConvertible] = [version, version]
        if let firstKeyPart {
            let end = firstKeyPart + (schema.keyMembers.count > 1 ? String(shopKeySeparator) : "")
            if schema.keyMembers.count > 1 {
                sql += " AND key >= ? AND key < ?"
                arguments += [end, firstKeyPart + "\u{20}"]
            } else {
                sql += " AND key = ?"
                arguments.append(end)
            }
        }
        if let updatedSince {
            sql += " AND changedAt >= ?"
            arguments.append(updatedSince)
        }
        if let cursor {
            sql += isByChange ? " AND (changedAt, key) > (?, ?)" : " AND key > ?"
            if isByChange { arguments.append(cursor.changedAt) }
            arguments.append(cursor.key)
        }
        return (sql, StatementArguments(arguments))
    }

    func count(in dataset: ShopDatasetRecord, _ db: Database) throws -> Int {
        let version = try version(in: dataset, db)
        if version == dataset.liveVersion, firstKeyPart == nil, updatedSince == nil { return dataset.count }
        let condition = condition(version, after: nil)
        return try Int.fetchOne(
            db, sql: "SELECT COUNT(*) FROM shopRow WHERE \(condition.sql)",
            arguments: [dataset.ref] + condition.arguments)
            ?? 0
    }

    /// `{"items":[…],"next_cursor":…,"total":…,"version":…}`
    func page(of dataset: ShopDatasetRecord, _ db: Database) throws -> [UInt8] {
        let version = try version(in: dataset, db)
        let condition = condition(version, after: cursor)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT key, changedAt\(isKeysOnly ? "" : ", body") FROM shopRow WHERE \(condition.sql)
                ORDER BY \(isByChange ? "changedAt, key" : "key") LIMIT \(limit + 1)
                """, arguments: [dataset.ref] + condition.arguments)
        var items = rows.prefix(limit).map { isKeysOnly ? shopKeyBytes($0["key"], schema) : shopRowBytes($0, schema) }
        var next = SimJSON.null
        if rows.count > limit {
            let last = rows[limit - 1]
            next = .string(Cursor(version: version, changedAt: last["changedAt"], key: last["key"]).text)
        } else if includesDeleted {
            items += try deletions(dataset, db)
        }
        var out = Array("{\"items\":[".utf8)
        out.append(contentsOf: items.joined(separator: [UInt8(ascii: ",")]))
        out.append(contentsOf: "],\"next_cursor\":".utf8)
        next.write(to: &out)
        out.append(contentsOf: ",\"total\":".utf8)
        (wantsTotal ? SimJSON(try count(in: dataset, db)) : SimJSON.null).write(to: &out)
        out.append(contentsOf: ",\"version\":\(version)}".utf8)
        return out
    }

    /// Told with the last page.
    private func deletions(_ dataset: ShopDatasetRecord, _ db: Database) throws -> [[UInt8]] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT key, deletedAt FROM shopTombstone WHERE datasetRef = ? AND deletedAt >= ? ORDER BY key",
            arguments: [dataset.ref, updatedSince?.milliseconds ?? .min])
        return rows.map { row in
            let key: String = row["key"]
            let deletedAt: Instant = row["deletedAt"]
            let names = shopKeyMembers(key, schema)
            return SimJSON.object(names + [SimMember("deleted_at", .string(deletedAt.description))]).bytes
        }
    }
}

func shopKeyMembers(_ key: String, _ schema: ShopSchema) -> [SimMember] {
    let parts = key.split(separator: shopKeySeparator).map(String.init)
    return zip(schema.keyMembers, parts).map { SimMember($0, .string($1)) }
}

/// The members that name a row, and nothing else of it.
func shopKeyBytes(_ key: String, _ schema: ShopSchema) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(key.utf8.count + 64)
    SimJSON.object(shopKeyMembers(key, schema)).write(to: &out)
    return out
}

/// The stored row with what the shop adds: an id for rows with one key, and when it last changed.
func shopRowBytes(_ row: Row, _ schema: ShopSchema) -> [UInt8] {
    let key: String = row["key"]
    let changedAt: Instant = row["changedAt"]
    let body: Data = row["body"]
    var out = Array("{".utf8)
    if schema.keyMembers.count == 1 { out.append(contentsOf: "\"id\":\"\(hexText(key.utf8))\",".utf8) }
    out.append(contentsOf: body.dropFirst().dropLast())
    out.append(contentsOf: ",\"updated_at\":\"\(changedAt)\"}".utf8)
    return out
}
