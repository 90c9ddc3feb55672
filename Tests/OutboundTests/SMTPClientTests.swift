import CoreTypes
import Foundation
import Outbound
import TestCertificates
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct SMTPClientTests {
    @Test(arguments: ["startTLS", "tls"])
    func `a mail is handed over inside TLS, after logging in`(port: String) async throws {
        let peers = try await MailPeers.shared()
        let client = SMTPClient(try peers.server(port, login: "open: sésame"))
        let outcome = await client.sendMail(try mail(to: "anna@mælk.dk"))
        #expect(outcome == .accepted(code: 250, text: "2.0.0 Queued as 12345"))
        let taken: TakenMail = try await peers.real.next { $0.user == "sluice" }
        #expect(taken.sender == "noreply@sluice.example")
        #expect(taken.recipients == ["anna@xn--mlk-yla.dk"])
        #expect(taken.user == "sluice" && taken.tls)
        let content = try #require(Data(base64Encoded: taken.content))
        #expect(Array(content) == (try mail(to: "anna@mælk.dk")).message.bytes)
    }

    @Test func `the empty sender is sent as such`() async throws {
        let peers = try await MailPeers.shared()
        let server = try SMTPServer(
            host: "127.0.0.1", port: peers.sink.port(), security: .none, helloName: "empty-sender.example")
        _ = await SMTPClient(server).sendMail(try mail(from: nil))
        let record: SinkCommands = try await peers.sink.next { $0.commands.first == "EHLO empty-sender.example" }
        #expect(record.commands.contains { $0 == "MAIL FROM:<>" || $0.hasPrefix("MAIL FROM:<> SIZE=") })
    }

    @Test(
        arguments: [
            ("code-550", .refused(code: 550, text: "5.1.1 No thanks")),
            ("data-554", .refused(code: 554, text: "5.7.1 Not this one")),
            ("code-553", .refused(code: 553, text: "5.1.1 No thanks")),
            ("code-450", .retryLater(code: 450, reason: SMTPDelay(kind: .busy, detail: "5.1.1 No thanks"))),
            ("code-421", .retryLater(code: 421, reason: SMTPDelay(kind: .busy, detail: "5.1.1 No thanks"))),
            ("data-452", .retryLater(code: 452, reason: SMTPDelay(kind: .busy, detail: "5.7.1 Not this one"))),
        ] as [(String, SMTPOutcome)])
    func `the server's refusal decides between later and never`(recipient: String, expected: SMTPOutcome) async throws {
        let peers = try await MailPeers.shared()
        let client = SMTPClient(try peers.server("open"))
        #expect(await client.sendMail(try mail(to: "\(recipient)@example.com")) == expected)
    }

    @Test func `a sender the server has no time for is tried later`() async throws {
        let peers = try await MailPeers.shared()
        let outcome = await SMTPClient(try peers.server("open")).sendMail(try mail(from: "busy@sluice.example"))
        #expect(outcome == .retryLater(code: 451, reason: SMTPDelay(kind: .busy, detail: "4.3.0 Come back later")))
    }

    @Test func `a wrong or missing password is ours to mend, no fault of the recipient`() async throws {
        let peers = try await MailPeers.shared()
        for login in ["wrong", nil] {
            let outcome = await SMTPClient(try peers.server("startTLS", login: login)).sendMail(try mail())
            #expect(outcome.kind == .login, "\(outcome)")
        }
    }

    @Test func `without TLS, or with a certificate not trusted, nothing is sent`() async throws {
        let peers = try await MailPeers.shared()
        let sink = try peers.sink.port()
        let stripped = SMTPClient(
            try SMTPServer(host: "127.0.0.1", port: sink, trust: peers.trust, helloName: "stripped.example"))
        #expect(await stripped.sendMail(try mail()).kind == .tls)
        let record: SinkCommands = try await peers.sink.next { $0.commands.first == "EHLO stripped.example" }
        #expect(record.commands.dropFirst().allSatisfy { $0 == "QUIT" }, "\(record.commands)")
        let port = try peers.real.port("startTLS")
        let untrusting = SMTPClient(try SMTPServer(host: "localhost", port: port))
        #expect(await untrusting.sendMail(try mail()).kind == .tls)
    }

    @Test func `a server that cannot be reached, or will not talk, is tried later`() async throws {
        let peers = try await MailPeers.shared()
        let gone = SMTPClient(try SMTPServer(host: "nothing-here.invalid"))
        #expect(await gone.sendMail(try mail()).kind == .name)
        let closed = SMTPClient(try SMTPServer(host: "127.0.0.1", port: 9, security: .none))
        #expect(await closed.sendMail(try mail()).kind == .connection)
        let refusing = try peers.sink.port("refusing")
        let unwilling = SMTPClient(try SMTPServer(host: "127.0.0.1", port: refusing, security: .none))
        let outcome = await unwilling.sendMail(try mail())
        #expect(outcome.kind == .greeting, "\(outcome)")
    }

    @Test(arguments: ["hang-up", "silent"])
    func `a mail without an answer may have arrived, and the outcome says so`(behaviour: String) async throws {
        let peers = try await MailPeers.shared()
        let port = try peers.sink.port()
        let server = try SMTPServer(host: "127.0.0.1", port: port, security: .none, totalTimeout: .milliseconds(700))
        let outcome = await SMTPClient(server).sendMail(try mail(from: "\(behaviour)@sluice.example"))
        guard case .retryLater(let code, let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(code == nil)
        #expect(reason.mayHaveArrived)
        #expect(reason.kind == (behaviour == "silent" ? .timeout : .connection))
    }

    @Test func `cancelling ends a mail on its way, and shutdown ends all`() async throws {
        let peers = try await MailPeers.shared()
        let port = try peers.sink.port()
        let client = SMTPClient(try SMTPServer(host: "127.0.0.1", port: port, security: .none))
        let silent = try mail(from: "silent@sluice.example")
        let task = Task { await client.sendMail(silent) }
        task.cancel()
        #expect(await task.value.kind == .cancelled)
        client.shutdown()
        #expect(await client.sendMail(silent).kind == .cancelled)
    }

    @Test func `settings that would send a password in clear, or are no server, are refused`() {
        let credentials = SMTPCredentials(user: "u", password: Secret("p"))
        for (host, security, hello) in [
            ("mail.example.com", SMTPSecurity.none, "localhost"), ("mail.example.com/x", .tls, "localhost"),
            ("", .tls, "localhost"),
            ("mail.example.com", .tls, "a\r\nMAIL FROM:<>"), ("mail example.com", .tls, "localhost"),
            ("a@b", .tls, "localhost"),
        ] {
            #expect(throws: OutboundError.self) {
                try SMTPServer(host: host, security: security, credentials: credentials, helloName: hello)
            }
        }
        #expect(throws: OutboundError.self) { try SMTPServer(host: "mail.example.com", port: 70_000) }
        #expect(throws: OutboundError.self) {
            try SMTPServer(
                host: "mail.example.com", credentials: SMTPCredentials(user: "a\r\nb", password: Secret("p")))
        }
    }

    private func mail(from: String? = "noreply@sluice.example", to: String = "anna@example.com") throws -> OutgoingMail
    {
        let recipient = try MailAddress(to)
        let message = try MIMEMessage(
            from: Mailbox(name: "Sluice", MailAddress("noreply@sluice.example")), to: Mailbox(recipient),
            subject: "Prøve",
            text: "Hej\n.\nslut", messageID: "msg_1@sluice.example", date: Instant(seconds: 1_772_431_200))
        return OutgoingMail(sender: try from.map { try MailAddress($0) }, recipient: recipient, message: message)
    }
}

