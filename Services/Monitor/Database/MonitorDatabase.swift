import CoreTypes
import GRDB
import Messaging
public import Persistence

/// The monitor's SQLite file: policies, verdicts with their evidence, approvals, how runs ended, and receipts.
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
        migrator.registerRunOrder()
        migrator.registerPolicyRules()
        migrator.registerHolds()
        migrator.registerReceipts()
        return migrator
    }

    /// One transaction, with the crash points of `step`.
    func write<Value: Sendable>(
        _ step: MonitorStep, _ crashPoints: CrashPoints, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await database.write(step, crashPoints, body)
    }

    /// Whether the database answers: part of the service's health.
    public func fault() async -> StorageFault? { await database.fault() }

    /// What people should know although the service works: part of its health.
    public func healthNotes() async throws -> [String] {
        try await database.read { db in try Inbox.healthNotes(db) }
    }
}
