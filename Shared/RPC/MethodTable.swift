/// Finds a route by the bytes of its name, without making a String of them.
struct MethodTable: Sendable {
    private struct Entry {
        var name: [UInt8]
        var route: any Route
    }

    /// At least half of them empty, so that a search ends soon. An entry stands at its hash or after it.
    private var slots: [Entry?]

    init(_ routes: [any Route]) {
        var size = 8
        while size < routes.count * 2 { size *= 2 }
        slots = Array(repeating: nil, count: size)
        for route in routes {
            let name = Array(route.method.rawValue.utf8)
            var slot = name.withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
            while slots[slot] != nil { slot = (slot + 1) & (size - 1) }
            slots[slot] = Entry(name: name, route: route)
        }
    }

    func route(_ name: UnsafeBufferPointer<UInt8>) -> (any Route)? {
        var slot = Self.hash(name) & (slots.count - 1)
        while let entry = slots[slot] {
            if entry.name.count == name.count, entry.name.elementsEqual(name) { return entry.route }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a; what callers send is only ever looked up, so it needs no secret.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
