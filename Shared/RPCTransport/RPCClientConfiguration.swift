public import CoreTypes

/// Which service a client calls, where it may be, and what it bears with.
public struct RPCClientConfiguration: Sendable, Equatable {
    /// The service's name; a server with another one in its certificate is refused.
    public var service: String
    /// Tried in this order; the first that answers is used until it goes away.
    public var addresses: [RPCAddress]
    public var limits: RPCClientLimits

    public init(service: String, addresses: [RPCAddress], limits: RPCClientLimits = RPCClientLimits()) {
        self.service = service
        self.addresses = addresses
        self.limits = limits
    }
}

/// Every bound of the client, each with its unit.
public struct RPCClientLimits: Sendable, Equatable {
    /// The longest frame taken from a server.
    public var frameBytesMax = 1 << 20
    /// For the socket of one address.
    public var connectSecondsMax = 3
    /// From the socket to the server's `rpc.hello`.
    public var helloSecondsMax = 5
    /// Between attempts to connect after one that failed.
    public var reconnect = Backoff(first: .milliseconds(100), longest: .seconds(5))
    /// How long calls wait, within their timeouts, for a server that said it would stop to be back: a restart fails none.
    /// Streams do not wait. A server that went without a word is not waited for.
    public var restartSecondsMax = 30
    /// How often a call may be sent in all, where it may be repeated.
    public var attemptsMax = 4
    /// How often at least a live connection's server is looked at again, as after a new revocation list.
    public var certificatePollSeconds = 5

    public init() {}
}
