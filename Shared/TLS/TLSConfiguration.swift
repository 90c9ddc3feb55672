/// Where the certificates lie and what is demanded of the peer.
public struct TLSConfiguration: Sendable, Equatable {
    public enum Mode: Sendable, Equatable {
        /// Between services: TLS 1.3 only, both ends show a certificate with one SPIFFE name of this trust domain.
        case mutual(trustDomain: String)
        /// HTTPS and SMTP to the outside: TLS 1.2 or 1.3, server end only, nothing asked of the client.
        case serverOnly
    }

    public var mode: Mode
    /// PEM, the own certificate first, then what leads up to the authority.
    public var certificateChainPath: String
    /// PEM without a passphrase.
    public var privateKeyPath: String
    /// PEM with every authority peers are trusted by. Both the old and the new one while it is being replaced.
    public var certificateAuthorityPath: String?
    /// PEM with one revocation list of each authority. When given, an expired or missing list refuses every peer.
    public var revocationListPath: String?

    public static func mutual(
        trustDomain: String, certificateChainPath: String, privateKeyPath: String, certificateAuthorityPath: String,
        revocationListPath: String? = nil
    ) -> TLSConfiguration {
        TLSConfiguration(
            mode: .mutual(trustDomain: trustDomain), certificateChainPath: certificateChainPath,
            privateKeyPath: privateKeyPath, certificateAuthorityPath: certificateAuthorityPath,
            revocationListPath: revocationListPath)
    }

    public static func serverOnly(certificateChainPath: String, privateKeyPath: String) -> TLSConfiguration {
        TLSConfiguration(
            mode: .serverOnly, certificateChainPath: certificateChainPath, privateKeyPath: privateKeyPath,
            certificateAuthorityPath: nil, revocationListPath: nil)
    }

    /// Every file the context is made of.
    var paths: [String] {
        [certificateChainPath, privateKeyPath] + [certificateAuthorityPath, revocationListPath].compactMap { $0 }
    }
}
