/// A reader of mails as RFC 5322, 2047 and 2045 describe it, written apart from the writer it judges.
enum MailReader {
    struct Header {
        var name: String
        /// Unfolded.
        var value: [UInt8]
    }

    /// - Throws: ``Finding`` for a bare CR or LF, a line of more than 998 bytes or a byte that is not ASCII.
    static func lines(of bytes: [UInt8]) throws -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                lines.append([])
                index += 2
                continue
            }
            try hold(byte == 0x09 || (0x20...0x7E).contains(byte), "byte \(byte) in a mail")
            lines[lines.count - 1].append(byte)
            index += 1
        }
        try hold(lines.allSatisfy { $0.count <= 998 }, "a line of \(lines.map(\.count).max() ?? 0) bytes")
        try hold(lines.last == [], "the last line has no end")
        return lines.dropLast()
    }

    static func headers(_ lines: ArraySlice<[UInt8]>) throws -> [Header] {
        var headers: [Header] = []
        for line in lines {
            if line.first == 0x20 {
                try hold(!headers.isEmpty && line.contains { $0 != 0x20 }, "a continuation of nothing")
                headers[headers.count - 1].value += line
            } else {
                let halves = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
                try hold(halves.count == 2, "no header: \(String(decoding: line, as: UTF8.self))")
                // The one space after the colon.
                let value = halves[1].dropFirst(halves[1].first == 0x20 ? 1 : 0)
                headers.append(Header(name: String(decoding: halves[0], as: UTF8.self), value: Array(value)))
            }
        }
        return headers
    }

    /// A header's value as people read it: encoded-words decoded, white space between two of them dropped.
    static func text(of value: [UInt8]) -> String {
        var text: [UInt8] = []
        var wasEncoded = false
        for (index, word) in value.split(separator: 0x20, omittingEmptySubsequences: false).enumerated() {
            let decoded = decode(Array(word))
            if index > 0, !(wasEncoded && decoded != nil) { text.append(0x20) }
            text += decoded ?? Array(word)
            wasEncoded = decoded != nil
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `=?UTF-8?Q?…?=` or `=?UTF-8?B?…?=`; nil for a plain word.
    private static func decode(_ word: [UInt8]) -> [UInt8]? {
        guard word.starts(with: "=?UTF-8?".utf8), word.count >= 12, word.suffix(2) == Array("?=".utf8)[...] else {
            return nil
        }
        let content = Array(word[10..<(word.count - 2)])
        return word[8] == UInt8(ascii: "B") ? base64(content) : qDecoded(content)
    }

    private static func qDecoded(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = 0
        while index < content.count {
            if content[index] == UInt8(ascii: "="), index + 2 < content.count,
                let byte = UInt8(String(decoding: content[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(content[index] == UInt8(ascii: "_") ? 0x20 : content[index])
                index += 1
            }
        }
        return bytes
    }

    private static func base64(_ content: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bits, count) = (UInt32(0), 0)
        var bytes: [UInt8] = []
        for digit in content {
            guard let value = alphabet.firstIndex(of: digit) else { break }
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    /// Quoted-printable, line ends as LF.
    static func unquoted(_ lines: ArraySlice<[UInt8]>) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            try hold(
                line.count <= 76 && line.first != UInt8(ascii: "."), "line: \(String(decoding: line, as: UTF8.self))")
            let isSoft = line.last == UInt8(ascii: "=")
            var rest = (isSoft ? line.dropLast() : line[...])
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "=") else {
                    bytes.append(byte)
                    continue
                }
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard let value = UInt8(digits, radix: 16), digits == digits.uppercased() else {
                    throw Finding("=\(digits) in a body")
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            }
            if !isSoft { bytes.append(0x0A) }
        }
        return bytes
    }

    /// Every line end as LF, and one at the end.
    static func canonical(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            defer { previous = byte }
            if byte == 0x0A, previous == 0x0D { continue }
            bytes.append(byte == 0x0D ? 0x0A : byte)
        }
        return bytes.last == 0x0A ? bytes : bytes + [0x0A]
    }
}
