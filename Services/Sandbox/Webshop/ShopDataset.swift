import CoreTypes
import Crypto
import FoundationEssentials
import GRDB
import Persistence
import Synchronization

/// One data set of one webshop: which version is live, and what it has.
struct ShopDatasetRecord: Sendable {
    var ref: Int64
    var schema: ShopSchema
    var liveVersion: Int64
    var lastVersion: Int64
    var count = 0
    var importID: String?
    var committedAt: Instant?
    var previousVersion: Int64?

    /// Versions beside the live one that are kept.
    static let previousVersionsMax = 3

    /// Makes the row of the data set when it is the first time.
    static func find(_ schema: ShopSchema, system: String, _ db: Database) throws -> ShopDatasetRecord? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT d.ref, d.liveVersion, d.lastVersion, v.count, v.importID, v.committedAt,
                    (SELECT MAX(p.version) FROM shopVersion p
                     WHERE p.datasetRef = d.ref AND p.version < d.liveVersion) AS previousVersion
                FROM shopDataset d
                LEFT JOIN shopVersion v ON v.datasetRef = d.ref AND v.version = d.liveVersion
                WHERE d.system = ? AND d.name = ?
                """, arguments: [system, schema.rawValue])
        guard let row else { return nil }
        return ShopDatasetRecord(
            ref: row["ref"], schema: schema, liveVersion: row["liveVersion"], lastVersion: row["lastVersion"],
            count: row["count"] ?? 0, importID: row["importID"], committedAt: row["committedAt"],
            previousVersion: row["previousVersion"])
    }

    static func createAll(system: String, _ db: Database) throws {
        for schema in ShopSchema.allCases {
            try db.execute(
                sql: "INSERT OR IGNORE INTO shopDataset (system, name) VALUES (?, ?)",
                arguments: [system, schema.rawValue])
        }
    }

    /// Rows that came in or went out since version `version` was live.
    static func rollBack(_ dataset: ShopDatasetRecord, to version: Int64, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM shopRow WHERE datasetRef = ? AND addedVersion > ?", arguments: [dataset.ref, version])
        try db.execute(
            sql: "UPDATE shopRow SET removedVersion = NULL WHERE datasetRef = ? AND removedVersion > ?",
            arguments: [dataset.ref, version])
        try db.execute(
            sql: "DELETE FROM shopVersion WHERE datasetRef = ? AND version > ?", arguments: [dataset.ref, version])
        try db.execute(
            sql: "UPDATE shopDataset SET liveVersion = ? WHERE ref = ?", arguments: [version, dataset.ref])
    }

    /// SHA-256 over the hashes of the live rows in the order of their keys, lower-case hex.
    func digest(_ db: Database) throws -> String {
        var hash = SHA256()
        let rows = try Row.fetchCursor(
            db, sql: "SELECT hash FROM shopRow WHERE datasetRef = ? AND removedVersion IS NULL ORDER BY key",
            arguments: [ref])
        while let row = try rows.next() {
            try row.withUnsafeData(atIndex: 0) { hash.update(data: $0 ?? .init()) }
        }
        return hexText(hash.finalize())
    }
}

/// Digests of live versions, which never change, so each is calculated once.
final class ShopDigests: Sendable {
    private struct Key: Hashable {
        var ref: Int64
        var version: Int64
    }

    private let known = Mutex<[Key: String]>([:])

    func digest(of dataset: ShopDatasetRecord, _ db: Database) throws -> String {
        let key = Key(ref: dataset.ref, version: dataset.liveVersion)
        if let digest = known.withLock({ $0[key] }) { return digest }
        let digest = try dataset.digest(db)
        known.withLock { $0[key] = digest }
        return digest
    }
}
