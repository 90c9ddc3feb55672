/// One value or member name of a scanned text, in reading order.
///
/// A container is followed by its contents; an object's contents alternate between name and value. `next` is the entry
/// after the whole value, so that a value is stepped over without looking into it.
struct TapeEntry {
    /// First byte; of a string the one after its quote.
    var start: UInt32
    /// One past the last byte; of a string its closing quote.
    var end: UInt32
    /// While a container is open, the container around it. Of a name: itself, see `JSONText.value(of:in:)`.
    var next: UInt32
    /// Kind (bits 0 to 2), flag (bit 3), members or elements (the rest).
    var info: UInt32

    static let flag: UInt32 = 8
    static let one: UInt32 = 16

    var kind: JSONKind { JSONKind(rawValue: UInt8(truncatingIfNeeded: info & 7)).unsafelyUnwrapped }
    /// Of a string: it holds escapes. Of a number: it has a fraction or an exponent.
    var isFlagged: Bool { info & Self.flag != 0 }
    var count: Int { Int(info >> 4) }
}

/// What a JSON value is.
public enum JSONKind: UInt8, Sendable {
    case null, `false`, `true`, number, string, array, object
}

/// The entries of one text: in the caller's scratch memory while they fit, else on the heap.
struct Tape {
    private(set) var entries: UnsafeMutablePointer<TapeEntry>
    private(set) var count: UInt32 = 0
    private var capacity: Int
    private var isOnHeap = false

    init(scratch: UnsafeMutableBufferPointer<TapeEntry>) {
        entries = scratch.baseAddress.unsafelyUnwrapped
        capacity = scratch.count
    }

    @inline(__always)
    mutating func append(_ entry: TapeEntry) -> UInt32 {
        if Int(count) == capacity { grow() }
        (entries + Int(count)).initialize(to: entry)
        count &+= 1
        return count &- 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<TapeEntry>.allocate(capacity: capacity * 4)
        larger.initialize(from: entries, count: Int(count))
        release()
        entries = larger
        capacity *= 4
        isOnHeap = true
    }

    func release() {
        if isOnHeap { entries.deallocate() }
    }
}
