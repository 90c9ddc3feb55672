import CoreTypes
import GRDB
import JSON
import NotifierAPI
import Persistence

/// Address lists. All functions run in the caller's transaction.
enum RecipientTable {
    static func list(of merchant: MerchantID, _ db: Database) throws -> [Recipient] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM recipient WHERE merchantID = ? ORDER BY isSupport, addedAt, address",
            arguments: [merchant]
        ).map(recipient)
    }

    static func put(_ recipient: Recipient, of merchant: MerchantID, _ db: Database) throws {
        let choice = recipient.choice
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO recipient
                    (merchantID, address, language, connectionIDs, kinds, isSupport, addedAt, addedBy, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                merchant, choice.address, choice.language, try choice.connectionIDs.map { try JSON.encodeText($0) },
                try choice.kinds.map { try JSON.encodeText($0) }, recipient.isSupport, recipient.addedAt,
                recipient.addedBy, recipient.reason,
            ])
    }

    static func remove(_ address: String, of merchant: MerchantID, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM recipient WHERE merchantID = ? AND address = ?", arguments: [merchant, address])
    }

    /// Keeps who changed the list and why.
    static func note(
        _ change: String, _ address: String, of merchant: MerchantID, by person: String, because reason: String,
        at now: Instant, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO recipientChange (merchantID, change, address, changedAt, changedBy, reason)
                VALUES (?, ?, ?, ?, ?, ?)
                """, arguments: [merchant, change, address, now, person, reason])
    }

    private static func recipient(_ row: Row) throws -> Recipient {
        let connections = try (row["connectionIDs"] as String?).map { try JSON.decode([ConnectionID].self, from: $0) }
        let kinds = try (row["kinds"] as String?).map { try JSON.decode([NoticeKind].self, from: $0) }
        return Recipient(
            choice: RecipientChoice(
                address: row["address"], language: row["language"], connectionIDs: connections, kinds: kinds),
            isSupport: row["isSupport"], addedAt: row["addedAt"], addedBy: row["addedBy"], reason: row["reason"])
    }
}

extension RecipientChoice {
    func wants(_ kind: NoticeKind, of connection: ConnectionID) -> Bool {
        (connectionIDs?.contains(connection) ?? true) && (kinds?.contains(kind) ?? true)
    }
}
