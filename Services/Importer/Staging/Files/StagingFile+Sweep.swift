extension StagingFile {
    /// Starts a second reading of the source that takes keys only; forgets one made before.
    ///
    /// Pages are then fed with the same calls as those of the read. The set itself does not change.
    public func beginSweep() throws(StagingError) {
        precondition(page == .none, "a page is still in hand")
        guard isSealed else { throw .notSealed }
        // Which keys came and went is found by looking them up.
        try file.execute(StagingSchema.index)
        try file.execute("DROP INDEX IF EXISTS sweepByKey; DELETE FROM sweep; DELETE FROM sweepPage")
        sweepPages = 0
        isSweeping = true
    }

    /// Ends the sweep and compares its keys with those of the read.
    public func finishSweep() throws(StagingError) -> SweepFigures {
        precondition(page == .none && isSweeping, "no sweep has been begun, or a page is still in hand")
        isSweeping = false
        try commitWholePages()
        try file.execute("CREATE INDEX sweepByKey ON sweep(key)")
        let twiceInRead = "SELECT key FROM item INDEXED BY itemByKey GROUP BY key HAVING count(*) > 1"
        let twiceInSweep = "SELECT key FROM sweep INDEXED BY sweepByKey GROUP BY key HAVING count(*) > 1"
        let differ = try file.integer(
            """
            SELECT EXISTS(SELECT * FROM (\(twiceInRead)) EXCEPT SELECT * FROM (\(twiceInSweep)))
                OR EXISTS(SELECT * FROM (\(twiceInSweep)) EXCEPT SELECT * FROM (\(twiceInRead)))
            """)
        return SweepFigures(
            rowsRead: try file.integer("SELECT sum(rows) FROM sweepPage"),
            distinctKeys: try file.integer("SELECT count(DISTINCT key) FROM sweep"),
            notReadBefore: try file.integer(
                """
                SELECT count(DISTINCT key) FROM sweep
                WHERE NOT EXISTS(SELECT * FROM item INDEXED BY itemByKey WHERE item.key = sweep.key)
                """),
            goneSince: try file.integer(
                """
                SELECT count(DISTINCT key) FROM item INDEXED BY itemByKey
                WHERE NOT EXISTS(SELECT * FROM sweep INDEXED BY sweepByKey WHERE sweep.key = item.key)
                """),
            sameDuplicates: differ == 0,
            unreadableCount: try file.integer("SELECT sum(unreadable) FROM sweepPage"))
    }
}
