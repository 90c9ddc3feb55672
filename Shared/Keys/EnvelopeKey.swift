public import CoreTypes
import Crypto
import Foundation

/// Encrypts a service's own secrets at rest (AES-256-GCM) with a key that is not in the database.
///
/// Each text has its own random nonce and is bound to where it is stored, so that a ciphertext moved to another row or
/// field does not open.
public struct EnvelopeKey: Sendable {
    public let id: String
    private let key: SymmetricKey

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: Secret<[UInt8]>) throws(KeyError) {
        let bytes = rawRepresentation.reveal()
        guard bytes.count == 32 else { throw .malformed("an envelope key has 32 bytes") }
        key = SymmetricKey(data: bytes)
        id = fingerprint(Data(SHA256.hash(data: bytes)))
    }

    /// - Parameter place: Table, row, merchant and field, as `"mailServer/1/password"`.
    /// - Returns: Nonce, ciphertext and tag.
    public func seal(_ plaintext: Secret<[UInt8]>, for place: String) -> [UInt8] {
        let authenticated = Data("\(id)/\(place)".utf8)
        guard let box = try? AES.GCM.seal(plaintext.reveal(), using: key, authenticating: authenticated),
            let combined = box.combined
        else { preconditionFailure("AES-GCM seals any bytes") }
        return Array(combined)
    }

    /// - Throws: ``KeyError/cannotOpen`` for another key, another place, or a changed byte.
    public func open(_ sealed: [UInt8], for place: String) throws(KeyError) -> Secret<[UInt8]> {
        do {
            let box = try AES.GCM.SealedBox(combined: Data(sealed))
            return Secret(Array(try AES.GCM.open(box, using: key, authenticating: Data("\(id)/\(place)".utf8))))
        } catch {
            throw .cannotOpen
        }
    }
}
