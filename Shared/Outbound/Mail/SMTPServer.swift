public import CoreTypes

/// The mail server that takes our mails. Named by the operator, so its address is not judged by ``AddressPolicy``.
public struct SMTPServer: Sendable {
    let host: String
    let port: Int
    let security: SMTPSecurity
    let credentials: SMTPCredentials?
    let trust: TLSTrust
    let helloName: String
    let connectTimeout: Duration
    let totalTimeout: Duration

    /// - Parameters:
    ///   - port: nil: 587 for STARTTLS, 465 for TLS, 25 for none.
    ///   - helloName: the name we greet with; some servers want it to be this host's.
    ///   - totalTimeout: for one mail, from connecting to the server's last answer.
    /// - Throws: `invalidRequest` for a host or name that is none, and for credentials that would travel in clear.
    public init(
        host: String, port: Int? = nil, security: SMTPSecurity = .startTLS, credentials: SMTPCredentials? = nil,
        trust: TLSTrust = .system, helloName: String = "localhost", connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(60)
    ) throws(OutboundError) {
        guard let wireHost = DomainName(host)?.ascii ?? IPAddress(host).map(bracketed) else {
            throw .invalidRequest("the mail server's host \(host.prefix(100)) is not a host name or address")
        }
        guard let name = DomainName(helloName) else {
            throw .invalidRequest("the greeting name \(helloName.prefix(100)) is not a host name")
        }
        let port = port ?? security.port
        guard (1...65_535).contains(port) else { throw .invalidRequest("the mail server's port \(port) is not a port") }
        guard credentials == nil || security != .none else {
            throw .invalidRequest("a password is not sent to a mail server without TLS")
        }
        if let credentials, (credentials.user + credentials.password.reveal()).utf8.contains(where: { $0 < 0x20 }) {
            throw .invalidRequest("the mail server's user name or password has a control character in it")
        }
        self.host = wireHost
        self.port = port
        self.security = security
        self.credentials = credentials
        self.trust = trust
        self.helloName = name.ascii
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
    }

    var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)/\(helloName)" }
}

public enum SMTPSecurity: String, Sendable {
    /// Begins in clear and must become TLS before anything is said.
    case startTLS
    /// TLS from the first byte.
    case tls
    /// In clear: for a relay on this host.
    case none

    var port: Int {
        switch self {
        case .startTLS: 587
        case .tls: 465
        case .none: 25
        }
    }
}

public struct SMTPCredentials: Sendable {
    public var user: String
    public var password: Secret<String>

    public init(user: String, password: Secret<String>) {
        self.user = user
        self.password = password
    }
}

private func bracketed(_ address: IPAddress) -> String { address.isIPv6 ? "[\(address)]" : "\(address)" }
