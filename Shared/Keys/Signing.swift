public import CoreTypes
import Crypto
import Foundation

/// A file or text that should hold a key does not.
public enum KeyError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case unreadable(path: String)
    case exists(path: String)
    /// Sealed for another key, for another system, or changed since.
    case cannotOpen

    public var description: String {
        switch self {
        case .malformed(let what): "This is not a key: \(what). Make the keys again with 'sluice keys create'."
        case .unreadable(let path):
            "The key file \(path) cannot be read. Check that it exists and that the service may read it."
        case .exists(let path):
            "There is a key at \(path) already; what it protects would be lost without it. Choose an empty folder."
        case .cannotOpen: "The text was sealed for another key or another system, or was changed since."
        }
    }
}

/// Signs with Ed25519; the monitor's verdicts.
public struct SigningKey: Sendable {
    /// Names the key beside each signature: the first 16 hex digits of the public key's SHA-256.
    public let id: String
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: Secret<[UInt8]>) throws(KeyError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation.reveal()) else {
            throw .malformed("a signing key has 32 bytes")
        }
        self.key = key
        id = fingerprint(key.publicKey.rawRepresentation)
    }

    public var verifyingKey: VerifyingKey { VerifyingKey(key: key.publicKey) }

    public func sign(_ message: [UInt8]) -> [UInt8] {
        guard let signature = try? key.signature(for: message) else {
            preconditionFailure("Ed25519 signs any message")
        }
        return Array(signature)
    }
}

/// Checks Ed25519 signatures.
public struct VerifyingKey: Sendable {
    public let id: String
    private let key: Curve25519.Signing.PublicKey

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: [UInt8]) throws(KeyError) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: rawRepresentation) else {
            throw .malformed("a verifying key has 32 bytes")
        }
        self.init(key: key)
    }

    init(key: Curve25519.Signing.PublicKey) {
        self.key = key
        id = fingerprint(key.rawRepresentation)
    }

    public var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: message)
    }
}

func fingerprint(_ publicKey: Data) -> String {
    SHA256.hash(data: publicKey).prefix(8).map { byte in
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
}
