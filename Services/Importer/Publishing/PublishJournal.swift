import Connectors
import CoreTypes
import FoundationEssentials
import GRDB
import Persistence
import SchedulerAPI
import Staging

/// Everything one publish changes at a shop without staging, row by row, with what was there before: written before the
/// shop is, in a durable file (WAL, `synchronous=FULL`) of its own.
///
/// Rows are pushed in the order of their positions and taken back in the opposite one.
struct PublishJournal: Sendable {
    enum State: String, Sendable {
        /// Rows are still being entered.
        case planning
        /// All rows are entered; nothing has been sent.
        case planned
        case pushing
        /// All rows are at the shop.
        case done
        case reverting
        /// No row is at the shop any more.
        case reverted
        /// Another importer may have published before this one could go on: its rows are no longer known to be ours.
        case overtaken

        /// Whether the shop may have rows of it, and neither all nor none.
        var isUnfinished: Bool { self == .pushing || self == .reverting }
        var isBegun: Bool { self != .planning && self != .planned }
    }

    struct Record: Sendable, Equatable {
        var name: PublishJournals.Name
        /// Which shop its rows are of.
        var shop: String
        var state: State
        /// The publish before it, whose set is live again once this one is taken back; nil when that is not known.
        var previousRun: RunID?
        var createdAt: Instant
        /// Whose set a rollback is to bring back by taking this publish back; nil when it is not one that does.
        var wantedRun: RunID?
        /// The highest token under which this importer has worked on it.
        var seenToken: Int64
    }

    let database: ServiceDatabase
    private let onState: @Sendable (State) -> Void

    /// - Parameter onState: Told of each state that was recorded.
    init(path: String, onState: @escaping @Sendable (State) -> Void = { _ in }) throws {
        database = try ServiceDatabase(.file(path), migrator: Self.migrator)
        self.onState = onState
    }

    func close() { try? database.writer.close() }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001-publish") { db in
            try db.execute(
                sql: """
                    CREATE TABLE publish (
                        run TEXT PRIMARY KEY,
                        connection TEXT NOT NULL,
                        shop TEXT NOT NULL,
                        token INTEGER NOT NULL,
                        seenToken INTEGER NOT NULL,
                        previousRun TEXT,
                        state TEXT NOT NULL CHECK (state IN
                            ('planning', 'planned', 'pushing', 'done', 'reverting', 'reverted', 'overtaken')),
                        createdAt INTEGER NOT NULL
                    ) WITHOUT ROWID;

                    CREATE TABLE pushedRow (
                        position INTEGER PRIMARY KEY,
                        module TEXT NOT NULL,
                        key TEXT NOT NULL,
                        -- What is sent; NULL removes the row.
                        sent BLOB,
                        sentContent BLOB,
                        -- The row as the shop gave it right before it was written; NULL when there was none.
                        old BLOB,
                        oldContent BLOB,
                        -- What somebody had made of it when it was taken back.
                        found BLOB,
                        state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN
                            ('planned', 'sent', 'applied', 'refused', 'reverted')),
                        -- The shop's words, when it will not have the row, or its old value.
                        detail TEXT,
                        UNIQUE (module, key),
                        CHECK ((sent IS NULL) = (sentContent IS NULL)), CHECK ((old IS NULL) = (oldContent IS NULL))
                    );

                    -- While planning: rows the shop has, and those that are to go once all others are entered.
                    CREATE TABLE listed (
                        module TEXT NOT NULL, key TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (module, key)
                    ) WITHOUT ROWID;
                    CREATE TABLE removal (module TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (module, key))
                        WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("002-wantedRun") { db in
            try db.execute(sql: "ALTER TABLE publish ADD COLUMN wantedRun TEXT")
        }
        return migrator
    }

    // MARK: The publish

    func begin(
        _ name: PublishJournals.Name, shop: String, after previousRun: RunID?, at now: Instant
    ) async throws {
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO publish (run, connection, shop, token, seenToken, previousRun, state, createdAt)
                    VALUES (?, ?, ?, ?, ?, ?, 'planning', ?)
                    """,
                arguments: [name.run, name.connection, shop, name.token, name.token, previousRun, now])
        }
    }

    /// - Returns: nil when the process died before the file was begun.
    func record() async throws -> Record? {
        try await database.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM publish") else { return nil }
            guard let state = State(rawValue: row["state"]) else { preconditionFailure("the schema checks the state") }
            return Record(
                name: PublishJournals.Name(connection: row["connection"], token: row["token"], run: row["run"]),
                shop: row["shop"], state: state, previousRun: row["previousRun"], createdAt: row["createdAt"],
                wantedRun: row["wantedRun"], seenToken: row["seenToken"])
        }
    }

    func enter(_ state: State) async throws {
        try await database.write { db in
            try db.execute(sql: "UPDATE publish SET state = ?", arguments: [state.rawValue])
        }
        onState(state)
    }

    /// Notes that this importer has the connection under a token.
    func note(token: Int64) async throws {
        try await database.write { db in
            try db.execute(sql: "UPDATE publish SET seenToken = max(seenToken, ?)", arguments: [token])
        }
    }

    /// Notes that it is taken back, with others, to bring the set of an earlier run back.
    func note(token: Int64, returningTo wanted: RunID?) async throws {
        try await database.write { db in
            try db.execute(
                sql: "UPDATE publish SET seenToken = max(seenToken, ?), wantedRun = ?", arguments: [token, wanted])
        }
    }

    /// How far it is.
    func figures() async throws -> PushedRows {
        try await database.read { db in
            var pushed = PushedRows(planned: 0, applied: 0)
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS rows FROM pushedRow GROUP BY state") {
                let (state, rows): (String, Int) = (row["state"], row["rows"])
                pushed.planned += rows
                // A row that was sent counts as being at the shop until it was looked at.
                if ["sent", "applied", "reverted"].contains(state) { pushed.applied += rows }
                if state == "reverted" { pushed.reverted += rows }
            }
            pushed.refused = try Self.told("state = 'refused'", db)
            pushed.stoppedAt = try Self.told("state IN ('sent', 'applied') AND detail IS NOT NULL", db)
            return pushed
        }
    }

    private static func told(_ condition: String, _ db: Database) throws -> PushedRow? {
        try Row.fetchOne(
            db, sql: "SELECT module, key, detail FROM pushedRow WHERE \(condition) ORDER BY position LIMIT 1"
        )
        .flatMap { row in
            guard let module = Module(rawValue: row["module"]) else { return nil }
            return PushedRow(module: module, key: JournaledRow.words(row["key"]), detail: row["detail"] ?? "")
        }
    }

    var isEmpty: Bool {
        get async throws {
            try await database.read { db in try Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM pushedRow)") }
                ?? true
        }
    }

    /// What was created, changed and removed of each module.
    func publication() async throws -> [Publication] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT module, sum(sent IS NOT NULL AND old IS NULL) AS created,
                        sum(sent IS NOT NULL AND old IS NOT NULL) AS updated, sum(sent IS NULL) AS removed
                    FROM pushedRow WHERE state = 'applied' GROUP BY module ORDER BY min(position)
                    """
            ).compactMap { row in
                Module(rawValue: row["module"]).map { module in
                    Publication(
                        module: module, mode: PublishMode.delta.rawValue, created: row["created"],
                        updated: row["updated"], removed: row["removed"])
                }
            }
        }
    }

    /// Rows of a module that were put, not removed, and are at the shop.
    func putCount(of module: Module) async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM pushedRow WHERE module = ? AND sent IS NOT NULL AND state = 'applied'",
                arguments: [module.rawValue]) ?? 0
        }
    }
}
