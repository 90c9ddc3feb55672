import CoreTypes
import Logging
import SandboxAPI
import ServiceRuntime
import Synchronization

/// What every simulated shop does before it looks at a request: misbehave on order, check key, rights and rate, and word
/// what it refuses.
final class ShopFront: Sendable {
    static let bodyBytesMax = 16 << 20

    let definition: CreateSystem
    let faults: FaultBoard
    let environment: ServiceEnvironment
    /// What all its paths begin with.
    private let root: [String]
    /// Paths behind it that need no key.
    private let open: Set<[String]>
    private let limiter: Mutex<RateLimiter>

    private var apiKey: String { definition.apiKey ?? "wsk_sandbox" }
    private var scopes: [String] { definition.scopes ?? ["catalog:read", "catalog:write"] }
    private var perSecond: Int { definition.requestsPerSecond ?? 500 }

    init(
        _ definition: CreateSystem, faults: FaultBoard, environment: ServiceEnvironment, root: [String],
        open: Set<[String]>
    ) {
        self.definition = definition
        self.faults = faults
        self.environment = environment
        self.root = root
        self.open = open
        let perSecond = definition.requestsPerSecond ?? 500
        limiter = Mutex(RateLimiter(perSecond: perSecond, burst: perSecond * 2, now: environment.wallClock.now()))
    }

    /// - Parameter answer: Gets the parts of the path behind the root, once the request may pass.
    func respond(
        to request: SimRequest, answer: ([String], SimRequest) async throws -> SimResponse
    ) async -> SimResponse {
        let common = CommonFaults(board: faults, clock: environment.clock) { status, word, message in
            ShopProblem(status, word, message).response
        }
        if let fault = await common.answer() { return fault }
        let requestID = request.headers["X-Request-Id"] ?? "req_" + hexText(environment.randomness.bytes(8))
        var response: SimResponse
        do {
            response = try await authorizedAnswer(to: request, answer)
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

    private func authorizedAnswer(
        to request: SimRequest, _ answer: ([String], SimRequest) async throws -> SimResponse
    ) async throws -> SimResponse {
        let path = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            percentDecoded($0) ?? String($0)
        }
        guard path.starts(with: root), path.count > root.count else { throw ShopProblem.notFound("No such path.") }
        let parts = Array(path.dropFirst(root.count))
        if open.contains(parts) { return .json(200, ["status": "ok"]) }
        guard request.headers["Authorization"] == "Bearer \(apiKey)", faults.occur(.refuseLogin) == nil else {
            var response = ShopProblem(401, "unauthorized", "A valid API key is needed.").response
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        }
        let limit = limiter.withLock { $0.take(at: environment.wallClock.now()) }
        var response =
            limit.isAllowed
            ? try await permitted(parts, request, answer)
            : ShopProblem(429, "rate_limited", "Too many requests.").response.retryAfter(seconds: 1)
        response.headers["RateLimit-Limit"] = String(perSecond)
        response.headers["RateLimit-Remaining"] = String(limit.remaining)
        response.headers["RateLimit-Reset"] = String(limit.resetSeconds)
        return response
    }

    private func permitted(
        _ parts: [String], _ request: SimRequest, _ answer: ([String], SimRequest) async throws -> SimResponse
    ) async throws -> SimResponse {
        try requireScope(isReading(parts, request) ? "catalog:read" : "catalog:write")
        try requireDataset(parts)
        guard request.body.count <= Self.bodyBytesMax else {
            throw ShopProblem(413, "too_large", "At most \(Self.bodyBytesMax) bytes.")
        }
        return try await answer(parts, request)
    }

    /// A look-up of many rows is a `POST`, for its keys do not fit into a path.
    private func isReading(_ parts: [String], _ request: SimRequest) -> Bool {
        request.method == "GET" || parts.last == "lookup"
    }

    /// Rights to one data set are taken away for its paths; an import session of it may still be opened.
    private func requireDataset(_ parts: [String]) throws {
        let named = parts.filter { ShopSchema(rawValue: $0) != nil }
        guard let taken = faults.occur(.missingRights, if: { named.contains($0.target ?? "") })?.target else { return }
        throw ShopProblem(403, "forbidden", "The API key may not use \(taken).")
    }

    private func requireScope(_ scope: String) throws {
        let isTaken = faults.occur(.missingRights) { $0.target == nil || $0.target == scope } != nil
        guard scopes.contains(scope), !isTaken else {
            throw ShopProblem(403, "forbidden", "The API key lacks the scope \(scope).")
        }
    }
}
