public import CoreTypes
import Crypto
import Foundation

/// A text only the holder of the private key can read, and only in the context it was sealed for.
public struct SealedBytes: Sendable, Equatable {
    public var keyID: String
    public var encapsulatedKey: [UInt8]
    public var ciphertext: [UInt8]

    public init(keyID: String, encapsulatedKey: [UInt8], ciphertext: [UInt8]) {
        self.keyID = keyID
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }
}

private let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

/// The importers' private key: opens credentials of outside systems (HPKE, RFC 9180, X25519).
public struct SealingKey: Sendable {
    public let id: String
    private let key: Curve25519.KeyAgreement.PrivateKey

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: Secret<[UInt8]>) throws(KeyError) {
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: rawRepresentation.reveal()) else {
            throw .malformed("a sealing key has 32 bytes")
        }
        self.key = key
        id = fingerprint(key.publicKey.rawRepresentation)
    }

    public var publicKey: SealingPublicKey { SealingPublicKey(key: key.publicKey) }

    /// - Throws: ``KeyError/cannotOpen`` for another key, another context, or a changed byte.
    public func open(_ sealed: SealedBytes, boundTo context: String) throws(KeyError) -> Secret<[UInt8]> {
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: suite, info: Data(context.utf8),
                encapsulatedKey: Data(sealed.encapsulatedKey))
            return Secret(Array(try recipient.open(Data(sealed.ciphertext))))
        } catch {
            throw .cannotOpen
        }
    }
}

/// Seals credentials before they leave the operator's machine.
public struct SealingPublicKey: Sendable {
    public let id: String
    private let key: Curve25519.KeyAgreement.PublicKey

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: [UInt8]) throws(KeyError) {
        guard let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: rawRepresentation) else {
            throw .malformed("a public sealing key has 32 bytes")
        }
        self.init(key: key)
    }

    init(key: Curve25519.KeyAgreement.PublicKey) {
        self.key = key
        id = fingerprint(key.rawRepresentation)
    }

    public var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

    public func seal(_ plaintext: Secret<[UInt8]>, boundTo context: String) throws(KeyError) -> SealedBytes {
        do {
            var sender = try HPKE.Sender(recipientKey: key, ciphersuite: suite, info: Data(context.utf8))
            let ciphertext = try sender.seal(Data(plaintext.reveal()))
            return SealedBytes(
                keyID: id, encapsulatedKey: Array(sender.encapsulatedKey), ciphertext: Array(ciphertext))
        } catch {
            throw .malformed("sealing to this public key failed")
        }
    }
}
