public import CoreTypes
public import SchedulerAPI

extension PublishedSet {
    /// The crash points that ``adopt(_:modules:versions:run:token:at:crashPoints:)`` passes.
    public static let crashPoints = ["prepared", "removed", "inserted", "noted", "committed"].map { step in
        "staging.adopt.\(step)"
    }

    /// Notes that the shop now has the staged set, in these modules, under these versions. One durable transaction.
    ///
    /// Doing it again changes nothing.
    ///
    /// - Throws: `.superseded` when a run with a higher token has published or been noted; then nothing has changed.
    public func adopt(
        _ staged: StagingFile, modules: [Module], versions: [Module: String], run: RunID, token: Int64,
        at now: Instant, crashPoints: CrashPoints = .none
    ) throws(StagingError) {
        let modules = Module.allCases.filter(modules.contains)
        try attach(staged)
        try comparing { () throws(StagingError) in
            try refuseLower(token)
            try prepare(staged, modules)
            crashPoints.passing("staging.adopt.prepared")
            try removeGone(modules)
            crashPoints.passing("staging.adopt.removed")
            try insertChanged(modules, staged.keyOrder ?? .byIndex)
            crashPoints.passing("staging.adopt.inserted")
            try note(modules, versions, run, token, now, isContentKnown: true)
            if modules.contains(.stock) { try setMeta(PublishedSchema.stockSum, staged.totals().stock?.description) }
            crashPoints.passing("staging.adopt.noted")
        }
        crashPoints.passing("staging.adopt.committed")
        try detach()
    }

    /// Begins to take the shop's own list; one that was begun before is forgotten.
    public func beginShopList() throws(StagingError) {
        try file.execute(
            "DROP TABLE IF EXISTS temp.listed; CREATE TEMP TABLE listed(key TEXT NOT NULL, name TEXT NOT NULL)")
    }

    /// Takes a page of the list, in any order; each code comes once. It is kept on disk, so that memory does not follow the
    /// catalogue.
    public func takeShopList(_ page: [(key: String, name: String)]) throws(StagingError) {
        try file.transaction { () throws(StagingError) in
            let insert = try file.prepare("INSERT INTO temp.listed VALUES(?, ?)")
            for item in page {
                try insert.bind(1, item.key)
                try insert.bind(2, item.name)
                try insert.run()
            }
        }
    }

    /// Notes what the shop says it has, when another importer published last: the keys and names of the list that was
    /// taken, but no content.
    ///
    /// Missing items can then be named. The next publication has to be in full mode, as nothing is known to be equal.
    public func recordShopList(
        modules: [Module], versions: [Module: String], run: RunID, token: Int64, at now: Instant
    ) throws(StagingError) {
        forgetComparison()
        try file.transaction { () throws(StagingError) in
            try refuseLower(token)
            try file.execute(
                """
                DELETE FROM item;
                DELETE FROM meta WHERE name LIKE 'known.%' OR name LIKE 'version.%'
                    OR name = '\(PublishedSchema.stockSum)'
                """)
            let hashes = Module.allCases.map { modules.contains($0) ? "x''" : "NULL" }.joined(separator: ", ")
            try file.execute(
                """
                INSERT OR IGNORE INTO main.item(key, name, products, prices, stock)
                SELECT key, name, \(hashes) FROM temp.listed ORDER BY key;
                """)
            try note(modules, versions, run, token, now, isContentKnown: false)
        }
        try file.execute("DROP TABLE temp.listed")
    }

    private func refuseLower(_ token: Int64) throws(StagingError) {
        guard let highest = try meta("token").flatMap({ Int64($0) }), highest > token else { return }
        throw .superseded(highest: highest)
    }

    private func removeGone(_ modules: [Module]) throws(StagingError) {
        let cleared = modules.flatMap { module in
            ["\(module.rawValue) = NULL"] + (PublishedSchema.rowList(module).map { ["\($0) = NULL"] } ?? [])
        }
        guard !cleared.isEmpty else { return }
        try file.execute(
            """
            UPDATE main.item SET \(cleared.joined(separator: ", ")) WHERE key IN (SELECT key FROM temp.gone);
            DELETE FROM main.item WHERE key IN (SELECT key FROM temp.gone)
                AND products IS NULL AND prices IS NULL AND stock IS NULL;
            """)
    }

    /// Writes the changed items in the order of their keys: in any other the file would be read and written all over.
    private func insertChanged(_ modules: [Module], _ order: KeyOrder) throws(StagingError) {
        let columns = modules.flatMap { module in
            [module.rawValue] + (PublishedSchema.rowList(module).map { [$0] } ?? [])
        }
        guard !columns.isEmpty else { return }
        let list = (["key", "name"] + columns).joined(separator: ", ")
        let staged = (["key", "name"] + columns).map { "s.\($0)" }.joined(separator: ", ")
        let name = "name = iif(excluded.name = '', item.name, excluded.name)"
        let updates = ([name] + columns.map { "\($0) = excluded.\($0)" }).joined(separator: ", ")
        let changed = try file.integer("SELECT count(*) FROM temp.change")
        let total = try file.integer("SELECT count(*) FROM staged.item")
        let byIndex = order == .byIndex
        // All of a set is read through its index of keys; a part of it is quicker picked out and sorted.
        let source =
            byIndex && changed == total
            ? "staged.item AS s INDEXED BY itemByKey WHERE true ORDER BY s.key"
            : "temp.change AS c CROSS JOIN staged.item AS s ON s.id = c.id WHERE true "
                + "ORDER BY \(byIndex ? "s.key" : "c.id")"
        try file.execute(
            """
            INSERT INTO main.item(\(list)) SELECT \(staged) FROM \(source)
            ON CONFLICT(key) DO UPDATE SET \(updates)
            """)
    }

    private func note(
        _ modules: [Module], _ versions: [Module: String], _ run: RunID, _ token: Int64, _ now: Instant,
        isContentKnown: Bool
    ) throws(StagingError) {
        try setMeta("run", run.rawValue)
        try setMeta("token", "\(token)")
        try setMeta("publishedAt", "\(now.milliseconds)")
        for module in modules {
            try setMeta("version.\(module.rawValue)", versions[module])
            try setMeta("known.\(module.rawValue)", isContentKnown ? "1" : nil)
        }
    }
}
