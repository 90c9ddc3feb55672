import CoreTypes
import JSON
import Outbound
import SchedulerAPI

/// Requests to a shop with a bearer key: sent once, its answer read, and a refusal put in the product's terms.
struct ShopClient: Sendable {
    let system: String
    let key: Secret<String>
    var patience: Patience
    private let http: SystemHTTP
    /// Path of the service below the shop's address.
    private let service: String

    init(_ access: SystemAccess, credentials: Credentials, _ making: ConnectorMaking, service: String) throws {
        guard let base = BaseURL(access.baseURL) else {
            throw SystemFault(.connection, "\(access.baseURL) is not an address").from(access.name)
        }
        system = access.name
        key = try credentials.required("apiKey", of: access.name)
        http = SystemHTTP(base: base, sender: making.sender, system: access.name, trust: making.trust(of: access))
        patience = making.patience
        self.service = service
    }

    func callOnce(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil,
        reuse: HTTPRequest.ConnectionReuse = .automatic
    ) async throws -> JSONValue {
        let answer = try await send(method, path, body: body, idempotencyKey: idempotencyKey, reuse: reuse)
        guard !answer.isEmpty else { return .null }
        guard let value = try? JSON.decode(JSONValue.self, from: answer) else {
            throw unexpected("not JSON", isPassing: true)
        }
        return value
    }

    /// Sends once and returns the body of an answer that says yes.
    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, idempotencyKey: String? = nil,
        reuse: HTTPRequest.ConnectionReuse = .automatic
    ) async throws -> [UInt8] {
        var headers = [
            HTTPHeader("Authorization", Secret("Bearer \(key.reveal())")), HTTPHeader("Accept", "application/json"),
        ]
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        if let idempotencyKey { headers.append(HTTPHeader("Idempotency-Key", idempotencyKey)) }
        let answer = try await http.answer(
            to: HTTPRequest(
                method, http.base.appending(service + path), headers: headers, body: body.map { .bytes($0) } ?? .none,
                reuse: reuse))
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
