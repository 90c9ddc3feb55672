import CoreTypes
import SandboxAPI
import Testing

@testable import SandboxService

@Suite struct SMTPDialogueTests {
    private func dialogue(_ settings: SMTPSettings = SMTPSettings(), _ faults: [ActiveFault] = []) -> SMTPDialogue {
        SMTPDialogue(settings, faults: FaultBoard(faults))
    }

    /// The replies to lines, each with its first three digits.
    private func codes(_ dialogue: inout SMTPDialogue, _ lines: String...) -> [String] {
        lines.flatMap { dialogue.receive(Array($0.utf8), endsInCRLF: true) }.map { action in
            switch action {
            case .reply(let text): String(text.prefix(3))
            case .store: "store"
            case .startTLS: "tls"
            case .close: "close"
            }
        }
    }

    @Test func `a mail is taken with its dots unstuffed`() {
        var dialogue = dialogue()
        #expect(
            codes(&dialogue, "EHLO me", "MAIL FROM:<a@b.dk> SIZE=10", "RCPT TO:<c@d.dk>", "DATA") == [
                "250", "250", "250", "354",
            ])
        _ = codes(&dialogue, "Subject: x", "", "..dot", "text")
        let actions = dialogue.receive(Array(".".utf8), endsInCRLF: true)
        let raw = Array("Subject: x\r\n\r\n.dot\r\ntext\r\n".utf8)
        #expect(
            actions == [
                .store(.init(sender: "a@b.dk", recipients: ["c@d.dk"], raw: raw, isEncrypted: false, user: nil))
            ])
        #expect(codes(&dialogue, "MAIL FROM:<>", "RSET", "QUIT") == ["250", "250", "221", "close"])
    }

    @Test func `commands out of order are refused`() {
        var dialogue = dialogue()
        #expect(
            codes(&dialogue, "MAIL FROM:<a@b.dk>", "EHLO me", "RCPT TO:<a@b.dk>", "DATA", "NONSENSE") == [
                "503", "250", "503", "503", "502",
            ])
    }

    @Test(arguments: ["TO:a@b.dk", "TO:<a>", "TO:<a@b@c>", "TO:<a b@c.dk>", "TO:<>", "TO:<@c.dk>", "FROM:<a@b.dk>"])
    func `a recipient that is no address is refused`(text: String) {
        var dialogue = dialogue()
        #expect(codes(&dialogue, "EHLO me", "MAIL FROM:<a@b.dk>", "RCPT \(text)").last == "501")
    }

    @Test func `encryption is offered before, logins only after it`() {
        var dialogue = dialogue(SMTPSettings(user: "sluice", password: "x", canEncrypt: true))
        guard case .reply(let plain) = dialogue.receive(Array("EHLO me".utf8), endsInCRLF: true)[0] else { return }
        #expect(plain.contains("STARTTLS") && !plain.contains("AUTH"))
        #expect(codes(&dialogue, "AUTH PLAIN AHNsdWljZQB4", "MAIL FROM:<a@b.dk>", "STARTTLS") == ["538", "530", "tls"])
        dialogue.didStartTLS()
        guard case .reply(let secure) = dialogue.receive(Array("EHLO me".utf8), endsInCRLF: true)[0] else { return }
        #expect(!secure.contains("STARTTLS") && secure.contains("AUTH PLAIN LOGIN"))
        #expect(
            codes(&dialogue, "AUTH PLAIN AHNsdWljZQB5", "AUTH PLAIN AHNsdWljZQB4", "MAIL FROM:<a@b.dk>") == [
                "535", "235", "250",
            ])
    }

    @Test func `login in two steps`() {
        var dialogue = dialogue(SMTPSettings(user: "sluice", password: "x"))
        #expect(codes(&dialogue, "EHLO me", "AUTH LOGIN", "c2x1aWNl", "eA==") == ["250", "334", "334", "235"])
        #expect(codes(&dialogue, "AUTH LOGIN") == ["503"])
    }

    @Test func `line breaks that are not CRLF, and endless lines, are refused`() {
        var dialogue = dialogue()
        for line in ["bare\rreturn", String(repeating: "x", count: 999)] {
            _ = codes(&dialogue, "EHLO me", "MAIL FROM:<a@b.dk>", "RCPT TO:<c@d.dk>", "DATA", line)
            #expect(codes(&dialogue, ".") == ["554"])
        }
        _ = codes(&dialogue, "MAIL FROM:<a@b.dk>", "RCPT TO:<c@d.dk>", "DATA")
        #expect(dialogue.receive(Array(".".utf8), endsInCRLF: false).isEmpty)
        #expect(codes(&dialogue, ".") == ["554"])
    }

    @Test func `recipients are refused for good or for now on order`() async throws {
        let board = FaultBoard()
        var dialogue = SMTPDialogue(SMTPSettings(), faults: board)
        board.order(Fault(.refuseRecipient, target: "c@d.dk"), at: .init(seconds: 0))
        #expect(
            codes(&dialogue, "EHLO me", "MAIL FROM:<a@b.dk>", "RCPT TO:<C@d.dk>", "RCPT TO:<e@f.dk>").suffix(2) == [
                "550", "250",
            ])
        board.order(Fault(.greylist, times: 1), at: .init(seconds: 0))
        #expect(codes(&dialogue, "RCPT TO:<e@f.dk>", "RCPT TO:<e@f.dk>") == ["451", "250"])
    }
}

