/// Copying and comparing a handful of bytes: most parts of an item are shorter than a call of memmove or memcmp pays for.
enum ShortBytes {
    /// The two must not overlap.
    @inline(__always)
    static func copy(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ length: Int) {
        let from = UnsafeRawPointer(source)
        let to = UnsafeMutableRawPointer(target)
        switch length {
        case ..<4: for at in 0..<length { target[at] = source[at] }
        case ..<8: copyEnds(from, to, length, of: UInt32.self)
        case ..<17: copyEnds(from, to, length, of: UInt64.self)
        case ..<33: copyEnds(from, to, length, of: SIMD16<UInt8>.self)
        default: target.update(from: source, count: length)
        }
    }

    /// The first and the last of so many bytes; they meet or overlap.
    @inline(__always)
    private static func copyEnds<Word: BitwiseCopyable>(
        _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ length: Int, of: Word.Type
    ) {
        let last = length &- MemoryLayout<Word>.size
        let (start, end) = (from.loadUnaligned(as: Word.self), from.loadUnaligned(fromByteOffset: last, as: Word.self))
        to.storeBytes(of: start, as: Word.self)
        to.storeBytes(of: end, toByteOffset: last, as: Word.self)
    }

    @inline(__always)
    static func areEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let (left, right) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
        switch length {
        case ..<4:
            for at in 0..<length {
                guard areEqual(left, right, at: at, UInt8.self) else { return false }
            }
            return true
        case ..<8:
            return areEqual(left, right, at: 0, UInt32.self) && areEqual(left, right, at: length &- 4, UInt32.self)
        default:
            var at = 0
            while at &+ 8 <= length {
                guard areEqual(left, right, at: at, UInt64.self) else { return false }
                at &+= 8
            }
            return areEqual(left, right, at: length &- 8, UInt64.self)
        }
    }

    /// Above 0 when the left comes after the right, below when it comes before: byte by byte, then the shorter first.
    @inline(__always)
    static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let length = min(left.count, right.count)
        var at = 0
        while at &+ 8 <= length {
            let one = UInt64(bigEndian: left.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let other = UInt64(bigEndian: right.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            guard one == other else { return one > other ? 1 : -1 }
            at &+= 8
        }
        while at < length {
            guard left[at] == right[at] else { return left[at] > right[at] ? 1 : -1 }
            at &+= 1
        }
        return left.count &- right.count
    }

    @inline(__always)
    private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, at offset: Int, _: Word.Type
    ) -> Bool {
        left.loadUnaligned(fromByteOffset: offset, as: Word.self)
            == right.loadUnaligned(fromByteOffset: offset, as: Word.self)
    }
}
