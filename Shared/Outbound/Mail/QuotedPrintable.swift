/// RFC 2045 quoted-printable of UTF-8 text, with CRLF and nothing else as line end.
///
/// CRLF, CR and LF in the text each become one CRLF. Lines are at most 76 bytes. A space or tab before a line end, a dot
/// at the start of a line and `From ` there are encoded, for the sake of the servers on the way.
func quotedPrintable(_ text: String) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count + text.utf8.count / 8)
    for (index, line) in lines(of: text).enumerated() {
        if index > 0 { encoded += crlf }
        appendLine(line, to: &encoded)
    }
    encoded += crlf
    return encoded
}

private let crlf: [UInt8] = [0x0D, 0x0A]

/// The text's lines without their ends; a line end at the very end of the text opens no further line.
private func lines(of text: String) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
        if bytes[index] == 0x0D || bytes[index] == 0x0A {
            lines.append(bytes[start..<index])
            if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
            start = index + 1
        }
        index += 1
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
}

private func appendLine(_ line: ArraySlice<UInt8>, to encoded: inout [UInt8]) {
    var column = 0
    for (index, byte) in zip(line.indices, line) {
        let isLast = index == line.endIndex - 1
        let isLiteral = isLiteral(byte, isLast: isLast, isFirst: column == 0)
        let width = isLiteral ? 1 : 3
        // One column is kept for the "=" of a soft line break.
        if column + width > (isLast ? 76 : 75) {
            encoded += [UInt8(ascii: "=")] + crlf
            column = 0
        }
        // What is literal inside a line may not be at its start; its longer form fits there.
        if isLiteral && (column > 0 || canStartLine(byte)) {
            encoded.append(byte)
            column += 1
        } else {
            encoded += "=\(hex(byte))".utf8
            column += 3
        }
    }
}

private func isLiteral(_ byte: UInt8, isLast: Bool, isFirst: Bool) -> Bool {
    switch byte {
    case 0x20, 0x09: !isLast
    case UInt8(ascii: "="): false
    case 0x21...0x7E: !isFirst || canStartLine(byte)
    default: false
    }
}

private func canStartLine(_ byte: UInt8) -> Bool { byte != UInt8(ascii: ".") && byte != UInt8(ascii: "F") }
