/// A scanned text: its bytes and its tape, alive while the closure of ``JSON/scan(_:_:)`` runs.
struct JSONText {
    let base: UnsafePointer<UInt8>
    let tape: UnsafeMutablePointer<TapeEntry>
    /// The value that paths begin at.
    var root: UInt32 = 0

    var names: MemberNames { MemberNames(base: base, entries: tape) }

    @inline(__always)
    func bytes(_ index: UInt32) -> UnsafeBufferPointer<UInt8> { names.bytes(of: tape[Int(index)]) }

    /// The value of the member called `name`; nil when `object` has none.
    ///
    /// Members mostly come in the order they are asked for, so the search begins after the one found last. Where that
    /// is stands in the `next` of the object's first name, which a name has no other use for.
    @inline(__always)
    func value(of name: UnsafeBufferPointer<UInt8>, in object: UInt32) -> UInt32? {
        let first = object &+ 1
        let end = tape[Int(object)].next
        guard first < end else { return nil }
        let start = tape[Int(first)].next
        return search(name, from: start, to: end, hintAt: first) ?? search(name, from: first, to: start, hintAt: first)
    }

    @inline(__always)
    private func search(
        _ name: UnsafeBufferPointer<UInt8>, from start: UInt32, to end: UInt32, hintAt first: UInt32
    ) -> UInt32? {
        var index = start
        while index < end {
            let value = index &+ 1
            let next = tape[Int(value)].next
            if names.isEqual(tape[Int(index)], to: name) {
                tape[Int(first)].next = next
                return value
            }
            index = next
        }
        return nil
    }

    func string(_ index: UInt32) -> String {
        let entry = tape[Int(index)]
        let source = names.bytes(of: entry)
        guard entry.isFlagged else { return String(decoding: source, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: source.count) { buffer in
            buffer.baseAddress.map { Bytes.unescape(source, to: $0) } ?? 0
        }
    }

    /// The first byte of a value, of a string its quote.
    func offset(of index: UInt32) -> Int {
        let entry = tape[Int(index)]
        return Int(entry.start) - (entry.kind == .string ? 1 : 0)
    }

    /// The way from the root to an entry.
    func path(to target: UInt32) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var index = root
        while index != target, let step = step(from: index, towards: target) {
            path.append(step.key)
            index = step.value
        }
        return path
    }

    private func step(from container: UInt32, towards target: UInt32) -> (key: JSONPathKey, value: UInt32)? {
        let entry = tape[Int(container)]
        guard entry.kind == .array || entry.kind == .object, target > container else { return nil }
        var index = container &+ 1
        for position in 0..<entry.count {
            let value = entry.kind == .object ? index &+ 1 : index
            if target < tape[Int(value)].next {
                let key =
                    entry.kind == .object
                    ? JSONPathKey(stringValue: string(index)) : JSONPathKey(intValue: position)
                return (key, value)
            }
            index = tape[Int(value)].next
        }
        return nil
    }

    /// The entry that a path leads to, or the last one on its way that exists.
    func entry(at path: [any CodingKey]) -> UInt32 {
        var index = root
        for key in path {
            guard let next = child(of: index, key) else { return index }
            index = next
        }
        return index
    }

    private func child(of container: UInt32, _ key: any CodingKey) -> UInt32? {
        let entry = tape[Int(container)]
        switch entry.kind {
        case .object:
            var name = key.stringValue
            return name.withUTF8 { value(of: $0, in: container) }
        case .array:
            guard let position = key.intValue, position >= 0, position < entry.count else { return nil }
            var index = container &+ 1
            for _ in 0..<position { index = tape[Int(index)].next }
            return index
        default: return nil
        }
    }
}

extension Scanner {
    /// The way to where the scanner stopped: through the containers still open.
    func pathHere() -> String {
        var steps: [any CodingKey] = []
        var container = open
        let text = JSONText(base: base, tape: tape.entries)
        while container != .max {
            let entry = tape.entries[Int(container)]
            if entry.kind == .array {
                steps.append(JSONPathKey(intValue: max(0, entry.count - 1)))
            } else if let name = lastName(of: container) {
                steps.append(JSONPathKey(stringValue: text.string(name)))
            }
            container = entry.next
        }
        return JSONPath.text(steps.reversed())
    }

    private func lastName(of object: UInt32) -> UInt32? {
        var name = object &+ 1
        guard name < tape.count else { return nil }
        while true {
            let value = name &+ 1
            guard value < tape.count else { return name }
            let entry = tape.entries[Int(value)]
            let isOpen = (entry.kind == .array || entry.kind == .object) && entry.end == 0
            guard !isOpen, entry.next < tape.count else { return name }
            name = entry.next
        }
    }
}
