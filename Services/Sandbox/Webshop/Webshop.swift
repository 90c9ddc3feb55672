import CoreTypes
import Persistence
import SandboxAPI
import ServiceRuntime

/// A simulated webshop with the staged import interface.
final class Webshop: SimulatedShop {
    static let chunkRowsMax = 5000

    let createdAt: Instant
    let database: ServiceDatabase
    let front: ShopFront
    let digests = ShopDigests()

    var definition: CreateSystem { front.definition }
    var faults: FaultBoard { front.faults }
    var environment: ServiceEnvironment { front.environment }
    var name: String { definition.name }
    var now: Instant { environment.wallClock.now() }
    var shrinkPercentMax: Int { definition.shrinkPercentMax ?? 20 }

    init(
        _ definition: CreateSystem, createdAt: Instant, faults: FaultBoard, database: ServiceDatabase,
        environment: ServiceEnvironment
    ) {
        self.createdAt = createdAt
        self.database = database
        front = ShopFront(
            definition, faults: faults, environment: environment, root: ["api", "v1"],
            open: [["healthz"], ["readyz"]])
    }

    func respond(to request: SimRequest) async -> SimResponse {
        await front.respond(to: request) { parts, request in try await answer(parts, request) }
    }

    private func answer(_ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        switch (request.method, parts.count) {
        case ("GET", 1) where parts == ["meta"]: return meta()
        case (_, _) where parts[0] == "imports": return try await imports(Array(parts.dropFirst()), request)
        case (_, _) where parts[0] == "datasets": return try await datasets(Array(parts.dropFirst()), request)
        case ("GET", 1...2):
            guard let schema = ShopSchema(rawValue: parts[0]) else { break }
            return try await read(schema, Array(parts.dropFirst()), request)
        default: break
        }
        throw ShopProblem.notFound("No such path.")
    }

    private func meta() -> SimResponse {
        .json(
            200,
            [
                "product": "Sluice sandbox webshop", "version": "1.0",
                "datasets": .array(ShopSchema.allCases.map { .string($0.rawValue) }),
                "limits": [
                    "max_limit": SimJSON(ShopListQuery.limitMax), "max_key_limit": SimJSON(ShopListQuery.keyLimitMax),
                    "max_chunk_rows": SimJSON(Self.chunkRowsMax),
                    "max_body_bytes": SimJSON(ShopFront.bodyBytesMax),
                ],
                "time": .string(now.description),
            ])
    }
}