/// A real server and the sink, started when the first test asks. Tests look for what is theirs in what these say.
private struct MailPeers {
    let authority: TestAuthority
    let real: PeerProcess
    let sink: PeerProcess

    private static let started = Task { try await MailPeers() }

    static func shared() async throws -> MailPeers { try await started.value }

    private init() async throws {
        authority = try TestAuthority()
        let certificate = try authority.webServer("localhost")
        async let real = PeerProcess("mail_server.py", [certificate.certificatePath, certificate.keyPath])
        async let sink = PeerProcess("byte_sink.py")
        self.real = try await real
        self.sink = try await sink
    }

    var trust: TLSTrust { .authorities(file: authority.certificatePath) }

    func server(_ port: String, login: String? = nil) throws -> SMTPServer {
        try SMTPServer(
            host: "localhost", port: real.port(port), security: port == "tls" ? .tls : .startTLS,
            credentials: login.map { SMTPCredentials(user: "sluice", password: Secret($0)) }, trust: trust,
            helloName: "sluice.example")
    }
}

private struct TakenMail: Decodable {
    var sender: String
    var recipients: [String]
    var content: String
    var user: String?
    var tls: Bool
}

private struct SinkCommands: Decodable { var commands: [String] }

extension SMTPOutcome {
    fileprivate var kind: SMTPDelay.Kind? {
        if case .retryLater(_, let reason) = self { reason.kind } else { nil }
    }
}
