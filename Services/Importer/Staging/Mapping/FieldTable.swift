/// Finds the number of a field by the bytes of its name: by length first, then by comparing; no text is built.
struct FieldTable: ~Copyable {
    private struct Entry {
        var name: UnsafeMutablePointer<UInt8>
        var slot: Int
        var next: Int
    }

    private static let none = -1
    /// Index of the first entry of each length from 0 to 255.
    private let heads: UnsafeMutablePointer<Int>
    private let entries: UnsafeMutablePointer<Entry>
    let count: Int

    /// Slots are the positions in `names`. Names longer than 255 bytes are never found.
    init(_ names: [String]) {
        count = names.count
        heads = .allocate(capacity: 256)
        heads.initialize(repeating: Self.none, count: 256)
        entries = .allocate(capacity: max(names.count, 1))
        for (slot, name) in names.enumerated() {
            let bytes = Array(name.utf8)
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
            copy.initialize(from: bytes, count: bytes.count)
            let bucket = min(bytes.count, 255)
            entries[slot] = Entry(name: copy, slot: slot, next: bytes.count == bucket ? heads[bucket] : Self.none)
            if bytes.count == bucket { heads[bucket] = slot }
        }
    }

    deinit {
        for index in 0..<count { entries[index].name.deallocate() }
        entries.deallocate()
        heads.deallocate()
    }

    /// The slot of the field, or -1.
    @inline(__always)
    func slot(_ name: UnsafePointer<UInt8>, _ length: Int) -> Int {
        guard length < 256 else { return Self.none }
        var index = heads[length]
        while index >= 0 {
            let entry = entries[index]
            if ShortBytes.areEqual(entry.name, name, length) { return entry.slot }
            index = entry.next
        }
        return Self.none
    }
}
