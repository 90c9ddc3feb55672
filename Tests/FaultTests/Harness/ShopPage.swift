import Crypto
import Foundation
import JSON

/// One page of rows as the shop sends it to anybody who reads it.
struct ShopPage {
    var rows: [[UInt8]]
    var nextCursor: String?

    init(_ bytes: [UInt8]) throws {
        let page = try JSON.decode(JSONValue.self, from: bytes)
        nextCursor = page["next_cursor"]?.stringValue
        guard page["items"] != nil else { throw ShopReadingError.notAPage }
        rows = Self.elements(of: bytes)
    }

    /// The bytes of each element of the first array, as they came: a digest is made of bytes.
    private static func elements(of bytes: [UInt8]) -> [[UInt8]] {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "[")) else { return [] }
        var rows: [[UInt8]] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        var rowStart = start + 1
        for index in bytes.indices[(start + 1)...] {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte
                    == UInt8(ascii: "\"")
                {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 0 { rowStart = index }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return rows }
                depth -= 1
                if depth == 0 { rows.append(Array(bytes[rowStart...index])) }
            default: break
            }
        }
        return rows
    }

    /// A row without what the shop adds to it: an id in front, when it changed behind.
    static func content(of row: [UInt8]) -> [UInt8] {
        var text = row[...]
        let id = Array("{\"id\":\"".utf8)
        if text.starts(with: id), let comma = text.dropFirst(id.count).firstIndex(of: UInt8(ascii: ",")) {
            text = [UInt8(ascii: "{")] + text[(comma + 1)...]
        }
        let changed = Array(",\"updated_at\":".utf8)
        if let at = text.lastRange(of: changed) { text = text[..<at] + [UInt8(ascii: "}")] }
        return Array(text)
    }

    /// SHA-256 over the hashes of the rows in their order, as the shop tells it of its data sets.
    static func digest(of rows: [[UInt8]]) -> String {
        var hash = SHA256()
        for row in rows { hash.update(data: Data(SHA256.hash(data: content(of: row)))) }
        return hash.finalize().map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
    }
}

enum ShopReadingError: Error, Equatable {
    case notAPage
    case refused(Int)
    /// The version it was reading has been dropped meanwhile: begin again.
    case expired
}

extension ArraySlice<UInt8> {
    /// Where `pattern` begins for the last time.
    fileprivate func lastRange(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return indices.dropLast(pattern.count - 1).last { self[$0...].starts(with: pattern) }
    }
}
