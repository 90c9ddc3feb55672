import CoreTypes
import Foundation
import GRDB
import TestInstallation
import TestSupport

/// The database of one service, which its real process brings up to date again and again, and dies while it does.
final class SchemaUpgrade {
    /// A database file at rest, and the rows that must never go.
    struct Image {
        fileprivate let folder: TemporaryFolder
        fileprivate var path: String { folder.file("image.sqlite") }
        /// Names of the steps that were taken.
        var steps: [String] = []
        /// Table → columns, of what was put in.
        fileprivate var tables: [String: [String]] = [:]
        fileprivate var source: String?
        var rows = 0
    }

    private static let endings = ["", "-wal", "-shm"]

    let empty: Image
    private(set) var deaths = 0
    private(set) var problems: [String] = []
    private let service: String
    private let world: World
    private let probe: Probe
    private let whole: Image
    private let schema: [String]
    private let random = Randomness.seeded(29)

    /// - Parameter service: One that has been stopped, with all its rows.
    init(_ service: String, of world: World) async throws {
        self.service = service
        self.world = world
        probe = try await Probe(in: world.installation.folder.path)
        empty = Image(folder: try TemporaryFolder("sluice-schema"))
        var whole = Image(folder: try TemporaryFolder("sluice-schema"))
        try Self.copy(from: Self.path(of: service, world), to: whole.path)
        (schema, whole.steps) = try Self.look(whole.path)
        self.whole = whole
    }

    var steps: Int { whole.steps.count }

    // MARK: Deaths

    /// Starts the process on an image again and again. It dies at the first flush, at the second, and so on, until it is
    /// ready before it comes to that.
    ///
    /// - Parameter everywhere: false for one death, at a flush by chance.
    /// - Returns: What it left, one image for each schema.
    func dieOnTheWay(from image: Image, everywhere: Bool) async throws -> [Image] {
        guard everywhere else {
            let last = UInt64(steps - image.steps.count + 2)
            return [try await die(.deathAtFlush, Int(random.next() % last) + 1, from: image)].compactMap { $0 }
        }
        var left: [Image] = []
        for cell in LongProof.count(0, long: 1) > 0 ? [.deathAtFlush, .deathAtWrite] : [Probe.Cell.deathAtFlush] {
            for call in 1... {
                guard let remains = try await die(cell, call, from: image) else { break }
                if !left.contains(where: { $0.steps == remains.steps }) { left.append(remains) }
            }
        }
        return left
    }

    /// - Returns: What it left; nil when it was ready before it came to that call.
    private func die(_ cell: Probe.Cell, _ call: Int, from image: Image) async throws -> Image? {
        try put(image)
        try probe.reset()
        try probe.set(cell, call)
        guard try await startDies() else { return nil }
        deaths += 1
        return try picture(of: image)
    }

    /// Whether the process dies before it is ready.
    private func startDies() async throws -> Bool {
        let process = try await world.installation.start(service, adding: probe.variables())
        return try await eventually("\(service) being ready, or gone", every: .milliseconds(5)) { () -> Bool? in
            if let ending = try? await process.ending(within: .milliseconds(20)) {
                if ending != .exited(137) { problems.append("\(service) ended by \(ending)") }
                return true
            }
            guard (try? await world.calls.ready(service, within: .milliseconds(50))) != nil else { return nil }
            try await world.installation.kill(service)
            return false
        }
    }

    /// What lies there now, grown from `image`.
    private func picture(of image: Image) throws -> Image {
        var now = Image(folder: try TemporaryFolder("sluice-schema"))
        try Self.copy(from: Self.path(of: service, world), to: now.path)
        (now.tables, now.source, now.rows) = (image.tables, image.source ?? image.path, image.rows)
        now.steps = try Self.look(now.path).steps
        try check(now)
        return now
    }

    private func check(_ image: Image) throws {
        let after = "\(service) after \(image.steps.count) steps"
        let queue = try DatabaseQueue(path: image.path)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            problems += faults.map { "\(after): \($0)" }
            guard let source = image.source, !image.tables.isEmpty else { return }
            try db.execute(sql: "ATTACH ? AS source", arguments: [source])
            for (table, columns) in image.tables {
                let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
                let lost = try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM (
                            SELECT \(list) FROM source."\(table)" EXCEPT SELECT \(list) FROM main."\(table)")
                        """)
                if lost != 0 { problems.append("\(after): \(lost ?? -1) rows of \(table) are lost or changed") }
            }
            try db.execute(sql: "DETACH source")
        }
    }

    // MARK: Whole again

    /// The next start, which nothing disturbs, has the whole schema and all rows.
    func completes(from image: Image) async throws {
        try put(image)
        try probe.reset()
        if try await startDies() { problems.append("\(service) did not start from \(image.steps)") }
        let now = try picture(of: image)
        let found = try Self.look(now.path).schema
        if found != schema { problems.append("\(service) from \(image.steps): the schema is another one") }
    }

    /// The same schema with the rows of a real installation, as far as it has tables and columns for them.
    func filled(_ image: Image) throws -> Image {
        var filled = Image(folder: try TemporaryFolder("sluice-schema"), steps: image.steps)
        try Self.copy(from: image.path, to: filled.path)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: filled.path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS whole", arguments: [whole.path])
            for table in try Self.tables(db) {
                let known = Set(try db.columns(in: table, in: "whole").map(\.name))
                let columns = try db.columns(in: table, in: "main").map(\.name).filter(known.contains)
                let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
                try db.execute(
                    sql: "INSERT OR REPLACE INTO main.\"\(table)\" (\(list)) SELECT \(list) FROM whole.\"\(table)\"")
                filled.rows += db.changesCount
                filled.tables[table] = columns
            }
            try db.execute(sql: "DETACH whole")
            _ = try db.checkpoint(.truncate)
        }
        try queue.close()
        return filled
    }

    // MARK: Files

    private static func path(of service: String, _ world: World) -> String {
        world.installation.folder.file("state/data/\(service)/\(service).sqlite")
    }

    private func put(_ image: Image) throws { try Self.copy(from: image.path, to: Self.path(of: service, world)) }

    /// With its log, and in place of what is there.
    private static func copy(from old: String, to new: String) throws {
        for ending in endings {
            try? FileManager.default.removeItem(atPath: new + ending)
            guard ending != "-shm", FileManager.default.fileExists(atPath: old + ending) else { continue }
            try FileManager.default.copyItem(atPath: old + ending, toPath: new + ending)
        }
    }

    private static func look(_ path: String) throws -> (schema: [String], steps: [String]) {
        guard FileManager.default.fileExists(atPath: path) else { return ([], []) }
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            (
                try String.fetchAll(db, sql: "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name"),
                try db.tableExists("grdb_migrations")
                    ? String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid") : []
            )
        }
    }

    private static func tables(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT name FROM main.sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                """
        ).filter { try db.tableExists($0, in: "whole") }
    }
}
