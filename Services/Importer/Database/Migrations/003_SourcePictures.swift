import GRDB

extension DatabaseMigrator {
    /// The fields each connection's source had, to be compared with.
    mutating func registerSourcePictures() {
        registerMigration("003-source-pictures") { db in
            try db.execute(
                sql: """
                    CREATE TABLE sourcePicture (
                        connectionID TEXT NOT NULL PRIMARY KEY,
                        -- As JSON, of the last run that published; NULL before the first.
                        published TEXT,
                        -- Of the run that looked last, until it has published.
                        seen TEXT NOT NULL,
                        seenBy TEXT NOT NULL
                    ) STRICT
                    """)
        }
    }
}
