import CoreTypes
import Outbound

/// Parts between zero bytes: an address, a name, a subject and a text.
enum MailTarget {
    static func run(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let address = try checkAddress(parts[0])
        guard parts.count == 4 else { return }
        try checkMessage(to: address ?? MailAddress("anna@example.com"), parts[1], parts[2], parts[3])
    }

    /// An address that is taken is safe in a command and a header, and reads as itself.
    private static func checkAddress(_ text: String) throws -> MailAddress? {
        guard let address = try? MailAddress(text) else { return nil }
        let bytes = Array("\(address)".utf8)
        try hold(bytes.allSatisfy { (0x20...0x7E).contains($0) }, "not printable: \(address)")
        try hold(bytes.count <= 254 && address.localPart.utf8.count <= 64, "too long: \(address)")
        try hold((try? MailAddress("\(address)")) == address, "does not read as itself: \(address)")
        // Outside quotes nothing has a meaning of its own in SMTP or a header.
        if !address.localPart.hasPrefix("\"") {
            try hold(!address.localPart.contains { " ()<>,;:\\\"@[]".contains($0) }, "not quoted: \(address)")
        }
        try hold(!address.domain.contains { !"abcdefghijklmnopqrstuvwxyz0123456789-.".contains($0) }, "\(address)")
        return address
    }

    private static func checkMessage(to address: MailAddress, _ name: String, _ subject: String, _ text: String) throws
    {
        let message: MIMEMessage
        do {
            message = try MIMEMessage(
                from: Mailbox(name: name, try MailAddress("noreply@sluice.example")), to: Mailbox(name: name, address),
                subject: subject, text: text, messageID: "fuzz@sluice.example", date: Instant(seconds: 1_772_431_200))
        } catch is MIMEError {
            return
        }
        let lines = try MailReader.lines(of: message.bytes)
        guard let end = lines.firstIndex(of: []) else { throw Finding("no end of the headers") }
        let headers = try MailReader.headers(lines[..<end])
        try hold(headers.map(\.name) == names, "headers: \(headers.map(\.name))")
        try hold(
            headers.first { $0.name == "Subject" }.map { MailReader.text(of: $0.value) } == subject,
            "subject: \(headers), not \(subject)")
        let to = headers.first { $0.name == "To" }?.value ?? []
        try hold(
            to.reversed().starts(with: "<\(address)>".utf8.reversed()), "to: \(String(decoding: to, as: UTF8.self))")
        let body = try MailReader.unquoted(lines[(end + 1)...])
        try hold(body == MailReader.canonical(text), "body: \(body)")
    }

    private static let names = [
        "Date", "From", "To", "Message-ID", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding",
    ]
}
