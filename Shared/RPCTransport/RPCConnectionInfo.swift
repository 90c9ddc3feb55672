public import RPC

/// One connection, as logs show it.
public struct RPCConnectionInfo: Sendable, Equatable {
    /// Counts up from 1 per server or client.
    public var number: UInt64
    public var peer: PeerIdentity
    /// The other end's address as the socket gave it.
    public var remoteAddress: String
    /// Protocol and suite: `TLSv1.3 TLS_AES_128_GCM_SHA256`.
    public var tls: String
}
