import CoreTypes
import GRDB
import JSON
import Persistence
import SandboxAPI

/// A simulated system as it is stored.
struct StoredSystem: Sendable {
    var definition: CreateSystem
    var createdAt: Instant
    var changedItems: [(code: String, item: Item?)] = []

    static func fetchAll(_ db: Database) throws -> [StoredSystem] {
        try Row.fetchAll(db, sql: "SELECT definition, createdAt FROM system ORDER BY name").map { row in
            let text: String = row["definition"]
            let definition = try JSON.decode(CreateSystem.self, from: text)
            return StoredSystem(
                definition: definition, createdAt: row["createdAt"], changedItems: try changes(definition.name, db))
        }
    }

    private static func changes(_ system: String, _ db: Database) throws -> [(code: String, item: Item?)] {
        try Row.fetchAll(db, sql: "SELECT code, body FROM changedItem WHERE system = ?", arguments: [system]).map {
            row in
            let body: String? = row["body"]
            return (row["code"], try body.map { try JSON.decode(Item.self, from: $0) })
        }
    }

    /// - Returns: false when the name is taken.
    func insertIfNew(_ db: Database) throws -> Bool {
        try db.execute(
            sql: "INSERT OR IGNORE INTO system (name, definition, createdAt) VALUES (?, ?, ?)",
            arguments: [definition.name, try JSON.encodeText(definition), createdAt])
        guard db.changesCount == 1 else { return false }
        if definition.kind == .genericWebshop { try ShopDatasetRecord.createAll(system: definition.name, db) }
        return true
    }

    static func note(_ change: (code: String, item: Item?), in system: String, _ db: Database) throws {
        let body = try change.item.map { try JSON.encodeText($0) }
        try db.execute(
            sql: "INSERT OR REPLACE INTO changedItem (system, code, body) VALUES (?, ?, ?)",
            arguments: [system, change.code, body])
    }
}

/// The misbehaviour in force, as it is stored.
enum StoredFault {
    static func fetchAll(_ db: Database) throws -> [String: [ActiveFault]] {
        try Row.fetchAll(db, sql: "SELECT place, body FROM fault").reduce(into: [:]) { faults, row in
            let text: String = row["body"]
            faults[row["place"], default: []].append(try JSON.decode(ActiveFault.self, from: text))
        }
    }

    static func replace(at place: String, _ faults: [ActiveFault], _ db: Database) throws {
        try db.execute(sql: "DELETE FROM fault WHERE place = ?", arguments: [place])
        for active in faults {
            try db.execute(
                sql: "INSERT INTO fault (place, kind, body) VALUES (?, ?, ?)",
                arguments: [place, active.fault.kind.rawValue, try JSON.encodeText(active)])
        }
    }
}
