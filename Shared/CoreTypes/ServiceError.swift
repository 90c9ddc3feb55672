/// An error someone can act on: a status for programs, a reason and its arguments for the text catalogue.
public struct ServiceError: Error, Codable, Sendable, Equatable {
    /// What the caller may do next.
    public var status: StatusCode
    /// Stable key in the text catalogue, snake_case: `erp_login_rejected`.
    public var reason: String
    /// Fill the catalogue's sentences; never a secret, never a payload.
    public var arguments: [String: String]
    /// Ids to look up.
    public var references: [String: String]
    /// How long to wait before sending the same call again; nil when the callee does not know.
    public var retryAfterMs: Int64?

    public init(
        _ status: StatusCode, reason: String, arguments: [String: String] = [:], references: [String: String] = [:],
        retryAfterMs: Int64? = nil
    ) {
        self.status = status
        self.reason = reason
        self.arguments = arguments
        self.references = references
        self.retryAfterMs = retryAfterMs
    }
}

/// A domain error that knows how a caller should see it; the router turns every other error into `internal`.
public protocol ServiceErrorConvertible: Error {
    var serviceError: ServiceError { get }
}

extension ServiceError: ServiceErrorConvertible {
    public var serviceError: ServiceError { self }
}
