/// The shop rows of one item for one dataset, as bytes, with what is kept of each row to find differences later.
struct RowSet: ~Copyable {
    /// The rows, with commas between them.
    var bytes = GrowingBytes()
    /// For each row its shop code (price list, warehouse) and a hash; see ``RowList``.
    var list = GrowingBytes(capacity: 256)
    /// Where each row ends in ``bytes``.
    private(set) var ends: [Int] = []
    private var start = 0

    var count: Int { ends.count }

    mutating func clear() {
        bytes.clear()
        list.clear()
        ends.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func beginRow() {
        if bytes.count > 0 { bytes.append(UInt8(ascii: ",")) }
        start = bytes.count
    }

    /// Ends a row in the dataset that has one row an item.
    @inline(__always)
    mutating func endRow() { ends.append(bytes.count) }

    /// - Parameter code: tells the item's rows apart.
    @inline(__always)
    mutating func endRow(_ codes: borrowing Fragments, _ code: Int) {
        ends.append(bytes.count)
        let row = UnsafeRawBufferPointer(start: bytes.base + start, count: bytes.count &- start)
        RowList.append(codes.start(code), codes.length(code), ContentHash.row(row), to: &list)
    }

    func row(_ index: Int) -> UnsafeRawBufferPointer {
        let first = index == 0 ? 0 : ends[index - 1] + 1
        return UnsafeRawBufferPointer(rebasing: bytes.bytes[first..<ends[index]])
    }
}

/// The rows of an item in one dataset, as they are kept beside its hashes: length and bytes of the code, 8 bytes of hash.
enum RowList {
    struct Entry: Equatable {
        var code: [UInt8]
        var hash: UInt64
    }

    @inline(__always)
    static func append(
        _ code: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, to output: inout GrowingBytes
    ) {
        output.append(UInt8(truncatingIfNeeded: length))
        output.append(code, length)
        withUnsafeBytes(of: hash.littleEndian) { output.append($0) }
    }

    /// - Returns: Whether the bytes are such a list.
    static func forEachCode(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) -> Bool {
        var at = 0
        while at < bytes.count {
            let length = Int(bytes[at])
            guard length > 0, at + 9 + length <= bytes.count else { return false }
            try body(UnsafeRawBufferPointer(rebasing: bytes[(at + 1)..<(at + 1 + length)]))
            at += 9 + length
        }
        return true
    }

    /// - Returns: nil when the bytes are not such a list.
    static func entries(_ bytes: UnsafeRawBufferPointer) -> [Entry]? {
        var entries: [Entry] = []
        var at = 0
        while at < bytes.count {
            let length = Int(bytes[at])
            guard length > 0, at + 9 + length <= bytes.count else { return nil }
            let code = Array(bytes[(at + 1)..<(at + 1 + length)])
            let hash = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1 + length, as: UInt64.self))
            entries.append(Entry(code: code, hash: hash))
            at += 9 + length
        }
        return entries
    }
}
