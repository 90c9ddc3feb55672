public import RPC

/// Where a server listens and what it lets its callers use.
public struct RPCServerConfiguration: Sendable, Equatable {
    public var host: String
    /// 0 takes a free one; ``RPCServer/boundPort()`` tells which.
    public var port: Int
    public var limits: RPCServerLimits

    public init(host: String = "0.0.0.0", port: Int, limits: RPCServerLimits = RPCServerLimits()) {
        self.host = host
        self.port = port
        self.limits = limits
    }
}

/// Every bound of the server, each with its unit.
public struct RPCServerLimits: Sendable, Equatable {
    /// What one connection may use: frame bytes, calls, streams, deadlines. Told to the client in `rpc.hello`.
    public var session = SessionLimits()
    /// Connections of peers that are known; one more is closed unheard.
    public var connectionsMax = 4096
    /// Connections that have not yet shown who they are, beside the others.
    public var strangersMax = 512
    /// Of these, from one IPv4 address, or from one network of IPv6 (64 bits).
    public var strangersPerAddressMax = 32
    /// Connections of one identity.
    public var connectionsPerPeerMax = 256
    /// From accepting to the end of the handshake.
    public var handshakeSecondsMax = 5
    /// From `rpc.hello` to the client's first frame.
    public var firstFrameSecondsMax = 10
    /// Without a whole frame of the client. Clients ping more often than this.
    public var idleSecondsMax = 60
    /// Age at which a connection is drained, so that certificates and addresses are looked at again.
    public var connectionAgeSecondsMax = 3600
    /// How long calls may still take once the server is told to stop.
    public var drainSecondsMax = 25
    /// While draining, a connection without calls is closed after this much silence if its client does not do so.
    public var drainQuietMilliseconds = 2000
    /// How often the certificate files are looked at.
    public var certificatePollSeconds = 5
    /// How often at most refused strangers are told of in the log above debug.
    public var refusalReportSeconds = 10

    public init() {}
}
