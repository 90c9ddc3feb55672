import CoreTypes
import Foundation
import Outbound
import TestCertificates
import TestSupport
import Testing

/// The mail server most of the world runs, with its own guard against bare line ends switched on.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: isPostfixHere, "needs the package postfix, and root, which its master process is"))
struct PostfixTests {
    @Test func `Postfix queues hostile mails for their one recipient, byte for byte`() async throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let certificate = try authority.webServer("localhost")
        let postfix = try await PeerProcess(
            "run_postfix.py", [folder.url.path, certificate.certificatePath, certificate.keyPath])
        let client = SMTPClient(
            try SMTPServer(
                host: "localhost", port: postfix.port(), trust: .authorities(file: authority.certificatePath)))
        var texts = HostileTexts(seed: 99)
        for number in 0..<24 {
            let recipient = texts.address().0
            let message = try MIMEMessage(
                from: Mailbox(name: "Sluice", MailAddress("noreply@sluice.example")),
                to: Mailbox(name: texts.text(lines: false).replacing("\t", with: ""), recipient),
                subject: texts.text(lines: false).replacing("\t", with: ""), text: texts.text(lines: true),
                html: number % 2 == 0 ? texts.text(lines: true) : nil, messageID: "mail-\(number)@sluice.example",
                date: Instant(seconds: 1_772_431_200))
            let outcome = await client.sendMail(
                OutgoingMail(sender: try MailAddress("bounce@sluice.example"), recipient: recipient, message: message))
            // Postfix takes no local part that a program could read as an option.
            if recipient.localPart.hasPrefix("-") {
                #expect(outcome == .refused(code: 501, text: "5.1.3 Bad recipient address syntax"))
                continue
            }
            guard case .accepted(250, _) = outcome else {
                Issue.record("mail \(number) to \(recipient): \(outcome)")
                continue
            }
            let queued: QueuedMail = try await postfix.next()
            #expect(queued.recipients == ["\(recipient.content)@\(recipient.domain)"])
            let content = String(decoding: try #require(Data(base64Encoded: queued.content)), as: UTF8.self)
            let sent = String(decoding: message.bytes, as: UTF8.self).replacing("\r\n", with: "\n")
            #expect(content.hasPrefix("Received: ") && content.hasSuffix("\n" + sent), "mail \(number)")
        }
    }
}

private let isPostfixHere = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/postfix")

private struct QueuedMail: Decodable {
    var recipients: [String]
    var content: String
}
