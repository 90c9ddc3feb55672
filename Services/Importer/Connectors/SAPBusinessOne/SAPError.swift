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

    var isSessionGone: Bool { status == 401 && code != SAPError.loginFailed }
}
