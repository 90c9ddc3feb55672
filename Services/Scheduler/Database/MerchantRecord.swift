import CoreTypes
import GRDB
import Persistence
import SchedulerAPI

/// A row of `merchant`.
struct MerchantRecord: Codable, Sendable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "merchant"

    var id: MerchantID
    var name: String
    var number: String?
    var language: Language
    var timeZone: String
    var createdAt: Instant
    var createdBy: String

    static func find(_ id: MerchantID, _ db: Database) throws -> MerchantRecord {
        guard let merchant = try fetchOne(db, sql: "SELECT * FROM merchant WHERE id = ?", arguments: [id]) else {
            throw SchedulerFault.unknownMerchant(id)
        }
        return merchant
    }

    /// - Throws: ``SchedulerFault/nameTaken(name:by:)``
    func add(_ db: Database) throws {
        let other = try String.fetchOne(db, sql: "SELECT id FROM merchant WHERE name = ?", arguments: [name])
        if let other { throw SchedulerFault.nameTaken(name: name, by: other) }
        try insert(db)
    }

    /// By name; `query` is a part of name or number, or a whole id.
    static func list(query: String?, after name: String?, limit: Int, _ db: Database) throws -> [MerchantRecord] {
        try fetchAll(
            db,
            sql: """
                SELECT * FROM merchant
                WHERE (:query IS NULL OR instr(lower(name), lower(:query)) > 0 OR instr(number, :query) > 0
                    OR id = :query)
                    AND (:after IS NULL OR name > :after)
                ORDER BY name LIMIT :limit
                """, arguments: ["query": query, "after": name, "limit": limit])
    }

    func summary(_ db: Database) throws -> MerchantSummary {
        MerchantSummary(
            merchantID: id, name: name, number: number, language: language, timeZone: timeZone,
            isOn: try SwitchRecord.integration(of: id, db)?.isOn ?? true,
            connectionCount: try Int.fetchOne(
                db, sql: "SELECT count(*) FROM connection WHERE merchantID = ?", arguments: [id]) ?? 0,
            createdAt: createdAt)
    }
}
