import GRDB
public import Persistence

/// The importer's own file: the journal of the runs in hand.
public struct ImporterDatabase: Sendable {
    let database: ServiceDatabase

    public init(_ location: DatabaseLocation) throws {
        var migrator = DatabaseMigrator()
        migrator.registerRunJournal()
        migrator.registerHeldEvidence()
        migrator.registerSourcePictures()
        migrator.registerSourceReads()
        database = try ServiceDatabase(location, migrator: migrator)
    }
}
