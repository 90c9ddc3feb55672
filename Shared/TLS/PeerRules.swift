import COpenSSL

/// What a peer's own certificate must be, beyond a valid chain.
///
/// - SeeAlso: SPIFFE X.509-SVID, sections 2, 4 and 5.
struct PeerRules: Sendable {
    let trustDomain: String

    /// - Parameters:
    ///   - peerIsServer: which end the peer is; services must be good for both.
    ///   - service: the service the peer has to be; nil when any member of the trust domain will do.
    func identity(of leaf: sluice_leaf, peerIsServer: Bool, expecting service: String?) throws(TLSError)
        -> SPIFFEIdentity
    {
        try checkUse(of: leaf)
        let identity = try name(of: leaf)
        guard identity.trustDomain == trustDomain else {
            throw TLSError(.identityForeignDomain, "\(identity) is not of the trust domain \(trustDomain)")
        }
        try checkPurpose(of: leaf, identity, peerIsServer: peerIsServer)
        if let service {
            guard case .service(service, _) = identity.kind else {
                throw TLSError(.identityUnexpected, "expected the service \(service), met \(identity)")
            }
        }
        return identity
    }

    private func checkUse(of leaf: sluice_leaf) throws(TLSError) {
        guard !leaf.is_authority else {
            throw TLSError(.certificateIsAuthority, "an authority's certificate is not one to connect with")
        }
        guard !leaf.may_sign_certificates, !leaf.may_sign_lists else {
            throw TLSError(.certificateMaySign, "key usage allows signing certificates or revocation lists")
        }
        guard leaf.has_key_usage else { throw TLSError(.certificateMayNotAuthenticate, "no key usage") }
        guard leaf.may_sign_digitally else {
            throw TLSError(.certificateMayNotAuthenticate, "key usage lacks digitalSignature")
        }
    }

    private func name(of leaf: sluice_leaf) throws(TLSError) -> SPIFFEIdentity {
        switch leaf.uri_count {
        case 0: throw TLSError(.identityMissing, "no URI among the subject alternative names")
        case 1: break
        case let count: throw TLSError(.identityAmbiguous, "\(count) URIs among the subject alternative names")
        }
        guard leaf.uri_length <= sluice_uri_bytes_max else {
            throw TLSError(.identityMalformed, "longer than \(sluice_uri_bytes_max) bytes")
        }
        let bytes = withUnsafeBytes(of: leaf.uri) { Array($0.prefix(Int(leaf.uri_length))) }
        return try SPIFFEIdentity(bytes)
    }

    private func checkPurpose(of leaf: sluice_leaf, _ identity: SPIFFEIdentity, peerIsServer: Bool) throws(TLSError) {
        guard leaf.has_extended_key_usage else {
            throw TLSError(.certificatePurposeMissing, "no extended key usage")
        }
        let isService = if case .service = identity.kind { true } else { false }
        guard leaf.for_clients, leaf.for_servers || !isService else {
            throw TLSError(
                .certificatePurposeWrong, "a service needs serverAuth and clientAuth, an operator clientAuth")
        }
        guard isService || !peerIsServer else {
            throw TLSError(.identityUnexpected, "\(identity) is a person, not a service")
        }
    }
}
