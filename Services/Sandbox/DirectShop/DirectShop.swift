import CoreTypes
import Persistence
import SandboxAPI
import ServiceRuntime

/// A simulated webshop without staging, in the manner of WooCommerce and Shopify: rows are written in small batches, each
/// row for itself, and are live at once. No sessions, no transactions, no versions.
final class DirectShop: SimulatedShop {
    static let batchRowsMax = 100
    static let limitMax = 500
    static let keyLimitMax = 5000

    let createdAt: Instant
    let database: ServiceDatabase
    private let front: ShopFront

    var definition: CreateSystem { front.definition }
    var faults: FaultBoard { front.faults }
    var name: String { definition.name }
    var now: Instant { front.environment.wallClock.now() }

    init(
        _ definition: CreateSystem, createdAt: Instant, faults: FaultBoard, database: ServiceDatabase,
        environment: ServiceEnvironment
    ) {
        self.createdAt = createdAt
        self.database = database
        front = ShopFront(
            definition, faults: faults, environment: environment, root: ["rest", "v1"], open: [["status"]])
    }

    func respond(to request: SimRequest) async -> SimResponse {
        await front.respond(to: request) { parts, request in try await answer(parts, request) }
    }

    private func answer(_ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        if request.method == "GET", parts == ["system"] { return describeItself() }
        guard let schema = ShopSchema(rawValue: parts[0]) else { throw ShopProblem.notFound("No such path.") }
        switch (request.method, parts.dropFirst().first) {
        case ("GET", nil): return try await list(schema, request.queryItems)
        case ("GET", "count"): return try await count(schema, request.queryItems)
        case ("POST", "lookup"): return try await lookUp(schema, request.body)
        case ("POST", "batch"): return try await write(schema, request.body)
        default: throw ShopProblem.notFound("No such path.")
        }
    }

    private func describeItself() -> SimResponse {
        .json(
            200,
            [
                "product": "Sluice sandbox direct webshop", "version": "1.0",
                "limits": [
                    "max_limit": SimJSON(Self.limitMax), "max_key_limit": SimJSON(Self.keyLimitMax),
                    "max_batch": SimJSON(Self.batchRowsMax),
                ],
                "time": .string(now.description),
            ])
    }
}
