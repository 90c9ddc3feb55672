extension JSONWriter {
    /// Where a value goes: how many containers are around it, and a number no other value of the text has.
    struct Place {
        var level: UInt32
        var slot: UInt32
    }

    /// The containers being written.
    ///
    /// Codable never says that a container is complete. It is when something is written to one further out, so each
    /// write first closes what lies deeper than its own container. A container written to after that is an error.
    struct Nesting {
        var open: [OpenContainer] = []
        /// The slot whose separator and name are written and whose value is not; 0 for none.
        var pending: UInt32 = 0
        var lastSlot: UInt32 = 0
        /// Offsets of the members of dictionaries still open.
        var memberStarts: [Int] = []
        /// What went wrong where Codable lets nothing be thrown.
        var fault: (any Error)?

        mutating func begin() {
            open.removeAll(keepingCapacity: true)
            memberStarts.removeAll(keepingCapacity: true)
            fault = nil
            startSlot()
        }

        @inline(__always)
        mutating func startSlot() {
            lastSlot &+= 1
            pending = lastSlot
        }
    }

    struct OpenContainer {
        var slot: UInt32
        var isObject: Bool
        var isEmpty = true
        /// For members to be sorted: where their offsets begin in `memberStarts`; else -1.
        var sortedFrom: Int
    }

    var nextPlace: Place {
        @inline(__always) get { Place(level: UInt32(truncatingIfNeeded: nesting.open.count), slot: nesting.pending) }
    }

    /// Keeps the first error of `body` until the text is finished.
    @inline(__always)
    func remembering(_ body: () throws -> Void) {
        do { try body() } catch { nesting.fault = nesting.fault ?? error }
    }

    @inline(__always)
    func encode<T: Encodable>(_ value: T, at place: Place) throws {
        try value.encode(to: ValueEncoder(writer: self, place: place))
        if nesting.pending == place.slot { appendNothing() }
    }

    @inline(__always)
    func claim(_ place: Place) throws {
        guard place.slot != 0, nesting.pending == place.slot else { throw Self.outOfOrder }
    }

    @inline(__always)
    func open(_ kind: JSONKind, at place: Place, sorted: Bool) throws {
        if place.slot != 0, nesting.pending == place.slot {
            guard nesting.open.count < Scanner.depthMax else { throw Self.tooDeep }
            nesting.pending = 0
            nesting.open.append(
                OpenContainer(
                    slot: place.slot, isObject: kind == .object, sortedFrom: sorted ? nesting.memberStarts.count : -1))
            append(byte: kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        } else {
            // A second container of the same value continues the first, as a subclass does.
            try close(downTo: place)
            guard nesting.open[nesting.open.count - 1].isObject == (kind == .object) else { throw Self.outOfOrder }
        }
    }

    @inline(__always)
    func beginElement(in container: Place) throws {
        try close(downTo: container)
        let last = nesting.open.count &- 1
        if nesting.open[last].isEmpty {
            nesting.open[last].isEmpty = false
        } else {
            append(byte: UInt8(ascii: ","))
        }
        if nesting.open[last].sortedFrom >= 0 { nesting.memberStarts.append(count) }
        nesting.startSlot()
    }

    @inline(__always)
    func beginMember(_ name: String, in container: Place) throws {
        try beginElement(in: container)
        var name = name
        name.withUTF8 { append(stringBytes: $0) }
        append(byte: UInt8(ascii: ":"))
    }

    func finishNesting() throws {
        while !nesting.open.isEmpty { closeLast() }
        if let fault = nesting.fault { throw fault }
    }

    /// Closes what is open inside `container`.
    @inline(__always)
    private func close(downTo container: Place) throws {
        guard Int(container.level) < nesting.open.count, nesting.open[Int(container.level)].slot == container.slot
        else {
            throw Self.outOfOrder
        }
        while nesting.open.count > Int(container.level) &+ 1 { closeLast() }
        if nesting.pending != 0 { appendNothing() }
    }

    private func closeLast() {
        if nesting.pending != 0 { appendNothing() }
        let closed = nesting.open.removeLast()
        if closed.sortedFrom >= 0 { sortMembers(from: closed.sortedFrom) }
        append(byte: closed.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// The value of a type that encodes nothing at all.
    private func appendNothing() {
        nesting.pending = 0
        append(raw: "{}")
    }

    /// Puts the members of the dictionary that ends here in the order of their names' bytes.
    private func sortMembers(from first: Int) {
        let starts = nesting.memberStarts[first...]
        defer { nesting.memberStarts.removeSubrange(first...) }
        guard starts.count > 1, let begin = starts.first else { return }
        let text = UnsafeRawBufferPointer(start: base, count: count)
        let ends = starts.dropFirst().map { $0 - 1 } + [count]
        let members = zip(starts, ends).map { text[$0..<$1] }
        let sorted = members.sorted { $0.lexicographicallyPrecedes($1) }
        replace(from: begin, with: Array(sorted.joined(separator: [UInt8(ascii: ",")])))
    }

    private static var outOfOrder: EncodingError {
        .invalidValue(
            (), EncodingError.Context(codingPath: [], debugDescription: "containers must be written one after another"))
    }

    private static var tooDeep: EncodingError {
        .invalidValue(
            (),
            EncodingError.Context(
                codingPath: [], debugDescription: "more than \(Scanner.depthMax) arrays and objects are nested"))
    }
}
