/// Why a transfer did not end in an answer. One case per thing a person would do differently about it.
public enum OutboundError: Error, Sendable, Equatable {
    /// The request itself cannot be sent: a bad URL, user info in it, a scheme or port not allowed, a header with a
    /// line end. Nothing was sent.
    case invalidRequest(String)
    /// The host name does not resolve.
    case name(host: String)
    /// Nothing listens, or the connection broke before the head of the answer was here.
    case connection(detail: String)
    /// No trusted, encrypted connection could be made.
    case tls(detail: String)
    case timeout(TimeoutPhase)
    /// The name leads to an address that ``AddressPolicy`` refuses; no connection was opened.
    case refusedAddress(String)
    /// The answer is longer than the caller takes. `limit` is in bytes after decompression.
    case tooLarge(limit: Int)
    /// The answer broke off before its announced end.
    case truncated(detail: String)
    /// The answer is not HTTP, or its compression is damaged or of a kind that was not asked for.
    case malformed(detail: String)
    /// The server points elsewhere. Redirects are never followed: an address is for the merchant to change.
    case redirect(status: Int, to: String)
    /// The proxy cannot be reached or refuses.
    case proxy(detail: String)
    /// The task was cancelled, the answer dropped, or the client shut down.
    case cancelled
}

/// Which limit of ``HTTPTimeouts`` ran out.
public enum TimeoutPhase: String, Sendable, Equatable {
    /// Name, connection, TLS.
    case connect
    /// The request was sent, the answer did not begin.
    case firstByte
    /// Bytes stopped coming or going.
    case idle
    /// The whole exchange.
    case total
}

extension OutboundError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidRequest(let detail): "the request cannot be sent: \(detail)"
        case .name(let host): "the name \(host) does not resolve"
        case .connection(let detail): "connection failed: \(detail)"
        case .tls(let detail): "TLS failed: \(detail)"
        case .timeout(let phase): "timed out (\(phase.rawValue))"
        case .refusedAddress(let address): "connections to \(address) are not allowed"
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .truncated(let detail): "the answer broke off: \(detail)"
        case .malformed(let detail): "the answer is damaged: \(detail)"
        case .redirect(let status, let target): "status \(status) points to \(withoutQuery(target))"
        case .proxy(let detail): "the proxy failed: \(detail)"
        case .cancelled: "cancelled"
        }
    }
}

/// A URL without what may be secret in it, for a log line.
func withoutQuery(_ url: String) -> String {
    String(url.prefix { $0 != "?" && $0 != "#" }.prefix(300))
}
