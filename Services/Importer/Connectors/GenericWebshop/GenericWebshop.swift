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
public struct GenericWebshop: TargetConnector {
    public let system: String
    let http: SystemHTTP
    let key: Secret<String>
    var patience: Patience
    /// How often, and how long apart, the shop is asked whether a commit that is under way has settled.
    var settlingRounds = 60
    var settlingPause: Duration = .milliseconds(500)

    static let service = "/api/v1"

    init(_ access: SystemAccess, credentials: Credentials, _ making: ConnectorMaking) throws {
        guard let base = BaseURL(access.baseURL) else {
            throw SystemFault(.connection, "\(access.baseURL) is not an address").from(access.name)
        }
        system = access.name
        key = try credentials.required("apiKey", of: access.name)
        http = SystemHTTP(base: base, sender: making.sender, system: access.name, trust: making.trust(of: access))
        patience = making.patience
    }

    public func probe(_ modules: [Module]) async -> ProbeResult {
        var probe = self
        probe.patience = patience.brief
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
        let answer = try await send(method, path, body: body, idempotencyKey: idempotencyKey)
        guard !answer.isEmpty else { return .null }
        guard let value = try? JSON.decode(JSONValue.self, from: answer) else {
            throw unexpected("not JSON", isPassing: true)
        }
        return value
    }

    /// Sends once and returns the body of an answer that says yes.
    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil
    ) async throws -> [UInt8] {
        var headers = [
            HTTPHeader("Authorization", Secret("Bearer \(key.reveal())")), HTTPHeader("Accept", "application/json"),
        ]
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        if let idempotencyKey { headers.append(HTTPHeader("Idempotency-Key", idempotencyKey)) }
        let answer = try await http.answer(
            to: HTTPRequest(
                method, http.base.appending(Self.service + path), headers: headers,
                body: body.map { .bytes($0) } ?? .none))
        guard (200..<300).contains(answer.status) else {
            throw SystemFault(
                problem: answer.body, status: answer.status, headers: answer.headers, withholding: [key.reveal()]
            ).from(system)
        }
        return answer.body
    }

    func unexpected(_ what: String, isPassing: Bool = false) -> SystemFault {
        SystemFault(.answer, "the shop's answer: \(what)", isPassing: isPassing).from(system)
    }
}
