/// A growing buffer of JSON text.
///
/// Values are written straight into it, without a tree in between. Not Sendable: one message, one writer; it may be
/// used again after ``removeAll()``.
public final class JSONWriter {
    // One owner and no call that leads back here: the run-time check of overlapping access would cost each append.
    @exclusivity(unchecked) private(set) var base: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) public private(set) var count = 0
    @exclusivity(unchecked) private var capacity: Int
    @exclusivity(unchecked) var nesting = Nesting()

    /// - Parameter capacity: Bytes to begin with; it grows as needed.
    public init(capacity: Int = 512) {
        self.capacity = max(64, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// What has been written; valid until the next write.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Forgets the text and keeps the memory.
    public func removeAll() { count = 0 }

    /// Forgets what was written after the first `length` bytes.
    public func truncate(to length: Int) { count = min(count, length) }

    /// Makes room for `extra` bytes and returns where they begin; ``advance(_:)`` makes them count.
    @inline(__always)
    func room(for extra: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity &- count < extra { grow(by: extra) }
        return base + count
    }

    @inline(__always) func advance(_ written: Int) { count &+= written }

    private func grow(by extra: Int) {
        let needed = max(capacity * 2, count + extra)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: needed)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = needed
    }

    /// Appends text that is JSON already.
    @inline(__always)
    public func append(raw bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(room(for: bytes.count)).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    public func append(raw text: StaticString) {
        append(raw: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    func append(byte: UInt8) {
        room(for: 1).pointee = byte
        count &+= 1
    }

    /// Appends a value of any Codable type.
    ///
    /// - Throws: as ``JSON/encode(_:)``; then nothing has been appended.
    public func append<T: Encodable>(value: T) throws {
        let start = count
        nesting.begin()
        do {
            try encode(value, at: nextPlace)
            try finishNesting()
        } catch {
            count = start
            throw error
        }
    }

    /// Puts `bytes` in place of what was written from `start` on.
    func replace(from start: Int, with bytes: [UInt8]) {
        count = start
        bytes.withUnsafeBytes { append(raw: $0) }
    }
}
