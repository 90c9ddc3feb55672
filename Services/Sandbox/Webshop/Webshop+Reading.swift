import CoreTypes
import FoundationEssentials
import GRDB
import Persistence
import SandboxAPI
import ServiceRuntime

/// What readers of the shop see: always one whole version of a data set.
extension Webshop {
    // MARK: Data sets

    func datasets(_ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        switch (request.method, parts.count) {
        case ("GET", 0):
            let all = try await describe().map(\.json)
            return .json(200, ["items": .array(all)])
        case ("GET", 1):
            let schema = try schema(parts[0])
            let found = try await describe().first { $0.dataset.schema == schema }
            guard let found else { throw ShopProblem.notFound("No such data set.") }
            return .json(200, found.json)
        case ("POST", 1) where parts[0] == "rollback": return try await rollBackSeveral(request)
        case ("POST", 2) where parts[1] == "rollback": return try await rollBack(try schema(parts[0]))
        default: throw ShopProblem.notFound("No such path.")
        }
    }

    struct DescribedDataset: Sendable {
        var dataset: ShopDatasetRecord
        var digest: String

        var json: SimJSON {
            [
                "name": .string(dataset.schema.rawValue), "live_version": SimJSON(dataset.liveVersion),
                "committed_at": SimJSON(dataset.committedAt?.description), "count": SimJSON(dataset.count),
                "import_id": SimJSON(dataset.importID), "previous_version": SimJSON(dataset.previousVersion),
                "digest": .string(digest),
            ]
        }
    }

    /// All data sets as of one moment.
    ///
    /// - Parameter withDigests: The first digest of a version reads all its rows; without, digests are empty.
    func describe(withDigests: Bool = true) async throws -> [DescribedDataset] {
        try await database.read { [self] db in
            try ShopSchema.allCases.compactMap { schema in
                guard let dataset = try ShopDatasetRecord.find(schema, system: name, db) else { return nil }
                let digest = withDigests ? try digests.digest(of: dataset, db) : ""
                return DescribedDataset(dataset: dataset, digest: digest)
            }
        }
    }

    func openImports() async throws -> [ShopImportRecord] {
        try await database.read { [self] db in
            try ShopImportRecord.fetchAll(
                db,
                sql: """
                    SELECT \(ShopImportRecord.columns) FROM \(ShopImportRecord.joined)
                    WHERE shopDataset.system = ? AND state = 'open' ORDER BY shopImport.ref
                    """, arguments: [name])
        }
    }

    private func schema(_ name: String) throws -> ShopSchema {
        guard let schema = ShopSchema(rawValue: name) else { throw ShopProblem.notFound("No such data set.") }
        return schema
    }

    // MARK: Rows

    func read(_ schema: ShopSchema, _ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        guard let part = parts.first else { return try await list(schema, request) }
        if part == "count" {
            let query = try ShopListQuery(schema, request.queryItems)
            return try await database.read { [self] db in
                guard let dataset = try ShopDatasetRecord.find(schema, system: name, db) else {
                    throw ShopProblem.notFound("No such data set.")
                }
                let count = try query.count(in: dataset, db)
                return .json(200, ["count": SimJSON(count), "as_of": .string(now.description)])
            }
        }
        return try await database.read { [self] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT r.key, r.changedAt, r.hash, r.body FROM shopRow r
                    JOIN shopDataset d ON d.ref = r.datasetRef
                    WHERE d.system = ? AND d.name = ? AND r.key = ? AND r.removedVersion IS NULL
                    """, arguments: [name, schema.rawValue, part])
            guard let row else { throw ShopProblem.notFound("No such row.") }
            let hash: Data = row["hash"]
            return .json(200, bytes: shopRowBytes(row, schema), headers: ["ETag": "\"\(hexText(hash.prefix(8)))\""])
        }
    }

    private func list(_ schema: ShopSchema, _ request: SimRequest) async throws -> SimResponse {
        let query = try ShopListQuery(schema, request.queryItems)
        return try await database.read { [self] db in
            guard let dataset = try ShopDatasetRecord.find(schema, system: name, db) else {
                throw ShopProblem.notFound("No such data set.")
            }
            return .json(200, bytes: try query.page(of: dataset, db))
        }
    }

    /// Live rows as canonical JSON, for people.
    func liveRows(_ schema: ShopSchema, startingWith prefix: String, limit: Int) async throws -> [String] {
        try await database.read { [self] db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT r.key, r.body FROM shopRow r JOIN shopDataset d ON d.ref = r.datasetRef
                    WHERE d.system = ? AND d.name = ? AND r.key >= ? AND r.removedVersion IS NULL ORDER BY r.key
                    """, arguments: [name, schema.rawValue, prefix])
            var found: [String] = []
            while found.count < limit, let row = try rows.next() {
                let key: String = row["key"]
                guard key.utf8.starts(with: prefix.utf8) else { break }
                let body: Data = row["body"]
                found.append(String(decoding: body, as: UTF8.self))
            }
            return found
        }
    }
}
