import CoreTypes
public import GRDB
import Messaging
public import Persistence
public import ServiceRuntime

/// The scheduler's own SQLite file; no other process opens it. One file per table beside this one.
public enum SchedulerDatabase {
    /// Opens the file and brings it up to date.
    public static func open(_ location: DatabaseLocation) throws -> ServiceDatabase {
        try ServiceDatabase(location, migrator: migrator)
    }

    /// What people should know although the service works: part of its health.
    public static func healthNotes(
        of database: ServiceDatabase, _ environment: ServiceEnvironment
    ) async throws -> [String] {
        let now = environment.wallClock.now()
        return try await database.read { db in
            try Outbox.healthNotes(at: now, db) + RunBook.healthNotes(at: now, db)
        }
    }

    public static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        migrator.registerControlPlane()
        migrator.registerRuns()
        migrator.registerAnsweredCalls()
        migrator.registerFailedTries()
        migrator.registerAddresses()
        migrator.registerPublication()
        migrator.registerRunProgress()
        migrator.registerFreshness()
        migrator.registerClaimants()
        return migrator
    }
}
