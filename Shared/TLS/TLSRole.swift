/// Which end of a connection a handler is.
public enum TLSRole: Sendable, Equatable {
    case server
    /// - Parameter service: the SPIFFE service name the server must have; nil accepts any service of the trust domain.
    case client(service: String?)
}

/// Fired once as a user inbound event, before any bytes of the peer are delivered.
public struct TLSHandshakeCompleted: Sendable, Equatable {
    /// Who is at the other end; nil in server-only mode.
    public let peer: SPIFFEIdentity?
    /// Protocol and suite, for logs: `TLSv1.3 TLS_AES_128_GCM_SHA256`.
    public let parameters: String
}
