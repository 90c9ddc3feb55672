import CoreTypes
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI

/// `POST /<dataset>/batch {"create":[…],"update":[…],"delete":[…]}`: each row is written for itself and is live at once.
/// What is answered 200 may hold rows that were refused, and what is answered with an error may hold rows that were not.
extension DirectShop {
    private struct Entry: Sendable {
        enum Action: String, CaseIterable { case create, update, delete }
        var action: Action
        var row: SimJSON
    }

    /// Rows that become live together; readers come in between.
    private static let rowsAtOnce = 10

    func write(_ schema: ShopSchema, _ body: [UInt8]) async throws -> SimResponse {
        let entries = try Self.entries(body)
        if let fault = faults.occur(.editBeforeBatch, if: { _ in !entries.isEmpty }) {
            try await editByHand(fault.count ?? 1, of: entries, schema)
        }
        let broken = faults.occur(.failInBatch, if: { entries.count >= ($0.page ?? 1) })
        let written = broken.map { Array(entries.prefix(($0.page ?? 1) - 1)) } ?? entries
        var answers: [(Entry.Action, SimJSON)] = []
        var rest = written[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.rowsAtOnce))
            rest = rest.dropFirst(Self.rowsAtOnce)
            let refuses = faults.peek(.refuseRow)?.target
            answers += try await database.write { [self] db in
                try some.map { entry in (entry.action, try write(entry, schema, refusing: refuses, db)) }
            }
        }
        if broken != nil { throw ShopProblem(500, "internal", "Something broke in the middle of the batch.") }
        if faults.occur(.dropAfterBatch, if: { _ in !entries.isEmpty }) != nil { return .cutAtOnce }
        let members = Entry.Action.allCases.map { action in
            SimMember(action.rawValue, .array(answers.filter { $0.0 == action }.map(\.1)))
        }
        return .json(200, .object(members))
    }

    private static func entries(_ body: [UInt8]) throws -> [Entry] {
        guard let batch = try? SimJSON(parsing: body), case .object = batch else {
            throw ShopProblem.invalid("The body is no object.")
        }
        let entries = Entry.Action.allCases.flatMap { action in
            (batch[action.rawValue]?.elements ?? []).map { Entry(action: action, row: $0) }
        }
        guard entries.count <= batchRowsMax else {
            throw ShopProblem(413, "too_large", "At most \(batchRowsMax) rows in a batch.")
        }
        return entries
    }

    // MARK: One row

    private struct Refusal: Error {
        var code: String
        var message: String
    }

    private func write(
        _ entry: Entry, _ schema: ShopSchema, refusing refused: String?, _ db: Database
    ) throws -> SimJSON {
        guard let key = schema.key(of: entry.row) else {
            return ["error": ["code": "missing_field", "message": "The row has no key."]]
        }
        let names = shopKeyMembers(key, schema)
        do {
            if let refused, entry.action != .delete, Self.isMeant(key, schema, by: refused) {
                _ = faults.occur(.refuseRow)
                throw Refusal(code: "row_refused", message: "This row is not taken.")
            }
            let revision = try apply(entry, key, schema, db)
            return .object(names + [SimMember("revision", SimJSON(revision))])
        } catch let refusal as Refusal {
            let error: SimJSON = ["code": .string(refusal.code), "message": .string(refusal.message)]
            return .object(names + [SimMember("error", error)])
        }
    }

    /// - Parameter target: A product's code, or `<dataset>/` before it.
    private static func isMeant(_ key: String, _ schema: ShopSchema, by target: String) -> Bool {
        let product = key.split(separator: shopKeySeparator).first.map(String.init) ?? key
        return target == product || target == "\(schema.rawValue)/\(product)"
    }

    /// - Returns: The row's new revision; of a deleted one, that of the deletion.
    private func apply(_ entry: Entry, _ key: String, _ schema: ShopSchema, _ db: Database) throws -> Int64 {
        let known: Int64? = try find(key, schema, db)?["revision"]
        if entry.action == .create, known != nil {
            throw Refusal(code: "already_exists", message: "There is such a row.")
        }
        if entry.action != .create, known == nil { throw Refusal(code: "not_found", message: "There is no such row.") }
        if let expected = entry.row["if_revision"]?.int, known.map(Int.init) != expected {
            throw Refusal(code: "revision_changed", message: "The row was changed meanwhile.")
        }
        let revision = try nextRevision(db)
        guard entry.action != .delete else {
            try db.execute(
                sql: "DELETE FROM directRow WHERE system = ? AND dataset = ? AND key = ?",
                arguments: [name, schema.rawValue, key])
            return revision
        }
        switch schema.read(entry.row.withoutMembers(["revision", "if_revision"])) {
        case .rejected(let code, let message): throw Refusal(code: code, message: message)
        case .accepted(_, _, let hash, let body): try store(key, schema, revision, hash, body, db)
        }
        return revision
    }

    private func store(
        _ key: String, _ schema: ShopSchema, _ revision: Int64, _ hash: [UInt8], _ body: [UInt8], _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO directRow (system, dataset, key, revision, changedAt, hash, body)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: [name, schema.rawValue, key, revision, now, Data(hash), Data(body)])
    }

    private func nextRevision(_ db: Database) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO directShop (system, revision) VALUES (?, 1)
                ON CONFLICT (system) DO UPDATE SET revision = revision + 1
                """, arguments: [name])
        return try Int64.fetchOne(db, sql: "SELECT revision FROM directShop WHERE system = ?", arguments: [name]) ?? 1
    }

    // MARK: Somebody at the shop's own desk

    /// The first `count` rows of the batch that are there get a note, right before the batch is written.
    private func editByHand(_ count: Int, of entries: [Entry], _ schema: ShopSchema) async throws {
        let keys = entries.compactMap { schema.key(of: $0.row) }
        try await database.write { [self] db in
            var edited = 0
            for key in keys where edited < count {
                guard let row = try find(key, schema, db) else { continue }
                let body: Data = row["body"]
                guard case .object(let members) = try SimJSON(parsing: Array(body)) else { continue }
                let note = SimMember("note", "edited by hand")
                let changed = SimJSON.object(members.filter { $0.name != "note" } + [note])
                guard case .accepted(_, _, let hash, let bytes) = schema.read(changed) else { continue }
                try store(key, schema, try nextRevision(db), hash, bytes, db)
                edited += 1
            }
        }
    }
}

extension SimJSON {
    func withoutMembers(_ names: Set<String>) -> SimJSON {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !names.contains($0.name) })
    }
}
