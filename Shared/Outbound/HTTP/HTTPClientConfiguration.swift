public import CoreTypes

/// What holds for all requests of one client. The defaults are the strict ones.
public struct HTTPClientConfiguration: Sendable {
    public var addresses = AddressPolicy.publicOnly
    public var allowsPlainHTTP = false
    /// nil: every port.
    public var allowedPorts: Set<Int>?
    public var trust = TLSTrust.system
    public var proxy: HTTPProxy?
    public var timeouts = HTTPTimeouts()
    /// Most bytes of one answer, after decompression.
    public var maxBodyBytes = 256 * 1024 * 1024
    public var userAgent = "sluice"
    /// Requests beyond it wait; only their `total` limit runs meanwhile.
    public var connectionsPerHost = 8
    /// Idle connections kept open over all hosts.
    public var connectionsKept = 32
    public var allowsHTTP2 = false

    public init() {}
}

/// Limits of one exchange; nil is no limit. They are checked about five times a second.
public struct HTTPTimeouts: Sendable, Equatable {
    /// Name, connection and TLS.
    public var connect: Duration
    /// From the last byte of the request until the first of the answer.
    public var firstByte: Duration?
    /// Longest silence once bytes come or go. Time the reader of the body takes does not count.
    public var idle: Duration?
    /// The whole exchange, the reader's time included.
    public var total: Duration?

    public init(
        connect: Duration = .seconds(10), firstByte: Duration? = .seconds(60), idle: Duration? = .seconds(30),
        total: Duration? = .seconds(300)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

/// How a server proves who it is.
public enum TLSTrust: Sendable, Equatable {
    /// The certificate authorities of the operating system.
    case system
    /// The authorities in this PEM file and no others.
    case authorities(file: String)
    /// The authorities in this PEM text and no others.
    case authoritiesPEM([UInt8])
    /// The server's public key is one of these, written `sha256//` and the base64 of the SHA-256 of its
    /// SubjectPublicKeyInfo. The key stands in for chain and name: for self-signed servers on site.
    case pinned(publicKeys: [String])
    /// Anyone may answer. The last resort, chosen by name.
    case unverified
}

/// A proxy that tunnels with CONNECT. It resolves names itself, so ``AddressPolicy`` judges only addresses written in
/// the URL; the proxy's own rules must keep it out of private networks.
public struct HTTPProxy: Sendable {
    /// `http://host:port`.
    public var url: String
    /// `user:password`.
    public var credentials: Secret<String>?

    public init(url: String, credentials: Secret<String>? = nil) {
        self.url = url
        self.credentials = credentials
    }
}
