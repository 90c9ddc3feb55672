import Crypto

/// Hashes that tell whether content is the same.
enum ContentHash {
    /// Bytes kept of SHA-256: enough that two different contents are never taken for one.
    static let length = 16

    /// SHA-256 of the bytes, cut to ``length``.
    @inline(__always)
    static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>) {
        SHA256.hash(data: bytes).withUnsafeBytes { digest in
            UnsafeMutableRawPointer(output).copyMemory(from: digest.baseAddress.unsafelyUnwrapped, byteCount: length)
        }
    }

    static func hex(of text: String) -> String {
        hex(SHA256.hash(data: Array(text.utf8)))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A quick hash of one row, for finding which rows of a changed item differ.
    ///
    /// Eight bytes at a time, multiplied to 128 bits and folded; the seed is fixed, as it is stored.
    @inline(__always)
    static func row(_ start: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: length) ^ 0x9E37_79B9_7F4A_7C15
        var at = 0
        while at &+ 8 <= length {
            let word = UInt64(littleEndian: UnsafeRawPointer(start + at).loadUnaligned(as: UInt64.self))
            hash = folded(hash ^ word)
            at &+= 8
        }
        var tail: UInt64 = 0
        while at < length {
            tail = tail &<< 8 | UInt64(start[at])
            at &+= 1
        }
        return folded(folded(hash ^ tail) ^ 0xE703_7ED1_A0B4_28DB)
    }

    @inline(__always)
    private static func folded(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
