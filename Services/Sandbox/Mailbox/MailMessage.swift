import SandboxAPI

/// A mail as a mail program shows it: decoded headers, the plain text, the names of what is attached.
struct MailMessage {
    var headers: [MailHeader]
    /// The first text/plain part.
    var text = ""
    var attachments: [String] = []

    init(_ raw: [UInt8]) {
        let part = MailPart(raw)
        headers = part.headers.map { MailHeader(name: $0.name, value: decodedHeader($0.value)) }
        var hasText = false
        collect(part, depth: 0, &hasText)
    }

    private mutating func collect(_ part: MailPart, depth: Int, _ hasText: inout Bool) {
        if let name = part.fileName {
            attachments.append(decodedHeader(name))
        } else if part.type.hasPrefix("multipart/"), depth < 8 {
            for child in part.children { collect(child, depth: depth + 1, &hasText) }
        } else if part.type == "text/plain", !hasText {
            text = String(decoding: part.decodedBody, as: UTF8.self)
            hasText = true
        }
    }
}

/// One part of a MIME message: header fields and a body.
private struct MailPart {
    var headers: [(name: String, value: String)] = []
    var body: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        body = []
        while let line = Self.takeLine(&rest) {
            if line.isEmpty { break }
            let text = String(decoding: line, as: UTF8.self)
            if text.first == " " || text.first == "\t", !headers.isEmpty {
                headers[headers.count - 1].value += text
            } else if let colon = text.firstIndex(of: ":") {
                headers.append((String(text[..<colon]), trimmed(text[text.index(after: colon)...])))
            }
        }
        body = rest
    }

    private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        return line.last == 0x0D ? line.dropLast() : line
    }

    private func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    /// `text/plain` unless the part says otherwise.
    var type: String {
        let value = header("content-type") ?? "text/plain"
        return trimmed(value.prefix { $0 != ";" }).lowercased()
    }

    var fileName: String? {
        parameter("filename", of: header("content-disposition")) ?? parameter("name", of: header("content-type"))
    }

    private func parameter(_ name: String, of value: String?) -> String? {
        for part in (value ?? "").split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, trimmed(sides[0]).lowercased() == name else { continue }
            return trimmed(sides[1]).filter { $0 != "\"" }
        }
        return nil
    }

    var decodedBody: [UInt8] {
        switch header("content-transfer-encoding")?.lowercased() {
        case "quoted-printable": quotedPrintable(body, underscoreIsSpace: false)
        case "base64": base64Bytes(String(decoding: body, as: UTF8.self)) ?? Array(body)
        default: Array(body)
        }
    }

    var children: [MailPart] {
        guard let boundary = parameter("boundary", of: header("content-type")) else { return [] }
        var parts: [MailPart] = []
        var current: [UInt8]?
        var rest = body
        while let line = Self.takeLine(&rest) {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix("--" + boundary) else {
                current?.append(contentsOf: line + [0x0D, 0x0A])
                continue
            }
            // The line break before a boundary belongs to the boundary.
            if let current { parts.append(MailPart(current.dropLast(2))) }
            current = text.hasPrefix("--\(boundary)--") ? nil : []
        }
        return parts
    }
}

/// - Parameter underscoreIsSpace: As in encoded words of headers.
private func quotedPrintable(_ bytes: some Collection<UInt8>, underscoreIsSpace: Bool) -> [UInt8] {
    var out: [UInt8] = []
    var rest = ArraySlice(bytes)
    while let byte = rest.popFirst() {
        if underscoreIsSpace, byte == UInt8(ascii: "_") {
            out.append(0x20)
        } else if byte != UInt8(ascii: "=") {
            out.append(byte)
        } else if rest.starts(with: [0x0D, 0x0A]) {
            rest = rest.dropFirst(2)
        } else if rest.count >= 2, let high = rest.first.flatMap(hexDigit),
            let low = rest.dropFirst().first.flatMap(hexDigit)
        {
            out.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            out.append(byte)
        }
    }
    return out
}

/// `=?utf-8?Q?17_varer?=` → `17 varer`; white space between two encoded words is no part of the text (RFC 2047).
func decodedHeader(_ value: String) -> String {
    var out: [UInt8] = []
    var rest = Substring(value)
    var pendingSpace = ""
    var lastWasEncoded = false
    while !rest.isEmpty {
        let space = rest.prefix { $0 == " " || $0 == "\t" }
        rest = rest.dropFirst(space.count)
        pendingSpace += space
        let word = rest.prefix { $0 != " " && $0 != "\t" }
        rest = rest.dropFirst(word.count)
        guard !word.isEmpty else { break }
        let decoded = encodedWord(word)
        if decoded == nil || !lastWasEncoded { out.append(contentsOf: pendingSpace.utf8) }
        out.append(contentsOf: decoded ?? Array(word.utf8))
        lastWasEncoded = decoded != nil
        pendingSpace = ""
    }
    return String(decoding: out, as: UTF8.self)
}

private func encodedWord(_ word: Substring) -> [UInt8]? {
    guard word.hasPrefix("=?"), word.hasSuffix("?="), word.utf8.count > 6 else { return nil }
    let parts = word.dropFirst(2).dropLast(2).split(separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, ["utf-8", "us-ascii"].contains(parts[0].lowercased()) else { return nil }
    switch parts[1].uppercased() {
    case "Q": return quotedPrintable(Array(parts[2].utf8), underscoreIsSpace: true)
    case "B": return base64Bytes(parts[2])
    default: return nil
    }
}
