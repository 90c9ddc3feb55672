import GRDB
import Messaging
public import Persistence

/// The monitor's SQLite file: policies, verdicts with their evidence, and how runs ended.
public struct MonitorDatabase: Sendable {
    let database: ServiceDatabase

    public init(_ location: DatabaseLocation) throws {
        database = try ServiceDatabase(location, migrator: Self.migrator)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Inbox.registerMigrations(&migrator)
        Fence.registerMigrations(&migrator)
        migrator.registerPolicyChanges()
        migrator.registerVerdicts()
        migrator.registerRuns()
        return migrator
    }

    /// Whether the database answers: part of the service's health.
    public func isUsable() async -> Bool { await database.isUsable() }

    /// What people should know although the service works: part of its health.
    public func healthNotes() async throws -> [String] {
        try await database.read { db in try Inbox.healthNotes(db) }
    }
}
