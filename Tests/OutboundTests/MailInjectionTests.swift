import CoreTypes
import Foundation
import Outbound
import Testing

/// Hostile texts in every place a person can type one, sent for real and judged by a server that records raw bytes and
/// by Python's mail parser.
@Suite(.timeLimit(.minutes(2))) struct MailInjectionTests {
    /// 1,200 mails in four parts that run side by side.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `hostile mails add no command, header or recipient and read back as written`(seed: UInt64) async throws {
        let sink = try await PeerProcess("byte_sink.py")
        let client = SMTPClient(
            try SMTPServer(host: "127.0.0.1", port: sink.port(), security: .none))
        var texts = HostileTexts(seed: seed)
        var tally = (sent: 0, refusedHeaders: 0, refusedAddresses: 0)
        while tally.sent < 300 {
            let number = tally.sent
            let (address, refused) = texts.address()
            tally.refusedAddresses += refused
            let mail = HostileMail(
                subject: texts.text(lines: number % 8 == 0), name: texts.text(lines: number % 8 == 4),
                text: texts.text(lines: true), html: number % 3 == 0 ? texts.text(lines: true) : nil)
            guard let message = try mail.message(to: address, number) else {
                tally.refusedHeaders += 1
                continue
            }
            let outcome = await client.sendMail(
                OutgoingMail(sender: try MailAddress("noreply@sluice.example"), recipient: address, message: message))
            #expect(outcome == .accepted(code: 250, text: "2.0.0 kept"))
            let record: SinkRecord = try await sink.next()
            record.expectOnly(mail, to: address, number)
            tally.sent += 1
        }
        #expect(tally.refusedHeaders > 20, "too few hostile subjects and names were tried")
        #expect(tally.refusedAddresses > 500, "too few hostile addresses were tried")
    }
}

private struct HostileMail {
    var subject: String
    var name: String
    var text: String
    var html: String?

    /// nil when the builder refuses it, which it must exactly when a header's text has a control character in it.
    func message(to address: MailAddress, _ number: Int) throws -> MIMEMessage? {
        let hasControl = (subject + name).unicodeScalars.contains { $0.properties.generalCategory == .control }
        do {
            let message = try MIMEMessage(
                from: Mailbox(name: "Sluice", MailAddress("noreply@sluice.example")), to: Mailbox(name: name, address),
                subject: subject, text: text, html: html, messageID: "mail-\(number)@sluice.example",
                date: Instant(seconds: 1_772_431_200))
            #expect(!hasControl)
            return message
        } catch MIMEError.controlCharacter {
            #expect(hasControl)
            return nil
        } catch MIMEError.tooLong {
            #expect(subject.utf8.count > 8000 || name.utf8.count > 8000)
            return nil
        }
    }
}

/// What the sink saw of one connection.
private struct SinkRecord: Decodable {
    struct Parsed: Decodable {
        var names: [String]
        var subject: String
        var to: [[String]]
        var date: String
        var text: String?
        var html: String?
        var defects: [String]
    }

    var commands: [String]
    var mails: [String]
    var bareCR: Int
    var bareLF: Int
    var nul: Int
    var eightBit: Int
    var longestLine: Int
    var parsed: [Parsed]

    func expectOnly(_ mail: HostileMail, to address: MailAddress, _ number: Int) {
        let words = commands.map { $0.prefix(4) }
        #expect(words == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"], "\(commands)")
        #expect(commands.contains("RCPT TO:<\(address)>"))
        #expect(commands.contains { $0.hasPrefix("MAIL FROM:<noreply@sluice.example>") })
        #expect(mails.count == 1 && parsed.count == 1)
        #expect(bareCR == 0 && bareLF == 0 && nul == 0 && eightBit == 0)
        #expect(longestLine <= 998)
        guard let parsed = parsed.first else { return }
        let encoding = mail.html == nil ? ["Content-Transfer-Encoding"] : []
        #expect(parsed.names.sorted() == (Self.ownNames + encoding).sorted(), "\(parsed.names)")
        #expect(parsed.subject == mail.subject, "mail \(number)")
        #expect(parsed.to == [[mail.name, address.content, address.domain]], "mail \(number)")
        #expect(parsed.date == "2026-03-02T06:00:00+00:00")
        #expect(parsed.text.map(Self.readable) == Self.canonical(mail.text), "mail \(number)")
        #expect(parsed.html.map(Self.readable) == mail.html.map(Self.canonical), "mail \(number)")
        #expect(parsed.defects == [], "mail \(number)")
    }

    private static let ownNames = [
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
        "X-Auto-Response-Suppress",
    ]

    private static func readable(_ text: String) -> [UInt8] { Array(text.replacing("\r\n", with: "\n").utf8) }

    /// Every line end as LF, and one at the end.
    private static func canonical(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0A, previous == 0x0D {
                previous = byte
                continue
            }
            bytes.append(byte == 0x0D ? 0x0A : byte)
            previous = byte
        }
        return bytes.last == 0x0A ? bytes : bytes + [0x0A]
    }
}
