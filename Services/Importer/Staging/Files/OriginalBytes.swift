/// The bytes of the page in hand, as they came, cut between items into blocks that are compressed one by one.
///
/// All bytes of a page are in its blocks, in order; no item lies in two blocks. So one item can be read back without
/// its page, and a page of any size is kept without holding it.
struct OriginalBytes: ~Copyable {
    struct Place {
        var block: Int
        var offset: Int
        var length: Int
    }

    /// A block is cut at the end of the item that reaches this size.
    static let blockBytes = 256 << 10

    private var buffer = GrowingBytes(capacity: blockBytes + (64 << 10))
    /// The page's byte that is first in the buffer.
    private var start = 0
    /// End of the last item, counted from the page's first byte.
    private var lastEnd = 0
    private(set) var nextBlock: Int

    init(nextBlock: Int) { self.nextBlock = nextBlock }

    mutating func beginPage(nextBlock: Int) {
        self.nextBlock = nextBlock
        (start, lastEnd) = (0, 0)
        buffer.clear(keepingAtMost: Self.blockBytes * 4)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(bytes) }

    /// Says where an item of the page will be found.
    @inline(__always)
    mutating func place(of item: ScannedItem) -> Place {
        lastEnd = item.offset &+ item.bytes.count
        return Place(block: nextBlock, offset: item.offset &- start, length: item.bytes.count)
    }

    /// Whether a block should be cut after the last item.
    @inline(__always)
    var isFull: Bool { lastEnd &- start >= Self.blockBytes }

    /// Takes the bytes up to the end of the last item, or all at the end of the page, as the next block.
    mutating func cut(
        atEnd: Bool = false, _ body: (_ block: Int, UnsafeRawBufferPointer) throws(StagingError) -> Void
    ) throws(StagingError) {
        let length = atEnd ? buffer.count : lastEnd - start
        guard length > 0 else { return }
        try body(nextBlock, UnsafeRawBufferPointer(rebasing: buffer.bytes[..<length]))
        buffer.removeFirst(length)
        start += length
        nextBlock += 1
    }
}
