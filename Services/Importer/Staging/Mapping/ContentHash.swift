import Crypto

/// Hashes that tell whether content is the same.
///
/// Content is compared with a quick 128-bit hash: the numbers only have to differ when the content does, nobody gains
/// by making two contents agree, and SHA-256 would be a fifth of the whole import. Where something is proven to
/// another party (pages, the staged digest) it is SHA-256.
enum ContentHash {
    /// Bytes of a content hash.
    static let length = 16

    private static let secrets: (UInt64, UInt64, UInt64, UInt64) = (
        0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3
    )

    /// Two independent lanes of multiply-and-fold (after Wang Yi's wyhash) over the same bytes; stored, so never changed.
    @inline(__always)
    static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>) {
        let (first, second) = lanes(bytes)
        let target = UnsafeMutableRawPointer(output)
        target.storeBytes(of: first.littleEndian, as: UInt64.self)
        target.storeBytes(of: second.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    @inline(__always)
    static func lanes(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        var first = secrets.0 ^ UInt64(truncatingIfNeeded: bytes.count)
        var second = secrets.1 &+ UInt64(truncatingIfNeeded: bytes.count)
        var at = 0
        while at &+ 16 <= bytes.count {
            let left = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let right = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self))
            first = folded(left ^ secrets.2, right ^ first)
            second = folded(right ^ secrets.3, left ^ second)
            at &+= 16
        }
        let tail = last(bytes, bytes.count &- at)
        first = folded(tail.0 ^ secrets.2, tail.1 ^ first)
        second = folded(tail.1 ^ secrets.3, tail.0 ^ second)
        return (folded(first ^ secrets.0, secrets.1), folded(second ^ secrets.1, secrets.0))
    }

    /// The last bytes, fewer than 16, as one number: the first of them is the highest.
    @inline(__always)
    private static func last(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> (UInt64, UInt64) {
        guard bytes.count >= 16 else {
            return bytes.suffix(count).reduce((0, 0)) { tail, byte in
                (tail.0 &<< 8 | tail.1 &>> 56, tail.1 &<< 8 | UInt64(byte))
            }
        }
        let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: bytes.count &- 16, as: UInt64.self))
        let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self))
        let mask = (UInt64(1) &<< UInt64(8 &* (count & 7))) &- 1
        return count < 8 ? (0, low & mask) : (high & mask, low)
    }

    @inline(__always)
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    // MARK: Proofs

    static func hex(of text: String) -> String {
        hex(SHA256.hash(data: Array(text.utf8)))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
