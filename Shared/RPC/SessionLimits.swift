/// What one connection may use; sent to the client in `rpc.hello`.
public struct SessionLimits: Codable, Sendable, Equatable {
    /// The longest frame either side may send, without its length prefix.
    public var frameBytesMax = 1 << 20
    /// Calls running at once; more are answered `resourceExhausted`.
    public var callsMax = 1024
    /// Messages in one batch.
    public var batchMax = 100
    /// What a stream may send before its client grants more, in bytes of items.
    public var streamCreditBytes = 256 * 1024
    /// The longest any call may take, also one without a deadline.
    public var deadlineMsMax: Int64 = 600_000
    /// A client that received nothing for this long sends `rpc.ping`.
    public var keepaliveIntervalMs: Int64 = 10_000
    /// A link that stays silent this long after that is dead.
    public var keepaliveTimeoutMs: Int64 = 5_000

    public init() {}
}

/// The server's first frame: what it is and what it can do.
public struct ServerHello: Codable, Sendable, Equatable {
    /// The newest version of the protocol that the server speaks.
    public var version: Int
    /// The oldest one.
    public var versionMin: Int
    public var service: String
    public var features: [String]
    public var limits: SessionLimits

    public static let version = 1
    public static let features = ["batch", "cancel", "deadline", "idempotencyKey", "stream"]

    public init(service: String, limits: SessionLimits) {
        version = Self.version
        versionMin = Self.version
        self.service = service
        features = Self.features
        self.limits = limits
    }
}
