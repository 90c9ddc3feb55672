#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Compares the member names of scanned objects, as they read after unescaping.
struct MemberNames {
    let base: UnsafePointer<UInt8>
    let entries: UnsafePointer<TapeEntry>

    /// The second entry of a name that the object has twice; nil when all differ.
    ///
    /// Small objects are compared pair by pair; larger ones through a set, because a million names compared in pairs
    /// would be a way to stop the process.
    func repeatedName(of object: UInt32) -> TapeEntry? {
        let count = entries[Int(object)].count
        return count <= 12 ? repeatedByPairs(of: object, count: count) : repeatedBySet(of: object, count: count)
    }

    private func repeatedByPairs(of object: UInt32, count: Int) -> TapeEntry? {
        var name = object &+ 1
        for position in 0..<count {
            var other = object &+ 1
            for _ in 0..<position {
                if areEqual(entries[Int(name)], entries[Int(other)]) { return entries[Int(name)] }
                other = entries[Int(other &+ 1)].next
            }
            name = entries[Int(name &+ 1)].next
        }
        return nil
    }

    private func repeatedBySet(of object: UInt32, count: Int) -> TapeEntry? {
        var seen = Set<Name>(minimumCapacity: count)
        var name = object &+ 1
        for _ in 0..<count {
            let entry = entries[Int(name)]
            if !seen.insert(Name(names: self, entry: entry)).inserted { return entry }
            name = entries[Int(name &+ 1)].next
        }
        return nil
    }

    private struct Name: Hashable {
        let names: MemberNames
        let entry: TapeEntry

        static func == (left: Name, right: Name) -> Bool { left.names.areEqual(left.entry, right.entry) }

        func hash(into hasher: inout Hasher) {
            if entry.isFlagged {
                names.unescaped(entry).withUnsafeBytes { hasher.combine(bytes: $0) }
            } else {
                hasher.combine(bytes: UnsafeRawBufferPointer(names.bytes(of: entry)))
            }
        }
    }

    @inline(__always)
    func areEqual(_ left: TapeEntry, _ right: TapeEntry) -> Bool {
        if (left.info | right.info) & TapeEntry.flag != 0 { return unescaped(left) == unescaped(right) }
        let length = left.end &- left.start
        guard length == right.end &- right.start else { return false }
        return memcmp(base + Int(left.start), base + Int(right.start), Int(length)) == 0
    }

    @inline(__always)
    func isEqual(_ entry: TapeEntry, to name: UnsafeBufferPointer<UInt8>) -> Bool {
        if entry.isFlagged { return unescaped(entry).elementsEqual(name) }
        guard Int(entry.end &- entry.start) == name.count else { return false }
        guard let start = name.baseAddress else { return true }
        return memcmp(base + Int(entry.start), start, name.count) == 0
    }

    func bytes(of entry: TapeEntry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + Int(entry.start), count: Int(entry.end &- entry.start))
    }

    private func unescaped(_ entry: TapeEntry) -> [UInt8] {
        let source = bytes(of: entry)
        // Into no room at all the initializer writes a count all the same: into the one empty array of the process.
        guard !source.isEmpty else { return [] }
        return [UInt8](unsafeUninitializedCapacity: source.count) { buffer, count in
            count = buffer.baseAddress.map { Bytes.unescape(source, to: $0) } ?? 0
        }
    }
}
