/// A value inside a scanned text.
///
/// Valid only inside the closure of ``JSON/scan(_:_:)`` that it came from.
public struct JSONNode {
    let text: UnsafeMutablePointer<JSONText>
    let index: UInt32

    private var entry: TapeEntry { text.pointee.tape[Int(index)] }

    public var kind: JSONKind { entry.kind }

    /// The value as it stands in the text, with a string's quotes.
    public var rawBytes: UnsafeRawBufferPointer {
        let quote = kind == .string ? 1 : 0
        let start = text.pointee.base + Int(entry.start) - quote
        return UnsafeRawBufferPointer(start: start, count: Int(entry.end - entry.start) + 2 * quote)
    }

    /// Members of an object, elements of an array, else 0.
    public var elementCount: Int { kind == .object || kind == .array ? entry.count : 0 }

    /// The value of a member; nil when there is none or this is no object.
    public subscript(name: StaticString) -> JSONNode? {
        guard kind == .object else { return nil }
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return text.pointee.value(of: bytes, in: index).map { JSONNode(text: text, index: $0) }
    }

    /// Calls `body` with each element of an array.
    public func forEachElement(_ body: (JSONNode) throws -> Void) rethrows {
        guard kind == .array else { return }
        var element = index &+ 1
        for _ in 0..<entry.count {
            let node = JSONNode(text: text, index: element)
            element = node.entry.next
            try body(node)
        }
    }

    /// Calls `body` with each member of an object, in the text's order: its name's unescaped bytes and its value.
    public func forEachMember(_ body: (UnsafeBufferPointer<UInt8>, JSONNode) throws -> Void) rethrows {
        guard kind == .object else { return }
        var name = index &+ 1
        for _ in 0..<entry.count {
            let value = JSONNode(text: text, index: name &+ 1)
            if text.pointee.tape[Int(name)].isFlagged {
                var unescaped = text.pointee.string(name)
                try unescaped.withUTF8 { try body($0, value) }
            } else {
                try body(text.pointee.bytes(name), value)
            }
            name = value.entry.next
        }
    }

    /// The text of a string.
    public var string: String? { kind == .string ? text.pointee.string(index) : nil }

    /// The bytes of a string that holds no escapes, without copying; nil otherwise.
    public var plainStringBytes: UnsafeBufferPointer<UInt8>? {
        kind == .string && !entry.isFlagged ? text.pointee.bytes(index) : nil
    }

    /// A whole number that fits.
    public var int64: Int64? {
        guard kind == .number, !entry.isFlagged else { return nil }
        return NumberText.integer(text.pointee.bytes(index))
    }

    /// - Throws: ``JSONError`` with the path from this node on.
    public func decode<T: Decodable>(_ type: T.Type) throws(JSONError) -> T {
        try reading { try ValueDecoder(text: text, index: index).decodeValue(type) }
    }

    /// The elements of an array, as `decode([T].self)` gives them in more time: there each goes through a container.
    ///
    /// - Throws: ``JSONError`` with the path from this node on.
    public func decodeElements<T: Decodable>(_ type: T.Type) throws(JSONError) -> [T] {
        guard kind == .array else { return try decode([T].self) }
        return try reading {
            var elements: [T] = []
            elements.reserveCapacity(elementCount)
            var element = index &+ 1
            for _ in 0..<elementCount {
                elements.append(try ValueDecoder(text: text, index: element).decodeValue(type))
                element = text.pointee.tape[Int(element)].next
            }
            return elements
        }
    }

    private func reading<Value>(_ body: () throws -> Value) throws(JSONError) -> Value {
        let outer = text.pointee.root
        text.pointee.root = index
        defer { text.pointee.root = outer }
        do {
            return try body()
        } catch {
            throw JSONError(error, in: text.pointee)
        }
    }
}
