/// Gathers the header lines of an answer, skipping interim answers (1xx) before it and trailers after it.
struct ResponseHead {
    enum Step {
        case more
        /// The last line of the final head was taken.
        case complete
        case refused(OutboundError)
    }

    static let bytesMax = 64 * 1024

    private(set) var status = 0
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var byteCount = 0
    private(set) var isComplete = false

    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        byteCount += line.count
        guard byteCount <= Self.bytesMax else { return .refused(.tooLarge(limit: Self.bytesMax)) }
        if isComplete { return .more }
        let text = trimmed(line)
        if text.isEmpty {
            guard status >= 200 else { return .more }
            isComplete = true
            return .complete
        }
        if text.hasPrefix("HTTP/"), fields.isEmpty || status < 200 {
            fields = []
            return takeStatus(text)
        }
        return takeField(text)
    }

    private mutating func takeStatus(_ text: String) -> Step {
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[1].utf8.count == 3, let status = Int(parts[1]), (100...599).contains(status)
        else {
            return .refused(.malformed(detail: "the status line cannot be read"))
        }
        self.status = status
        return .more
    }

    private mutating func takeField(_ text: String) -> Step {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            return .refused(.malformed(detail: "a header line has no name"))
        }
        fields.append((String(text[..<colon]), trimmed(text.utf8[text.index(after: colon)...])))
        return .more
    }

    /// Redirects, and encodings that were not asked for: libcurl would undo several, one inside the other.
    func refusal() -> OutboundError? {
        if [301, 302, 303, 307, 308].contains(status), let target = first("location") {
            return .redirect(status: status, to: String(target.prefix(2000)))
        }
        if let encoding = first("content-encoding")?.lowercased(), !knownEncodings.contains(encoding) {
            return .malformed(detail: "the content encoding \(encoding.prefix(40)) was not asked for")
        }
        return nil
    }

    private func first(_ name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }
}

private let knownEncodings: Set<String> = ["", "identity", "gzip", "x-gzip", "deflate"]

/// The text without spaces, tabs and line ends at its edges; bytes that are not UTF-8 become U+FFFD.
private func trimmed(_ bytes: some Collection<UInt8>) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    let front = bytes.drop(while: isBlank)
    var end = Array(front)
    while let last = end.last, isBlank(last) { end.removeLast() }
    return String(decoding: end, as: UTF8.self)
}
