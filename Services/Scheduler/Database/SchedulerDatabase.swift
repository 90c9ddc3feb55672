public import GRDB
import Messaging
public import Persistence

/// The scheduler's own SQLite file; no other process opens it. One file per table beside this one.
public enum SchedulerDatabase {
    /// Opens the file and brings it up to date.
    public static func open(_ location: DatabaseLocation) throws -> ServiceDatabase {
        try ServiceDatabase(location, migrator: migrator)
    }

    public static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        Outbox.registerMigrations(&migrator)
        migrator.registerControlPlane()
        migrator.registerRuns()
        migrator.registerAnsweredCalls()
        return migrator
    }
}
