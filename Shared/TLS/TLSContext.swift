import COpenSSL

/// Certificates, keys and rules, shared by all connections made with it. Never changed once made (pitfall 16): a
/// renewed file means a new context.
public final class TLSContext: Sendable {
    public let configuration: TLSConfiguration
    /// When the own certificate expires, in seconds since 1970.
    public let certificateExpiresAt: Int64
    /// Who this end is; nil in server-only mode.
    public let identity: SPIFFEIdentity?
    /// When the first of the revocation lists runs out, in seconds since 1970; from then on every peer is refused.
    public let revocationListExpiresAt: Int64?

    /// Rules for peers; nil when they show no certificate.
    let rules: PeerRules?
    private let library: LibraryContext

    var raw: OpaquePointer { library.raw }

    /// Reads the files and checks that they belong together, as a peer would check them.
    ///
    /// - Throws: `.fileUnreadable`, `.keyMismatch` or `.ownCertificateUnusable`, with the path or what is wrong.
    public convenience init(_ configuration: TLSConfiguration) throws(TLSError) {
        try self.init(configuration, checksItself: true)
    }

    /// - Parameter checksItself: false lets a test show certificates that a peer must refuse.
    init(_ configuration: TLSConfiguration, checksItself: Bool) throws(TLSError) {
        var files = try ContextFiles(configuration)
        try files.read()
        var leaf = sluice_leaf()
        guard sluice_context_own_leaf(files.raw, &leaf) else {
            throw TLSError(.ownCertificateUnusable, "\(configuration.certificateChainPath) holds no certificate")
        }
        var identity: SPIFFEIdentity?
        if let rules = files.rules {
            sluice_context_verify_peers(files.raw) { owner, fault, depth, text, leaf in
                guard let owner else { return false }
                let session = Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
                return session.judge(fault, depth: Int(depth), text: text.map { String(cString: $0) } ?? "", leaf)
            }
            if checksItself { identity = try files.checkItself(rules, leaf) }
        }
        self.configuration = configuration
        self.identity = identity
        self.rules = files.rules
        certificateExpiresAt = leaf.expires_at
        revocationListExpiresAt = files.revocationListExpiresAt
        library = files.library
    }
}

/// Owns OpenSSL's object.
private final class LibraryContext: Sendable {
    /// Safe to share: OpenSSL counts its references atomically, and nobody changes it once the context is made.
    nonisolated(unsafe) let raw: OpaquePointer

    init(mutual: Bool) throws(TLSError) {
        var error = sluice_error()
        guard let raw = sluice_context_new(mutual, &error) else { throw TLSError(error, whileHandshaking: false) }
        self.raw = raw
    }

    deinit { sluice_context_free(raw) }
}

/// A context being filled from files.
private struct ContextFiles {
    let configuration: TLSConfiguration
    let library: LibraryContext
    let rules: PeerRules?
    private(set) var revocationListExpiresAt: Int64?

    var raw: OpaquePointer { library.raw }

    init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        rules =
            switch configuration.mode {
            case .mutual(let trustDomain): PeerRules(trustDomain: trustDomain)
            case .serverOnly: nil
            }
        library = try LibraryContext(mutual: rules != nil)
    }

    mutating func read() throws(TLSError) {
        var error = sluice_error()
        guard sluice_context_use_chain(raw, configuration.certificateChainPath, &error) else {
            throw unreadable(configuration.certificateChainPath, error)
        }
        guard sluice_context_use_key(raw, configuration.privateKeyPath, &error) else {
            throw unreadable(configuration.privateKeyPath, error)
        }
        guard rules != nil else { return }
        guard let authority = configuration.certificateAuthorityPath else {
            throw TLSError(.fileUnreadable, "mutual mode needs the authority's certificate")
        }
        guard sluice_context_trust(raw, authority, &error) else { throw unreadable(authority, error) }
        guard let list = configuration.revocationListPath else { return }
        var nextUpdate: Int64 = 0
        guard sluice_context_revoke(raw, list, &nextUpdate, &error) else { throw unreadable(list, error) }
        revocationListExpiresAt = nextUpdate == .max ? nil : nextUpdate
    }

    /// Finds at start what every peer would refuse later.
    func checkItself(_ rules: PeerRules, _ leaf: sluice_leaf) throws(TLSError) -> SPIFFEIdentity {
        do {
            let identity = try rules.identity(of: leaf, peerIsServer: false, expecting: nil)
            let isService = if case .service = identity.kind { true } else { false }
            for asServer in isService ? [true, false] : [false] {
                let fault = sluice_context_verify_own(raw, asServer)
                guard fault == SLUICE_FAULT_NONE else { throw TLSError(fault, detail: "by the own authority's rules") }
            }
            return identity
        } catch {
            throw TLSError(.ownCertificateUnusable, "\(configuration.certificateChainPath): \(error)")
        }
    }

    private func unreadable(_ path: String, _ error: sluice_error) -> TLSError {
        let cause = TLSError(error, whileHandshaking: false)
        return TLSError(cause.reason == .keyMismatch ? .keyMismatch : .fileUnreadable, "\(path): \(cause.detail)")
    }
}
