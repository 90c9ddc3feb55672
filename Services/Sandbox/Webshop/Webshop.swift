import CoreTypes
import Logging
import Persistence
import SandboxAPI
import ServiceRuntime
import Synchronization

/// A simulated webshop with the staged import interface.
final class Webshop: SimulatedSystem {
    static let chunkRowsMax = 5000
    static let bodyBytesMax = 16 << 20

    let definition: CreateSystem
    let createdAt: Instant
    let faults: FaultBoard
    let database: ServiceDatabase
    let environment: ServiceEnvironment
    private let limiter: Mutex<RateLimiter>
    let digests = ShopDigests()

    var name: String { definition.name }
    var now: Instant { environment.wallClock.now() }
    private var apiKey: String { definition.apiKey ?? "wsk_sandbox" }
    private var scopes: [String] { definition.scopes ?? ["catalog:read", "catalog:write"] }
    var shrinkPercentMax: Int { definition.shrinkPercentMax ?? 20 }

    init(
        _ definition: CreateSystem, createdAt: Instant, faults: FaultBoard, database: ServiceDatabase,
        environment: ServiceEnvironment
    ) {
        self.definition = definition
        self.createdAt = createdAt
        self.faults = faults
        self.database = database
        self.environment = environment
        let perSecond = definition.requestsPerSecond ?? 500
        limiter = Mutex(RateLimiter(perSecond: perSecond, burst: perSecond * 2, now: environment.wallClock.now()))
    }

    func respond(to request: SimRequest) async -> SimResponse {
        let common = CommonFaults(board: faults, clock: environment.clock) { status, word, message in
            ShopProblem(status, word, message).response
        }
        if let answer = await common.answer() { return answer }
        let requestID = request.headers["X-Request-Id"] ?? "req_" + hexText(environment.randomness.bytes(8))
        var response: SimResponse
        do {
            response = try await authorizedAnswer(to: request)
        } catch let problem as ShopProblem {
            var problem = problem
            problem.members.append(SimMember("request_id", .string(requestID)))
            response = problem.response
        } catch {
            environment.logger.error("A simulated webshop failed.", metadata: ["error": "\(error)"])
            response = ShopProblem(500, "internal", "The simulator failed: \(error)").response
        }
        response.headers["X-Request-Id"] = requestID
        return response
    }

    private func authorizedAnswer(to request: SimRequest) async throws -> SimResponse {
        let path = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            percentDecoded($0) ?? String($0)
        }
        guard path.starts(with: ["api", "v1"]), path.count > 2 else { throw ShopProblem.notFound("No such path.") }
        let parts = Array(path.dropFirst(2))
        if parts == ["healthz"] || parts == ["readyz"] { return .json(200, ["status": "ok"]) }
        guard request.headers["Authorization"] == "Bearer \(apiKey)", faults.occur(.refuseLogin) == nil else {
            var response = ShopProblem(401, "unauthorized", "A valid API key is needed.").response
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        }
        let limit = limiter.withLock { $0.take(at: now) }
        var response =
            limit.isAllowed
            ? try await answer(parts, request)
            : ShopProblem(429, "rate_limited", "Too many requests.").response.retryAfter(seconds: 1)
        response.headers["RateLimit-Limit"] = String(definition.requestsPerSecond ?? 500)
        response.headers["RateLimit-Remaining"] = String(limit.remaining)
        response.headers["RateLimit-Reset"] = String(limit.resetSeconds)
        return response
    }

    private func answer(_ parts: [String], _ request: SimRequest) async throws -> SimResponse {
        let isReading = request.method == "GET"
        try requireScope(isReading ? "catalog:read" : "catalog:write")
        guard request.body.count <= Self.bodyBytesMax else {
            throw ShopProblem(413, "too_large", "At most \(Self.bodyBytesMax) bytes.")
        }
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

    private func requireScope(_ scope: String) throws {
        let isTaken = faults.occur(.missingRights) { $0.target == nil || $0.target == scope } != nil
        guard scopes.contains(scope), !isTaken else {
            throw ShopProblem(403, "forbidden", "The API key lacks the scope \(scope).")
        }
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
                    "max_body_bytes": SimJSON(Self.bodyBytesMax),
                ],
                "time": .string(now.description),
            ])
    }
}
