/// Reads and writes JSON (RFC 8259) for Codable types.
///
/// Reading is strict, see ``Scanner``; integers are read from whole numbers only, floating-point numbers only when they
/// fit. Writing keeps the order in which a type encodes its members; dictionaries are sorted by key, so that equal
/// values are equal bytes.
public enum JSON {
    /// Scans a whole text once and hands its root to `body`.
    ///
    /// The node and everything reached from it are valid only until `body` returns, and only where `bytes` are.
    /// - Throws: ``JSONError`` for a text that is no strict JSON, and what `body` throws.
    public static func scan<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (JSONNode) throws -> Result
    ) throws -> Result {
        guard bytes.count > 0 else { throw JSONError(ScanFault(problem: .empty, offset: 0)) }
        guard bytes.count <= Scanner.bytesMax else { throw JSONError(ScanFault(problem: .tooLong, offset: 0)) }
        // As much as fits the stack: a message of some twenty members.
        return try withUnsafeTemporaryAllocation(of: TapeEntry.self, capacity: 64) { scratch in
            var scanner = Scanner(bytes, tape: Tape(scratch: scratch))
            defer { scanner.tape.release() }
            do throws(ScanFault) {
                try scanner.scan()
            } catch {
                throw JSONError(error, path: scanner.pathHere())
            }
            var text = JSONText(base: scanner.base, tape: scanner.tape.entries)
            return try withUnsafeMutablePointer(to: &text) { try body(JSONNode(text: $0, index: 0)) }
        }
    }

    public static func decode<T: Decodable>(_ type: T.Type, from bytes: UnsafeRawBufferPointer) throws(JSONError) -> T {
        do {
            return try scan(bytes) { try $0.decode(type) }
        } catch {
            throw error as? JSONError ?? JSONError(path: "", offset: 0, problem: "\(error)", isMalformed: false)
        }
    }

    public static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws(JSONError) -> T {
        let result: Result<T, JSONError> = bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                return .success(try decode(type, from: buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    public static func decode<T: Decodable>(_ type: T.Type, from text: String) throws(JSONError) -> T {
        var text = text
        let result: Result<T, JSONError> = text.withUTF8 { buffer in
            do throws(JSONError) {
                return .success(try decode(type, from: UnsafeRawBufferPointer(buffer)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// - Throws: `EncodingError` for a number that is not finite, more than 64 nested containers, or a type that writes
    ///   its containers out of order; and what the type's own `encode(to:)` throws.
    public static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        let writer = JSONWriter()
        try writer.append(value: value)
        return Array(writer.bytes)
    }

    /// As ``encode(_:)``, as text.
    public static func encodeText<T: Encodable>(_ value: T) throws -> String {
        let writer = JSONWriter()
        try writer.append(value: value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
