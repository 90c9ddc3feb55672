/// What became of one mail to one recipient.
public enum SMTPOutcome: Sendable, Equatable {
    /// The server has taken the mail over (2xx after its last byte).
    case accepted(code: Int, text: String)
    /// Nothing is wrong with this mail; send the same one again later. `code` is the server's, when it gave one.
    case retryLater(code: Int?, reason: SMTPDelay)
    /// The server will not take this mail or this recipient, now or later (5xx).
    case refused(code: Int, text: String)
}

/// Why a mail has to wait.
public struct SMTPDelay: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case name, connection, tls, timeout, cancelled
        /// The server refuses our user name or password, or wants one.
        case login
        /// The server says later (4xx), as when it greylists.
        case busy
        /// The server refuses to talk to us at all, before it has heard of the mail.
        case greeting
    }

    public var kind: Kind
    public var detail: String
    /// The whole mail was sent and the answer is missing: it may arrive, and arrive again with the next attempt. Its
    /// Message-ID stays the same.
    public var mayHaveArrived: Bool

    public init(kind: Kind, detail: String, mayHaveArrived: Bool = false) {
        self.kind = kind
        self.detail = detail
        self.mayHaveArrived = mayHaveArrived
    }
}
