/// Fixed pieces of bytes that are prepared once and copied for every item, held without reference counting.
struct Fragments: ~Copyable {
    private let bytes: UnsafeMutablePointer<UInt8>
    private let ends: UnsafeMutablePointer<Int>
    let count: Int

    init(_ pieces: [[UInt8]]) {
        count = pieces.count
        let joined = Array(pieces.joined())
        bytes = .allocate(capacity: max(joined.count, 1))
        bytes.initialize(from: joined, count: joined.count)
        ends = .allocate(capacity: pieces.count + 1)
        ends[0] = 0
        for (index, piece) in pieces.enumerated() { ends[index + 1] = ends[index] + piece.count }
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    @inline(__always)
    func start(_ index: Int) -> UnsafePointer<UInt8> { UnsafePointer(bytes + ends[index]) }

    @inline(__always)
    func length(_ index: Int) -> Int { ends[index &+ 1] &- ends[index] }

    /// The index of the piece with these bytes, or -1.
    @inline(__always)
    func index(of start: UnsafePointer<UInt8>, _ length: Int) -> Int {
        for index in 0..<count where self.length(index) == length {
            if ShortBytes.areEqual(self.start(index), start, length) { return index }
        }
        return -1
    }
}

extension GrowingBytes {
    @inline(__always)
    mutating func append(_ fragments: borrowing Fragments, _ index: Int) {
        append(fragments.start(index), fragments.length(index))
    }
}
