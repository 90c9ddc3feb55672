import Crypto

/// SHA-256, as receipts and evidence name contents.
public enum Digest {
    /// 64 hexadecimal digits in lower case.
    public static func sha256(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

    fileprivate static func text(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// A ``Digest`` of bytes that come part by part.
public struct GrowingDigest: Sendable {
    private var hash = SHA256()

    public init() {}

    public mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }

    /// Of all that was added so far.
    public var sha256: String { Digest.text(hash.finalize()) }
}
