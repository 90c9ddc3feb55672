import JSON
import Outbound
import SchedulerAPI

/// An error body of the Service Layer, in either dialect.
///
/// v1: `{"error":{"code":-10,"message":{"lang":"en-us","value":"text"}}}`; v2: `{"error":{"code":"-2039","message":
/// "text"}}`. Code and message come in both shapes.
struct SAPError: Sendable, Equatable {
    var code: String
    var message: String

    static let sessionGone = "301"
    static let loginFailed = "100000027"

    init?(_ body: [UInt8]) {
        guard let value = try? JSON.decode(JSONValue.self, from: body), let error = value["error"] else { return nil }
        code = error["code"]?.text ?? ""
        message = error["message"]?.text ?? error["message"]?["value"]?.text ?? ""
        guard !code.isEmpty || !message.isEmpty else { return nil }
    }

    init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// The code of what is wrong in a query's options: in practice its filter.
    private static let query = "201"

    /// The field that was asked for and that the entity does not have; nil when the error says something else.
    ///
    /// Asked for by `$select` it is `Property 'X' of 'Item' is invalid` (-1000), in a filter `Property 'X' is invalid` (201);
    /// libraries of OData v4 say `Could not find a property named 'X' on type 'SAPB1.Item'.`
    var unknownField: String? {
        let words = message.lowercased()
        guard words.contains("property"), words.contains("invalid") || words.contains("could not find") else {
            return nil
        }
        let parts = message.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && !parts[1].isEmpty ? String(parts[1]) : nil
    }

    /// `Query string error - Invalid filter condition` (201), and whatever else names the filter.
    var isAboutFilter: Bool { code == Self.query || message.lowercased().contains("filter") }
}

extension SystemFault {
    /// What an answer of the Service Layer other than success means.
    ///
    /// - Parameters:
    ///   - isLogin: Whether it answers the login, where 401 speaks of the credentials and not of the session.
    ///   - secrets: Taken out of what the system echoes.
    init(
        sapStatus status: Int, headers: HTTPHeaders, body: [UInt8], isLogin: Bool, withholding secrets: [String] = []
    ) {
        let error = SAPError(body)
        let words = error.map { $0.code.isEmpty ? $0.message : "\($0.message) (\($0.code))" }
        let detail = words ?? "answers \(status)"
        self.init(
            .answer, detail, status: status, code: error?.code, retryAfter: headers.retryAfter, withholding: secrets)
        switch status {
        case 401: failure = .login
        case 403: failure = isLogin ? .login : .rights
        case 404, 410, 501: failure = .version
        case 429: (failure, isPassing) = (.maintenance, true)
        case 503: (failure, isPassing) = (.maintenance, true)
        case 502: (failure, isPassing) = (.connection, true)
        case 504: (failure, isPassing) = (.timeout, true)
        case 500: isPassing = true
        default: break
        }
    }

    /// The fault as one of the connection's settings, where the system refused a question for what they put into it.
    ///
    /// - Parameter filter: The one a person has set; nil where the product's own was sent.
    func ofQuery(filter: String?) -> SystemFault {
        guard status == 400 else { return self }
        let error = SAPError(code: code ?? "", message: detail)
        let field = error.unknownField
        var fault = self
        if let filter, field.map({ filter.contains($0) }) ?? error.isAboutFilter {
            fault.reason = .filter(filter)
        } else if let field, !SAPBusinessOne.ownFields.contains(field) {
            fault.reason = .unknownField(field)
        } else {
            return self
        }
        fault.failure = .settings
        return fault
    }

    var isSessionGone: Bool { status == 401 && code != SAPError.loginFailed }
}
