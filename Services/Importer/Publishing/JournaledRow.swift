import Connectors
import CoreTypes
import FoundationEssentials
import GRDB
import Persistence
import SchedulerAPI

/// One row of a publish, as it is in the journal.
struct JournaledRow: Sendable, Equatable {
    enum State: String, Sendable {
        /// Not sent.
        case planned
        /// About to be sent, or sent and not answered: only the shop knows.
        case sent
        case applied
        /// The shop will not have it.
        case refused
        /// What was there before is there again, or it never was changed.
        case reverted
    }

    /// A row's bytes and what they say.
    struct Body: Sendable, Equatable {
        var bytes: [UInt8]
        var content: RowContent
    }

    var position: Int64
    var module: Module
    var key: String
    /// nil removes the row.
    var sent: Body?
    /// What was there right before it was written; nil for nothing.
    var old: Body?
    var state: State

    /// Whether the shop has what was sent.
    func isAsSent(_ current: ShopRow?) -> Bool { current?.content == sent?.content }
    /// Whether the shop has what it had before.
    func isAsBefore(_ current: ShopRow?) -> Bool { current?.content == old?.content }

    var isRemoval: Bool { sent == nil }

    /// The parts of a key for people: `A100042 / retail`.
    static func words(_ key: String) -> String {
        key.split(separator: "\u{1F}", omittingEmptySubsequences: false).joined(separator: " / ")
    }

    func told(_ detail: String) -> PushedRow { PushedRow(module: module, key: Self.words(key), detail: detail) }
}

extension JournaledRow {
    fileprivate init(_ row: Row) {
        guard let module = Module(rawValue: row["module"]), let state = State(rawValue: row["state"]) else {
            preconditionFailure("the schema checks state and module")
        }
        self.init(
            position: row["position"], module: module, key: row["key"],
            sent: Self.body(row["sent"], row["sentContent"]),
            old: Self.body(row["old"], row["oldContent"]), state: state)
    }

    private static func body(_ bytes: Data?, _ content: Data?) -> Body? {
        guard let bytes, let content else { return nil }
        return Body(bytes: Array(bytes), content: RowContent(bytes: Array(content)))
    }
}

/// Which way a journal is worked through.
enum PushDirection: Sendable {
    case forward
    case backward

    /// Rows that are still to be looked at.
    fileprivate var states: String { self == .forward ? "('planned', 'sent')" : "('sent', 'applied')" }
    fileprivate var order: String { self == .forward ? "ASC" : "DESC" }
    fileprivate var comparison: String { self == .forward ? ">" : "<" }
    var start: Int64 { self == .forward ? 0 : .max }
}

extension PublishJournal {
    /// The next rows of one module that are all put or all removed.
    ///
    /// - Parameter position: Where the batch before ended.
    func batch(_ direction: PushDirection, beyond position: Int64, limit: Int) async throws -> [JournaledRow] {
        let rows = try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM pushedRow WHERE position \(direction.comparison) ? AND state IN \(direction.states)
                    ORDER BY position \(direction.order) LIMIT ?
                    """, arguments: [position, limit]
            ).map { JournaledRow($0) }
        }
        guard let first = rows.first else { return [] }
        return Array(rows.prefix { $0.module == first.module && $0.isRemoval == first.isRemoval })
    }

    /// What was found and decided about rows, in one transaction.
    func note(_ changes: [Change]) async throws {
        guard !changes.isEmpty else { return }
        try await database.write { db in
            for change in changes {
                let (assignments, values) = change.assignments
                try db.execute(
                    sql: "UPDATE pushedRow SET \(assignments) WHERE position = ?",
                    arguments: StatementArguments(values + [change.position]))
            }
        }
    }

    enum Change: Sendable {
        /// About to be sent over what the shop has now.
        case sending(JournaledRow, over: ShopRow?)
        case settled(JournaledRow, JournaledRow.State)
        /// The shop already had it, so nothing was sent.
        case alreadyThere(JournaledRow, ShopRow?)
        case refused(JournaledRow, String)
        /// About to be taken back, although somebody has changed it since.
        case found(JournaledRow, ShopRow?)
        /// Could not be taken back.
        case stuck(JournaledRow, String)

        fileprivate var position: Int64 {
            switch self {
            case .sending(let row, _), .settled(let row, _), .alreadyThere(let row, _), .refused(let row, _),
                .found(let row, _), .stuck(let row, _):
                row.position
            }
        }

        fileprivate var assignments: (String, [(any DatabaseValueConvertible)?]) {
            switch self {
            case .sending(let row, let current):
                // Another value than before an earlier try: somebody else wrote in between. The first one is kept, too.
                (
                    row.state == .sent && !row.isAsBefore(current)
                        ? "found = old, old = ?, oldContent = ?" : "state = 'sent', old = ?, oldContent = ?",
                    [current?.bodyData, current?.contentData]
                )
            case .settled(_, let state): ("state = ?, detail = NULL", [state.rawValue])
            case .alreadyThere(_, let current):
                ("state = 'applied', old = ?, oldContent = ?", [current?.bodyData, current?.contentData])
            case .refused(_, let words): ("state = 'refused', detail = ?", [words])
            case .found(_, let current): ("found = ?", [current?.bodyData])
            case .stuck(_, let words): ("detail = ?", [words])
            }
        }
    }
}

extension ShopRow {
    fileprivate var bodyData: Data { Data(body) }
    fileprivate var contentData: Data { Data(content.bytes) }
}
