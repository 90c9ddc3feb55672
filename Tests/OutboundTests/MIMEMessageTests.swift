import CoreTypes
import Foundation
import Outbound
import Testing

@Suite(.timeLimit(.minutes(2))) struct MIMEMessageTests {
    @Test func `a Danish mail looks as the standards want it`() throws {
        let message = try message(
            subject: "Importen blev stoppet: 3 varer mangler i mængden",
            text: "Hej Søren,\n\n.\nFrom here: 1 = 1 \nslut")
        let expected = """
            Date: Mon, 02 Mar 2026 06:00:00 +0000
            From: Sluice <noreply@sluice.example>
            To: "Holm, Anna" <anna@xn--mlk-yla.dk>
            Message-ID: <msg_1@sluice.example>
            Subject: =?UTF-8?Q?Importen_blev_stoppet=3A_3_varer_mangler_i_m=C3=A6ngden?=
            Auto-Submitted: auto-generated
            X-Auto-Response-Suppress: All
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Hej S=C3=B8ren,

            =2E
            =46rom here: 1 =3D 1=20
            slut

            """
        #expect(String(decoding: message.bytes, as: UTF8.self) == expected.replacing("\n", with: "\r\n"))
    }

    @Test func `with HTML both forms are there, the text first`() throws {
        let message = try message(subject: "Hi", text: "plain", html: "<p>rich & r\u{F8}d</p>")
        let text = String(decoding: message.bytes, as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n--=_sluice_alternative")
        #expect(parts.count == 4)
        #expect(parts[0].hasSuffix("Content-Type: multipart/alternative; boundary=\"=_sluice_alternative\"\r\n"))
        #expect(parts[1].contains("text/plain") && parts[1].hasSuffix("\r\n\r\nplain\r\n"))
        #expect(parts[2].contains("text/html") && parts[2].hasSuffix("\r\n\r\n<p>rich & r=C3=B8d</p>\r\n"))
        #expect(parts[3] == "--\r\n")
    }

    @Test func `an attached file is read back whole by another program`() throws {
        let csv = "code;name\r\nA1;Rørtang \"lille\"\r\nB=2;🎁\r\n" + String(repeating: "x", count: 3000) + "\r\n"
        let file = try MailAttachment(name: "missing-items.csv", type: "text/csv", text: csv)
        let recipient = Mailbox(try MailAddress("anna@example.com"))
        let message = try MIMEMessage(
            from: recipient, to: recipient, subject: "Missing", text: "See the file.", html: "<p>See the file.</p>",
            attachments: [file], messageID: "a@example.com", date: Instant(seconds: 1_772_431_200))
        let program = """
            import email, email.policy, sys
            mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
            file, = mail.iter_attachments()
            assert mail.get_body(("plain",)).get_content().strip() == "See the file.", "text"
            assert mail.get_body(("html",)).get_content().strip() == "<p>See the file.</p>", "html"
            assert file.get_filename() == "missing-items.csv" and file.get_content_type() == "text/csv", "name"
            sys.stdout.buffer.write(file.get_content().encode("utf-8"))
            """
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = ["python3", "-c", program]
        let (input, output) = (Pipe(), Pipe())
        python.standardInput = input
        python.standardOutput = output
        try python.run()
        try input.fileHandleForWriting.write(contentsOf: Data(message.bytes))
        try input.fileHandleForWriting.close()
        let read = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(read.filter { $0 != "\r" }.split(whereSeparator: \.isNewline) == csv.split(whereSeparator: \.isNewline))
    }

    @Test(arguments: [
        "", "a b.csv", "a\".csv", "a\r\nX: y", "../x", ".hidden", "ø.csv", String(repeating: "a", count: 81),
    ])
    func `a file name that could be read as something else is refused`(name: String) {
        #expect(throws: MIMEError.attachment) { try MailAttachment(name: name, type: "text/csv", text: "") }
        #expect(throws: MIMEError.attachment) {
            try MailAttachment(name: "a.csv", type: "text/csv; x=\(name)", text: "")
        }
    }

    @Test func `the same values make the same bytes`() throws {
        #expect(try message(subject: "s", html: "<p>").bytes == message(subject: "s", html: "<p>").bytes)
    }

    @Test func `thread and unsubscribe headers are written, folded where long`() throws {
        let ids = (1...5).map { "inc_01hzzzzzzzzzzzzzzzzzzzzzz\($0)@sluice.example" }
        let lines = try headerLines(
            message(
                subject: "s", inReplyTo: ids,
                listUnsubscribe: "https://sluice.example/u/" + String(repeating: "t", count: 300)))
        #expect(lines.contains("In-Reply-To: <\(ids[4])>"))
        #expect(lines.contains("References: <\(ids[0])>") && lines.contains(" <\(ids[4])>"))
        #expect(lines.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
        #expect(lines.filter { $0.hasPrefix("List-Unsubscribe: <https://sluice.example/u/ttt") }.count == 1)
    }

    @Test(arguments: ["\r", "\n", "\r\n", "\u{0}", "\u{7F}", "\u{1B}", "\u{85}", "a\r\nBcc: evil@example.com"])
    func `a control character in what becomes a header is refused`(text: String) throws {
        #expect(throws: MIMEError.controlCharacter(header: "Subject")) { try message(subject: "a" + text) }
        #expect(throws: MIMEError.controlCharacter(header: "To")) { try message(subject: "a", toName: "A" + text) }
    }

    @Test(arguments: ["", "a", "@", "a@", "a b@c", "a@b@c", "<a@b>", "a@b\r\nX: y", "a@b>", "å@b"])
    func `a message id that is none is refused`(id: String) {
        #expect(throws: MIMEError.messageID) { try message(subject: "s", messageID: id) }
        #expect(throws: MIMEError.messageID) { try message(subject: "s", inReplyTo: [id]) }
    }

    @Test(arguments: [
        "http://x.example/", "https://", "javascript:alert(1)", "https://x.example/>", "https://x.example/ b",
        "https://x\r\n",
    ])
    func `an unsubscribe address that is no https URL is refused`(url: String) {
        #expect(throws: MIMEError.unsubscribeURL) { try message(subject: "s", listUnsubscribe: url) }
    }

    @Test(arguments: [
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 +0000"),
    ])
    func `the date is the day and time in UTC`(seconds: Int64, date: String) throws {
        #expect(try headerLines(message(subject: "s", date: Instant(seconds: seconds))).contains("Date: \(date)"))
    }

    private func message(
        subject: String, text: String = "text", html: String? = nil, toName: String? = "Holm, Anna",
        messageID: String = "msg_1@sluice.example", date: Instant = Instant(seconds: 1_772_431_200),
        inReplyTo: [String] = [], listUnsubscribe: String? = nil
    ) throws -> MIMEMessage {
        try MIMEMessage(
            from: Mailbox(name: "Sluice", MailAddress("noreply@sluice.example")),
            to: Mailbox(name: toName, MailAddress("anna@mælk.dk")), subject: subject, text: text, html: html,
            messageID: messageID, date: date, inReplyTo: inReplyTo, listUnsubscribe: listUnsubscribe)
    }

    private func headerLines(_ message: MIMEMessage) -> [String] {
        String(decoding: message.bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
