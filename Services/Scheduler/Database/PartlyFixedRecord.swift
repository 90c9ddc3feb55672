import GRDB

/// A row of which some columns never change once it is written.
///
/// Such columns stay out of updates: where one of them is what other rows refer to, SQLite looks through all of those
/// rows, which for a connection are its runs of years.
protocol PartlyFixedRecord: MutablePersistableRecord {
    static var fixedColumns: Set<String> { get }
}

extension PartlyFixedRecord {
    func update(_ db: Database) throws {
        let columns = Set(try db.columns(in: Self.databaseTableName).map(\.name))
        try update(db, columns: columns.subtracting(Self.fixedColumns))
    }
}
