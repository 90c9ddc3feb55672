import CoreTypes
import GRDB
import Messaging
public import Persistence

/// The notifier's SQLite file: address lists, incidents and outgoing mails.
public struct NotifierDatabase: Sendable {
    let database: ServiceDatabase

    public init(_ location: DatabaseLocation) throws {
        database = try ServiceDatabase(location, migrator: Self.migrator)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Inbox.registerMigrations(&migrator)
        migrator.registerRecipients()
        migrator.registerIncidents()
        migrator.registerMessages()
        migrator.registerFaultySystem()
        AnsweredCalls.registerMigrations(&migrator)
        return migrator
    }

    /// Whether the database answers: part of the service's health.
    public func fault() async -> StorageFault? { await database.fault() }

    /// What people should know although the service works: part of its health.
    public func healthNotes() async throws -> [String] {
        try await database.read { db in try Inbox.healthNotes(db) + MessageTable.healthNotes(db) }
    }

    /// Remembers what a merchant is called; events carry the name, requests only the id.
    static func remember(_ name: String, of merchant: MerchantID, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO merchant (merchantID, name) VALUES (?, ?)
                ON CONFLICT (merchantID) DO UPDATE SET name = excluded.name
                """, arguments: [merchant, name])
    }

    /// The id until a first event has told the name.
    static func name(of merchant: MerchantID, _ db: Database) throws -> String {
        try String.fetchOne(db, sql: "SELECT name FROM merchant WHERE merchantID = ?", arguments: [merchant])
            ?? merchant.description
    }
}

/// A word in the database that this version does not know.
func storedWordUnknown(_ word: String) -> ServiceError {
    ServiceError(.dataLoss, reason: "stored_word_unknown", arguments: ["word": word])
}
