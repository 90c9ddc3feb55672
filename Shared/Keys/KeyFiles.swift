public import CoreTypes
import Crypto
import Foundation

/// Key files are one line of base64; private ones may be read by their owner only.
public enum KeyFile {
    /// Reads the 32 bytes of a key.
    public static func read(_ path: String) throws(KeyError) -> Secret<[UInt8]> {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw .unreadable(path: path) }
        guard let data = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)), data.count == 32
        else { throw .malformed("\(path) should hold 32 bytes in base64") }
        return Secret(Array(data))
    }

    /// Writes the key into a new file.
    ///
    /// - Throws: ``KeyError/exists(path:)``: a key is never overwritten, for what it protects would be lost;
    ///   ``KeyError/unreadable(path:)`` when the file cannot be made.
    public static func write(_ bytes: [UInt8], to path: String, isPrivate: Bool) throws(KeyError) {
        let text = Array((Data(bytes).base64EncodedString() + "\n").utf8)
        // Made with its rights, not given them afterwards: a private key is never readable by others, not for a moment.
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, isPrivate ? 0o600 : 0o644)
        guard file >= 0 else { throw errno == EEXIST ? .exists(path: path) : .unreadable(path: path) }
        defer { close(file) }
        guard Foundation.write(file, text, text.count) == text.count, fsync(file) == 0 else {
            unlink(path)
            throw .unreadable(path: path)
        }
    }
}

/// The keys of an installation, made once: the monitor's signing key, the importers' sealing key, the envelope key.
public enum KeySet {
    /// Writes `verdict-signing.key`, `verdict-verifying.key`, `sealing.key`, `sealing.pub` and `envelope.key`.
    public static func create(in folder: String) throws(KeyError) {
        let signing = Curve25519.Signing.PrivateKey()
        let sealing = Curve25519.KeyAgreement.PrivateKey()
        let envelope = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        try write(Array(signing.rawRepresentation), "verdict-signing.key", in: folder, isPrivate: true)
        try write(Array(signing.publicKey.rawRepresentation), "verdict-verifying.key", in: folder, isPrivate: false)
        try write(Array(sealing.rawRepresentation), "sealing.key", in: folder, isPrivate: true)
        try write(Array(sealing.publicKey.rawRepresentation), "sealing.pub", in: folder, isPrivate: false)
        try write(envelope, "envelope.key", in: folder, isPrivate: true)
    }

    private static func write(
        _ bytes: [UInt8], _ name: String, in folder: String, isPrivate: Bool
    ) throws(KeyError) {
        try KeyFile.write(bytes, to: "\(folder)/\(name)", isPrivate: isPrivate)
    }
}
