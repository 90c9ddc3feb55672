import COpenSSL

/// Why a context could not be made, a peer was refused or a connection broke.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable keys, one per thing an operator can put right.
    public enum Reason: String, Sendable, CaseIterable {
        // Own files
        case fileUnreadable = "tls_file_unreadable"
        case keyMismatch = "tls_key_mismatch"
        case ownCertificateUnusable = "tls_own_certificate_unusable"

        // The peer's certificate
        case certificateMissing = "tls_certificate_missing"
        case certificateExpired = "tls_certificate_expired"
        case certificateNotYetValid = "tls_certificate_not_yet_valid"
        case certificateUnknownIssuer = "tls_certificate_unknown_issuer"
        case certificateSelfSigned = "tls_certificate_self_signed"
        case certificateUnknownRoot = "tls_certificate_unknown_root"
        case certificateSignatureWrong = "tls_certificate_signature_wrong"
        case certificateRevoked = "tls_certificate_revoked"
        case certificateIssuerWithoutAuthority = "tls_certificate_issuer_without_authority"
        case certificateChainTooLong = "tls_certificate_chain_too_long"
        case certificatePurposeWrong = "tls_certificate_purpose_wrong"
        case certificatePurposeMissing = "tls_certificate_purpose_missing"
        case certificateKeyTooSmall = "tls_certificate_key_too_small"
        case certificateDigestTooWeak = "tls_certificate_digest_too_weak"
        case certificateExtensionUnknown = "tls_certificate_extension_unknown"
        case certificateMalformed = "tls_certificate_malformed"
        case certificateIsAuthority = "tls_certificate_is_authority"
        case certificateMaySign = "tls_certificate_may_sign"
        case certificateMayNotAuthenticate = "tls_certificate_may_not_authenticate"
        case certificateRefused = "tls_certificate_refused"
        case revocationListMissing = "tls_revocation_list_missing"
        case revocationListExpired = "tls_revocation_list_expired"
        case revocationListWrong = "tls_revocation_list_wrong"

        // The peer's name
        case identityMissing = "tls_identity_missing"
        case identityAmbiguous = "tls_identity_ambiguous"
        case identityMalformed = "tls_identity_malformed"
        case identityForeignDomain = "tls_identity_foreign_domain"
        case identityUnexpected = "tls_identity_unexpected"

        // The connection
        case refusedByPeer = "tls_refused_by_peer"
        case notTLS = "tls_not_tls"
        case versionUnsupported = "tls_version_unsupported"
        case noCommonSuite = "tls_no_common_suite"
        case endedInHandshake = "tls_ended_in_handshake"
        case truncated = "tls_truncated"
        case recordDamaged = "tls_record_damaged"
        case broken = "tls_broken"
    }

    public var reason: Reason
    /// What exactly, in English, for logs and for `arguments` of the catalogue: never a secret.
    public var detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { "\(reason.rawValue): \(detail)" }

    /// Whether trying again cannot help until somebody changes a certificate, a name or a setting.
    public var needsChange: Bool {
        switch reason {
        case .truncated, .endedInHandshake, .recordDamaged, .broken: false
        default: true
        }
    }
}

extension TLSError {
    init(_ error: sluice_error, whileHandshaking: Bool) {
        let text = withUnsafeBytes(of: error.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        switch error.kind {
        case SLUICE_ERROR_ALERT: self.init(.refusedByPeer, "the peer sent alert \(error.alert) (\(text))")
        case SLUICE_ERROR_TRUNCATED where whileHandshaking: self.init(.endedInHandshake, "the peer hung up")
        case SLUICE_ERROR_TRUNCATED: self.init(.truncated, "the connection ended without close_notify")
        case SLUICE_ERROR_NO_CERTIFICATE: self.init(.certificateMissing, "the peer showed no certificate")
        case SLUICE_ERROR_NOT_TLS: self.init(.notTLS, text)
        case SLUICE_ERROR_PROTOCOL_VERSION: self.init(.versionUnsupported, text)
        case SLUICE_ERROR_NO_COMMON_SUITE: self.init(.noCommonSuite, text)
        case SLUICE_ERROR_KEY_MISMATCH: self.init(.keyMismatch, text)
        case SLUICE_ERROR_BAD_RECORD: self.init(.recordDamaged, text)
        default: self.init(.broken, text.isEmpty ? "no reason given" : text)
        }
    }

    /// - Parameter detail: OpenSSL's own sentence.
    init(_ fault: sluice_fault, detail: String) {
        let reason: Reason =
            switch fault {
            case SLUICE_FAULT_EXPIRED: .certificateExpired
            case SLUICE_FAULT_NOT_YET_VALID: .certificateNotYetValid
            case SLUICE_FAULT_UNKNOWN_ISSUER: .certificateUnknownIssuer
            case SLUICE_FAULT_SELF_SIGNED: .certificateSelfSigned
            case SLUICE_FAULT_SELF_SIGNED_ROOT: .certificateUnknownRoot
            case SLUICE_FAULT_SIGNATURE: .certificateSignatureWrong
            case SLUICE_FAULT_REVOKED: .certificateRevoked
            case SLUICE_FAULT_LIST_MISSING: .revocationListMissing
            case SLUICE_FAULT_LIST_EXPIRED: .revocationListExpired
            case SLUICE_FAULT_LIST_SIGNATURE: .revocationListWrong
            case SLUICE_FAULT_ISSUER_NO_AUTHORITY: .certificateIssuerWithoutAuthority
            case SLUICE_FAULT_PATH_TOO_LONG: .certificateChainTooLong
            case SLUICE_FAULT_PURPOSE: .certificatePurposeWrong
            case SLUICE_FAULT_KEY_TOO_SMALL: .certificateKeyTooSmall
            case SLUICE_FAULT_DIGEST_TOO_WEAK: .certificateDigestTooWeak
            case SLUICE_FAULT_UNKNOWN_CRITICAL_EXTENSION: .certificateExtensionUnknown
            case SLUICE_FAULT_LEAF_MAY_SIGN: .certificateMaySign
            case SLUICE_FAULT_MALFORMED: .certificateMalformed
            default: .certificateRefused
            }
        self.init(reason, detail)
    }
}
