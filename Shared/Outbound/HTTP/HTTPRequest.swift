public import CoreTypes

/// One request of another system. Its description has neither query nor headers nor body.
public struct HTTPRequest: Sendable, CustomStringConvertible {
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A body that must not be printed, as a login with a password in it.
        case secret(Secret<[UInt8]>)
    }

    /// Whether a kept connection may be used.
    ///
    /// A server may close a kept connection at the moment a request goes out on it. libcurl then sends the request
    /// again on a new connection, though the server may have acted on the first.
    public enum ConnectionReuse: Sendable {
        /// As `.allowed`, but `.never` for POST and PATCH without an `Idempotency-Key`.
        case automatic
        case allowed
        /// A connection of its own, which others may use later.
        case never
    }

    public var method: HTTPMethod
    /// Absolute, without user info; everything but the host in ASCII.
    public var url: String
    public var headers: [HTTPHeader]
    public var body: Body
    /// nil: the client's.
    public var timeouts: HTTPTimeouts?
    /// Most bytes of answer, after decompression; nil: the client's.
    public var maxBodyBytes: Int?
    /// nil: the client's. Requests of different trust never share a connection.
    public var trust: TLSTrust?
    public var reuse: ConnectionReuse

    public init(
        _ method: HTTPMethod = .get, _ url: String, headers: [HTTPHeader] = [], body: Body = .none,
        timeouts: HTTPTimeouts? = nil, maxBodyBytes: Int? = nil, trust: TLSTrust? = nil,
        reuse: ConnectionReuse = .automatic
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.maxBodyBytes = maxBodyBytes
        self.trust = trust
        self.reuse = reuse
    }

    public var description: String { "\(method.rawValue) \(withoutQuery(url))" }

    var needsFreshConnection: Bool {
        switch reuse {
        case .never: true
        case .allowed: false
        case .automatic:
            (method == .post || method == .patch) && !headers.contains { $0.name.lowercased() == "idempotency-key" }
        }
    }
}

public struct HTTPMethod: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    /// - Parameter rawValue: upper-case ASCII letters; anything else is refused when the request is sent.
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let get = HTTPMethod(rawValue: "GET")
    public static let head = HTTPMethod(rawValue: "HEAD")
    public static let post = HTTPMethod(rawValue: "POST")
    public static let put = HTTPMethod(rawValue: "PUT")
    public static let patch = HTTPMethod(rawValue: "PATCH")
    public static let delete = HTTPMethod(rawValue: "DELETE")

    var isValid: Bool {
        (1...20).contains(rawValue.utf8.count) && rawValue.utf8.allSatisfy { (65...90).contains($0) }
    }
}

/// One request header. Its value is kept as a secret when given as one, and then never prints.
public struct HTTPHeader: Sendable, CustomStringConvertible {
    public let name: String
    let value: Secret<String>
    private let isSecret: Bool

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = Secret(value)
        isSecret = false
    }

    public init(_ name: String, _ value: Secret<String>) {
        self.name = name
        self.value = value
        isSecret = true
    }

    public var description: String { "\(name): \(isSecret ? value.description : value.reveal())" }

    /// The line without its end, as libcurl takes it.
    ///
    /// - Throws: `invalidRequest` for a name that is no token, a value with control characters or outside ASCII, and
    ///   for headers that frame the message, which are libcurl's to write.
    func line() throws(OutboundError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
            throw .invalidRequest("a header name has a character in it that is not allowed")
        }
        guard !framingHeaders.contains(name.lowercased()) else { throw .invalidRequest("\(name) is not yours to set") }
        let text = value.reveal()
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
            throw .invalidRequest("the value of \(name) has a line end, a control character or non-ASCII text in it")
        }
        // libcurl's spelling: "Name:" removes a header of its own, "Name;" sends it empty.
        return text.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(text)"
    }
}

private let framingHeaders: Set<String> = [
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade", "accept-encoding",
]

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
