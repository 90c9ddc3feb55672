public import Persistence
import GRDB

/// The sandbox's database: what the simulated systems hold survives a restart, so that a demonstration goes on.
public enum SandboxDatabase {
    /// - Throws: What ``ServiceDatabase`` throws when it cannot open or migrate.
    public static func open(_ location: DatabaseLocation) throws -> ServiceDatabase {
        try ServiceDatabase(location, migrator: migrator)
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerSystems()
        migrator.registerShops()
        migrator.registerMail()
        migrator.registerDirectShops()
        return migrator
    }
}
