public import CoreTypes
import JSON

/// The faults that JSON-RPC itself has codes for; every other error has one of the sixteen status codes.
enum ProtocolFault: Int, Sendable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603

    /// The specification's own words.
    var message: String {
        switch self {
        case .parseError: "Parse error"
        case .invalidRequest: "Invalid Request"
        case .methodNotFound: "Method not found"
        case .invalidParams: "Invalid params"
        case .internalError: "Internal error"
        }
    }

    var status: StatusCode {
        switch self {
        case .methodNotFound: .unimplemented
        case .internalError: .internal
        default: .invalidArgument
        }
    }
}

/// An error on its way to the caller.
struct Refusal: Error {
    /// Set for the faults that JSON-RPC has a code for.
    var fault: ProtocolFault?
    var error: ServiceError

    init(_ error: ServiceError) { self.error = error }

    init(_ fault: ProtocolFault, reason: String, arguments: [String: String] = [:]) {
        self.fault = fault
        error = ServiceError(fault.status, reason: reason, arguments: arguments)
    }

    var code: Int { fault?.rawValue ?? error.status.rawValue }
}

/// Words for an error: what happened, and what whoever reads it can do.
///
/// The text catalogue provides them; RPC only asks.
public struct ErrorTexts: Sendable {
    public var describe: @Sendable (ServiceError, Language) -> (message: String, remedy: String)

    public init(describe: @escaping @Sendable (ServiceError, Language) -> (message: String, remedy: String)) {
        self.describe = describe
    }

    /// The reason's own words and no remedy, for where no catalogue is at hand.
    public static let plain = ErrorTexts { error, _ in
        let words = error.reason.split(separator: "_").joined(separator: " ")
        let arguments = error.arguments.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (arguments.isEmpty ? words : "\(words) (\(arguments.joined(separator: ", ")))", "")
    }
}

/// An error that no caller can mend, for the log: the caller was told only the request's id.
public struct CallFault: Sendable {
    public var requestID: RequestID
    public var method: String
    public var peer: PeerIdentity
    public var traceparent: Traceparent?
    public var error: any Error
}

/// A call that has ended, for logs and traces.
public struct CallRecord: Sendable {
    public var context: CallContext
    public var method: MethodName
    /// nil when it succeeded.
    public var failure: ServiceError?
    public var duration: Duration
}

extension JSONWriter {
    func beginReply(to id: CallID) {
        removeAll()
        append(raw: #"{"jsonrpc":"2.0","id":"#)
        id.write(to: self)
    }

    /// Appends the error object of JSON-RPC, with `data` as PROTOCOL.md describes it.
    func append(_ refusal: Refusal, in language: Language, texts: ErrorTexts, requestID: RequestID) {
        let error = refusal.error
        let (message, remedy) = texts.describe(error, language)
        append(raw: #"{"code":"#)
        append(integer: refusal.code)
        append(raw: #","message":"#)
        append(string: refusal.fault?.message ?? message)
        append(raw: #","data":{"status":"#)
        append(string: error.status.name)
        append(raw: #","reason":"#)
        append(string: error.reason)
        append(raw: #","arguments":"#)
        append(texts: error.arguments)
        append(raw: #","message":"#)
        append(string: message)
        append(raw: #","remedy":"#)
        append(string: remedy)
        append(raw: #","retryable":"#)
        append(bool: error.status.isRetryable || error.retryAfterMs != nil)
        if let wait = error.retryAfterMs {
            append(raw: #","retryAfterMs":"#)
            append(integer: wait)
        }
        append(raw: #","requestId":"#)
        append(string: requestID.rawValue)
        append(raw: #","references":"#)
        append(texts: error.references)
        append(raw: "}}")
    }

    private func append(texts: [String: String]) {
        var separator: StaticString = "{"
        if texts.isEmpty { append(raw: separator) }
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) {
            append(raw: separator)
            append(string: key)
            append(raw: ":")
            append(string: value)
            separator = ","
        }
        append(raw: "}")
    }
}
