public import CoreTypes

/// A mail as it goes to the server: ASCII, CRLF, lines of at most 998 bytes (76 in the body).
///
/// Nothing random is in it: the same values give the same bytes, so a mail sent twice is the same mail, and readers that
/// look at Message-ID show it once.
public struct MIMEMessage: Sendable {
    public let bytes: [UInt8]

    /// - Parameters:
    ///   - text: any line ends; reaches the reader with one line end after the last line.
    ///   - html: the same content for readers that show HTML; escaped by whoever made it.
    ///   - messageID: `local@domain` without angle brackets, made from what the mail is about.
    ///   - inReplyTo: Message-IDs of the thread, the oldest first; at most 20.
    ///   - listUnsubscribe: an https URL that takes a POST and stops these mails.
    public init(
        from: Mailbox, to: Mailbox, subject: String, text: String, html: String? = nil, messageID: String,
        date: Instant, inReplyTo: [String] = [], listUnsubscribe: String? = nil
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
        bytes = Array(headers.text.utf8) + content(text: text, html: html)
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
}

/// `=_` cannot occur in quoted-printable, so this never occurs in a part.
private let boundary = "=_sluice_alternative"

private func content(text: String, html: String?) -> [UInt8] {
    guard let html else { return part("text/plain", text) }
    let opening = "Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n--\(boundary)\r\n"
    // The line end before a boundary belongs to the boundary, so each part gets one more.
    let (between, end) = ("\r\n--\(boundary)\r\n", "\r\n--\(boundary)--\r\n")
    return Array(opening.utf8) + part("text/plain", text) + Array(between.utf8) + part("text/html", html)
        + Array(end.utf8)
}

private func part(_ type: String, _ text: String) -> [UInt8] {
    let header = "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
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
