import CoreTypes
import Outbound
import SchedulerAPI
import Synchronization
import Testing

@testable import NotifierService

/// Keeps the mails it is given and gives one answer.
private final class RecordingServer: MailSending {
    private let state = Mutex<[OutgoingMail]>([])
    private let outcome: SMTPOutcome

    init(_ outcome: SMTPOutcome = .accepted(code: 250, text: "OK")) { self.outcome = outcome }

    var mails: [OutgoingMail] { state.withLock { $0 } }

    func sendMail(_ mail: OutgoingMail) async -> SMTPOutcome {
        state.withLock { $0.append(mail) }
        return outcome
    }
}

@Suite struct SMTPTransportTests {
    private static func letter(to address: String = "bo@cykler.dk", subject: String = "Importen er afvist") -> Letter {
        Letter(
            messageID: "msg_2@mail.sluice.dk", inReplyTo: "msg_1@mail.sluice.dk", address: address, subject: subject,
            text: "Intet er lagt i webshoppen.\n", date: .example)
    }

    private func transport(_ server: RecordingServer) throws -> SMTPTransport {
        SMTPTransport(server, sender: Mailbox(name: "Sluice", try MailAddress("sluice@sluice.dk")))
    }

    @Test func `a letter becomes one mail to one recipient, in its thread, without a sender to bounce to`() async throws
    {
        let server = RecordingServer()
        let outcome = try await transport(server).send(Self.letter())
        #expect(outcome == .accepted("250 OK"))
        let mail = try #require(server.mails.first)
        #expect(mail.sender == nil)
        #expect(mail.recipient.description == "bo@cykler.dk")
        let text = String(decoding: mail.message.bytes, as: UTF8.self)
        #expect(text.contains("Message-ID: <msg_2@mail.sluice.dk>\r\n"))
        #expect(text.contains("In-Reply-To: <msg_1@mail.sluice.dk>\r\n"))
        #expect(text.contains("Date: Mon, 02 Mar 2026 06:00:00 +0000\r\n"))
    }

    @Test func `the same letter sent again is the same mail to the byte`() async throws {
        let server = RecordingServer()
        _ = try await transport(server).send(Self.letter())
        _ = try await transport(server).send(Self.letter())
        #expect(server.mails[0].message.bytes == server.mails[1].message.bytes)
    }

    @Test(arguments: [
        (SMTPOutcome.refused(code: 550, text: "no such user"), SendOutcome.refused("550 no such user")),
        (
            .retryLater(code: 450, reason: SMTPDelay(kind: .busy, detail: "mailbox busy")),
            .delayed("450 busy: mailbox busy")
        ),
        (
            .retryLater(code: nil, reason: SMTPDelay(kind: .connection, detail: "refused")),
            .delayed("connection: refused")
        ),
        (.retryLater(code: nil, reason: SMTPDelay(kind: .cancelled, detail: "")), .interrupted),
    ])
    func `what the server says decides what becomes of the mail`(said: SMTPOutcome, becomes: SendOutcome) async throws {
        #expect(try await transport(RecordingServer(said)).send(Self.letter()) == becomes)
    }

    @Test(arguments: [letter(to: "bo@x>\r\nRCPT TO:<evil@y"), letter(subject: "x\r\nBcc: evil@y.dk")])
    func `a letter that cannot be written safely never reaches the server`(letter: Letter) async throws {
        let server = RecordingServer()
        let outcome = try await transport(server).send(letter)
        guard case .refused = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(server.mails.isEmpty)
    }
}
