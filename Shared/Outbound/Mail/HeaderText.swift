/// Writes header lines: folded at 78, encoded-words where the text is not plain ASCII.
///
/// What may end a line in a value is refused, not repaired: a subject with a line end in it is somebody's attempt, or a
/// bug, and neither should be mailed.
struct HeaderLines {
    private(set) var text = ""

    /// Adds a header whose value is already in its final form; `parts` are put on a new line where they do not fit.
    mutating func add(_ name: String, structured parts: [String]) throws(MIMEError) {
        try check(name, parts)
        fold(name, parts)
    }

    /// Adds a header whose value people write.
    mutating func add(_ name: String, text value: String) throws(MIMEError) {
        try check(name, [value])
        fold(name, headerWords(value, firstLineRoom: 76 - name.utf8.count))
    }

    /// Adds `Name <address>`.
    mutating func add(_ name: String, _ mailbox: Mailbox) throws(MIMEError) {
        let displayName = mailbox.name ?? ""
        try check(name, [displayName])
        let words = displayName.isEmpty ? [] : phrase(displayName, firstLineRoom: 76 - name.utf8.count)
        fold(name, words + ["<\(mailbox.address)>"])
    }

    private func check(_ name: String, _ parts: [String]) throws(MIMEError) {
        for scalar in parts.lazy.flatMap(\.unicodeScalars) {
            if scalar.properties.generalCategory == .control { throw .controlCharacter(header: name) }
        }
        guard parts.reduce(0, { $0 + $1.utf8.count }) <= headerBytesMax else { throw .tooLong(header: name) }
        // A part goes on one line; 998 is the limit of RFC 5322.
        guard parts.allSatisfy({ $0.utf8.count <= 990 || $0.contains(" ") || !isPlain($0) }) else {
            throw .tooLong(header: name)
        }
    }

    private mutating func fold(_ name: String, _ parts: [String]) {
        var line = "\(name):"
        for part in parts {
            if line.utf8.count + 1 + part.utf8.count > 78 && line != "\(name):" {
                text += line + "\r\n"
                line = ""
            }
            line += " " + part
        }
        text += line + "\r\n"
    }
}

private let headerBytesMax = 8000

/// The words of a text as they are, or the text as encoded-words when that is the only way to keep every space.
private func headerWords(_ text: String, firstLineRoom: Int) -> [String] {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let isKept = isPlain(text) && !words.contains("") && words.allSatisfy { $0.utf8.count <= 60 }
    return isKept ? words : encodedWords(text, firstLineRoom: firstLineRoom)
}

/// A display name: as it is, quoted, or as encoded-words.
private func phrase(_ name: String, firstLineRoom: Int) -> [String] {
    guard isPlain(name), name.utf8.count <= 60 else { return encodedWords(name, firstLineRoom: firstLineRoom) }
    let isAtoms = name.split(separator: " ", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && !$0.contains(".") && isDotAtom($0.utf8)
    }
    if isAtoms { return [name] }
    let escaped = name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
    return ["\"" + String(escaped) + "\""]
}

/// Printable ASCII that no reader would take for an encoded-word.
private func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
}

/// RFC 2047 words of at most 75 bytes, split between characters. Readers drop the white space between them.
private func encodedWords(_ text: String, firstLineRoom: Int) -> [String] {
    let overhead = "=?UTF-8?Q??=".utf8.count
    let usesBase64 = base64(Array(text.utf8)).count < qEncoded(text).count
    var words: [String] = []
    var current = String.UnicodeScalarView()
    var room = min(75, max(30, firstLineRoom)) - overhead
    func size(_ scalars: String.UnicodeScalarView) -> Int {
        let text = String(scalars)
        return usesBase64 ? (text.utf8.count + 2) / 3 * 4 : qEncoded(text).count
    }
    func close() {
        guard !current.isEmpty else { return }
        let text = String(current)
        words.append(usesBase64 ? "=?UTF-8?B?\(base64(Array(text.utf8)))?=" : "=?UTF-8?Q?\(qEncoded(text))?=")
        current = String.UnicodeScalarView()
        room = 75 - overhead
    }
    for character in text {
        let grown = current + character.unicodeScalars
        if size(grown) <= room {
            current = grown
            continue
        }
        close()
        // One character of many scalars may be longer than a word; then the word ends inside it.
        for scalar in character.unicodeScalars {
            if size(current + [scalar]) > room { close() }
            current.append(scalar)
        }
    }
    close()
    return words
}

/// RFC 2047's Q: letters, digits and a few signs as they are, the space as `_`.
private func qEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case 0x20: encoded += "_"
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "/"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default: encoded += "=" + hex(byte)
        }
    }
    return encoded
}

/// Two upper-case digits.
func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.utf8.count == 1 ? "0" + digits : digits
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for index in 0..<4 {
            let digit = alphabet[Int(bits >> UInt32(18 - 6 * index)) & 63]
            text.append(index <= group.count ? digit : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}
