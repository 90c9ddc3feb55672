import GRDB

extension DatabaseMigrator {
    /// Runs of a connection in the order they were told, which no clock can change.
    mutating func registerRunOrder() {
        registerMigration("004-run-order") { db in
            try db.create(index: "runByArrival", on: "run", columns: ["connectionID"])
        }
    }
}
