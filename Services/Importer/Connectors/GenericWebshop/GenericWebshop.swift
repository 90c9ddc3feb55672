import CoreTypes
import ImporterAPI
import JSON
import Outbound
public import SchedulerAPI
import Staging

/// A shop that serves the generic import contract: staged sessions, committed together.
///
/// Options of the system: `pinnedKeys`, `caFile`.
/// - SeeAlso: DESIGN.md beside this folder.
public struct GenericWebshop: StagedTarget {
    var client: ShopClient
    /// How often, and how long apart, the shop is asked whether a commit that is under way has settled.
    var settlingRounds = 60
    var settlingPause: Duration = .milliseconds(500)

    init(_ access: SystemAccess, credentials: Credentials, _ making: ConnectorMaking) throws {
        client = try ShopClient(access, credentials: credentials, making, service: "/api/v1")
    }

    public var system: String { client.system }
    var key: Secret<String> { client.key }
    var patience: Patience { client.patience }

    public func probe(_ modules: [Module]) async -> ProbeResult {
        var probe = self
        probe.client.patience = patience.brief
        return await probe.steps(modules)
    }

    private func steps(_ modules: [Module]) async -> ProbeResult {
        var result = ProbeResult()
        await result.step("reach", clock: patience.clock) {
            try await call(.get, "/healthz")["status"]?.text
        }
        var version: String?
        await result.step("login", clock: patience.clock) {
            version = try await call(.get, "/meta")["version"]?.text
            return version.map { "version \($0)" }
        }
        result.version = version
        for module in modules {
            await result.step("read \(module.rawValue)", clock: patience.clock) {
                "\(try await dataset(module).count) rows"
            }
        }
        await result.step("imports", clock: patience.clock) {
            _ = try await openSessions()
            return nil
        }
        return result
    }

    public func live(_ modules: [Module]) async throws -> [Module: LiveDataset] {
        var live: [Module: LiveDataset] = [:]
        for module in modules { live[module] = try await dataset(module) }
        return live
    }

    func dataset(_ module: Module) async throws -> LiveDataset {
        let answer = try await call(.get, "/datasets/\(module.rawValue)")
        guard let count = answer["count"]?.whole else { throw unexpected("a dataset without a count") }
        return LiveDataset(
            version: answer["live_version"]?.text, count: count, sessionID: answer["import_id"]?.text,
            previousVersion: answer["previous_version"]?.text)
    }

    public func listProducts(_ onPage: @Sendable ([ListedProduct]) async throws -> Void) async throws {
        var cursor: String?
        repeat {
            let place = cursor.map { "&cursor=\(percentEncoded($0))" } ?? ""
            let answer = try await call(.get, "/products?limit=500\(place)")
            guard let rows = answer["items"]?.elements else { throw unexpected("a list without items") }
            try await onPage(
                rows.compactMap { row in
                    row["code"]?.text.map { ListedProduct(key: $0, name: row["name"]?.text ?? "") }
                })
            let next = answer["next_cursor"]?.text
            guard next == nil || next != cursor else { throw unexpected("the next page is the same page") }
            cursor = next
        } while cursor != nil
    }

    /// Sends a request within the run's patience and reads its answer; every request here may be repeated.
    func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil
    ) async throws -> JSONValue {
        try await patience.retrying { try await callOnce(method, path, body: body, idempotencyKey: idempotencyKey) }
    }

    func callOnce(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil
    ) async throws -> JSONValue {
        try await client.callOnce(method, path, body: body, idempotencyKey: idempotencyKey)
    }

    func unexpected(_ what: String, isPassing: Bool = false) -> SystemFault {
        client.unexpected(what, isPassing: isPassing)
    }
}