@Suite struct MailMessageTests {
    @Test func `headers, text and attachments are decoded`() {
        let raw = """
            From: =?utf-8?Q?S=C3=B8ren?= <a@b.dk>
            Subject: =?utf-8?B?MTcgdmFyZXI=?= =?utf-8?Q?_mangler?=
             igen
            Content-Type: multipart/mixed; boundary="b1"

            Preface
            --b1
            Content-Type: multipart/alternative; boundary=b2

            --b2
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            R=C3=B8d gr=C3=B8d, en lang=
             linje
            --b2
            Content-Type: text/html

            <p>no</p>
            --b2--
            --b1
            Content-Type: text/csv; name="missing.csv"
            Content-Disposition: attachment; filename="missing.csv"
            Content-Transfer-Encoding: base64

            QTE=
            --b1--

            """.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let message = MailMessage(Array(raw.utf8))
        #expect(message.headers.first { $0.name == "From" }?.value == "Søren <a@b.dk>")
        #expect(message.headers.first { $0.name == "Subject" }?.value == "17 varer mangler igen")
        #expect(message.text == "Rød grød, en lang linje")
        #expect(message.attachments == ["missing.csv"])
    }
}

@Suite struct SimJSONTests {
    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,\"a\":2}", "01", "1.", "+1", "tru", "\"\u{01}\"", "\"\\x\"", "\"\\ud800\"", "1 2",
        "{'a':1}",
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: SimJSONError.self) { try SimJSON(parsing: Array(text.utf8)) }
    }

    @Test func `numbers stay as written, strings are decoded, canonical form sorts members`() throws {
        let json = try SimJSON(
            parsing: Array(#" {"b": [1e-7, -0.50, true, null], "a": "\u00e6\ud83d\ude00\"\n"} "#.utf8))
        #expect(json["b"]?[0] == .number("1e-7"))
        #expect(json["a"]?.text == "æ😀\"\n")
        #expect(String(decoding: json.canonical.bytes, as: UTF8.self) == #"{"a":"æ😀\"\n","b":[1e-7,-0.50,true,null]}"#)
    }

    @Test func `the place of a member is found`() throws {
        let text = Array(#"{"x":{"rows":[0]}, "rows": [ {"a":1} ] ,"y":2}"#.utf8)
        let (_, span) = try SimJSON.parsing(text, locating: "rows")
        #expect(String(decoding: text[try #require(span)], as: UTF8.self) == #"[ {"a":1} ]"#)
    }
}
