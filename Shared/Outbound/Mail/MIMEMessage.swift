public import CoreTypes

/// A mail as it goes to the server: ASCII, CRLF, lines of at most 998 bytes (76 in the body).
///
/// Nothing random is in it: the same values give the same bytes, so a mail sent twice is the same mail, and readers that
/// look at Message-ID show it once.
public struct MIMEMessage: Sendable {
    public let bytes: [UInt8]

    /// - Parameters:
    ///   - text: any line ends; reaches the reader with one line end after the last line.
    ///   - attachments: files beside the text, in order.
    ///   - html: the same content for readers that show HTML; escaped by whoever made it.
    ///   - messageID: `local@domain` without angle brackets, made from what the mail is about.
    ///   - inReplyTo: Message-IDs of the thread, the oldest first; at most 20.
    ///   - listUnsubscribe: an https URL that takes a POST and stops these mails.
    public init(
        from: Mailbox, to: Mailbox, subject: String, text: String, html: String? = nil,
        attachments: [MailAttachment] = [], messageID: String, date: Instant, inReplyTo: [String] = [],
        listUnsubscribe: String? = nil
    ) throws(MIMEError) {
        var headers = HeaderLines()
        try headers.add("Date", structured: [mailDate(date)])
        try headers.add("From", from)
        try headers.add("To", to)
        try headers.add("Message-ID", structured: [try messageReference(messageID)])
        if let parent = inReplyTo.last {
            var references: [String] = []
            for id in inReplyTo.suffix(20) { references.append(try messageReference(id)) }
            try headers.add("In-Reply-To", structured: [try messageReference(parent)])
            try headers.add("References", structured: references)
        }
        try headers.add("Subject", text: subject)
        // So that no holiday reply and no other robot answers.
        try headers.add("Auto-Submitted", structured: ["auto-generated"])
        try headers.add("X-Auto-Response-Suppress", structured: ["All"])
        if let listUnsubscribe {
            try headers.add("List-Unsubscribe", structured: [try unsubscribeReference(listUnsubscribe)])
            try headers.add("List-Unsubscribe-Post", structured: ["List-Unsubscribe=One-Click"])
        }
        try headers.add("MIME-Version", structured: ["1.0"])
        bytes = Array(headers.text.utf8) + content(text: text, html: html, attachments)
    }
}

/// A text file that goes with a mail.
public struct MailAttachment: Sendable, Equatable {
    /// Letters, digits, `-`, `_` and `.` of ASCII; at most 80.
    public let name: String
    /// `type/subtype` without parameters, as `text/csv`.
    public let type: String
    public let text: String

    public init(name: String, type: String, text: String) throws(MIMEError) {
        guard (1...80).contains(name.utf8.count), name.utf8.allSatisfy({ isPlain($0) }), !name.hasPrefix(".") else {
            throw .attachment
        }
        let halves = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isPlain) }) else {
            throw .attachment
        }
        self.name = name
        self.type = type
        self.text = text
    }
}

private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
    default: false
    }
}

public enum MIMEError: Error, Sendable, Equatable {
    /// A line end, NUL or other control character in a header's text.
    case controlCharacter(header: String)
    case tooLong(header: String)
    /// A message id is not of the form `local@domain`.
    case messageID
    /// Not an absolute https URL in ASCII.
    case unsubscribeURL
    /// An attachment's name or type has characters it may not have.
    case attachment
}

private func content(text: String, html: String?, _ attachments: [MailAttachment]) -> [UInt8] {
    let plain = part("text/plain", text)
    let body = html.map { multipart("alternative", [plain, part("text/html", $0)]) } ?? plain
    guard !attachments.isEmpty else { return body }
    let files = attachments.map { file in
        part(file.type, file.text, "Content-Disposition: attachment; filename=\"\(file.name)\"\r\n")
    }
    return multipart("mixed", [body] + files)
}

private func multipart(_ kind: String, _ parts: [[UInt8]]) -> [UInt8] {
    // `=_` cannot occur in quoted-printable, so this never occurs in a part.
    let boundary = "=_sluice_\(kind)"
    var bytes = Array("Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\r\n\r\n--\(boundary)\r\n".utf8)
    for (index, part) in parts.enumerated() {
        bytes += part
        // The line end before a boundary belongs to the boundary, so each part gets one more.
        bytes += Array((index < parts.count - 1 ? "\r\n--\(boundary)\r\n" : "\r\n--\(boundary)--\r\n").utf8)
    }
    return bytes
}

private func part(_ type: String, _ text: String, _ disposition: String = "") -> [UInt8] {
    let header =
        "Content-Type: \(type); charset=utf-8\r\n\(disposition)Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return Array(header.utf8) + quotedPrintable(text)
}

private func messageReference(_ id: String) throws(MIMEError) -> String {
    let halves = id.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard halves.count == 2, halves.allSatisfy(isDotAtom), id.utf8.count <= 200 else { throw .messageID }
    return "<\(id)>"
}

private func unsubscribeReference(_ url: String) throws(MIMEError) -> String {
    let isClean = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E && $0 != 0x2C }
    guard url.hasPrefix("https://"), url.utf8.count > 8, url.utf8.count <= 900, isClean else { throw .unsubscribeURL }
    return "<\(url)>"
}

/// `Mon, 02 Mar 2026 06:00:00 +0000`.
private func mailDate(_ instant: Instant) -> String {
    let seconds = instant.milliseconds.quotientAndRemainder(dividingBy: 1000).quotient
    let days = Int(seconds / 86_400) - (seconds % 86_400 < 0 ? 1 : 0)
    let second = Int(seconds) - days * 86_400
    let day = CalendarDay(daysSince1970: days)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][day.month - 1]
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let year = String(repeating: "0", count: max(0, 4 - "\(day.year)".count)) + "\(day.year)"
    let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    return "\(weekday), \(two(day.day)) \(month) \(year) \(time) +0000"
}
