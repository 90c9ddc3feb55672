import CoreTypes
import Dispatch
import Foundation
import RPC
import SandboxAPI
import ServiceRuntime
import TLS
import TestCertificates
import TestSupport
import Testing

@testable import SandboxService

/// The real sockets, spoken to by programs that are not ours: curl and Python.
@Suite(.timeLimit(.minutes(1))) struct ListenerTests {
    private static func withSandbox(
        smtp: SMTPSettings = SMTPSettings(),
        _ body: (SandboxFixture, SandboxListeners.Ports, String) async throws -> Void
    ) async throws {
        let authority = try TestAuthority()
        let certificate = try authority.webServer()
        let tls = try TLSContext(
            .serverOnly(certificateChainPath: certificate.certificatePath, privateKeyPath: certificate.keyPath))
        let fixture = try await SandboxFixture()
        let listeners = SandboxListeners(fixture.sandbox, tls: tls, smtp: smtp)
        try await listeners.withRunning { ports in
            try await body(fixture, ports, authority.certificatePath)
        }
    }

    @Test func `curl logs in and reads a page over HTTPS`() async throws {
        try await Self.withSandbox { fixture, ports, authority in
            _ = try await fixture.caller.call(CreateSystem(name: "sap", kind: .sapBusinessOne, items: 600))
            let folder = try TemporaryFolder()
            let common = ["-sS", "--cacert", authority, "-b", folder.file("jar"), "-c", folder.file("jar")]
            let base = "https://localhost:\(ports.http)/sap/b1s/v2"
            let login = try await run(
                "curl",
                common + ["-d", #"{"CompanyDB":"SBODEMO","UserName":"manager","Password":"sandbox"}"#, "\(base)/Login"])
            #expect(login.status == 0 && login.output.contains("SessionId"))
            let page = try await run(
                "curl", common + ["-H", "Prefer: odata.maxpagesize=500", "\(base)/Items?$orderby=ItemCode"])
            let json = try SimJSON(parsing: Array(page.output.utf8))
            #expect(json["value"]?.elements?.count == 500)
            #expect(json["@odata.context"]?.text?.hasPrefix("https://localhost:\(ports.http)/sap/b1s/v2/") == true)
            let count = try await run("curl", common + ["\(base)/Items/$count"])
            #expect(count.output == "612")
            let logout = try await run("curl", common + ["-X", "POST", "-w", "%{http_code}", "\(base)/Logout"])
            #expect(logout.output == "204")
        }
    }

    @Test func `a cut page and an offline system are seen as broken connections`() async throws {
        try await Self.withSandbox { fixture, ports, authority in
            _ = try await fixture.caller.call(CreateSystem(name: "sap", kind: .sapBusinessOne, items: 600))
            _ = try await fixture.caller.call(CreateSystem(name: "shop", kind: .genericWebshop))
            let cookies = try await fixture.logIn()
            try await fixture.misbehave("sap", Fault(.cutConnection, page: 1))
            let base = "https://localhost:\(ports.http)"
            let cut = try await run(
                "curl",
                ["-s", "--cacert", authority, "-H", "Cookie: \(cookies)", "-o", "/dev/null"] + ["-w", "%{http_code}"]
                    + ["-H", "Prefer: odata.maxpagesize=500", "\(base)/sap/b1s/v2/Items"])
            // 18: fewer bytes than announced; 56: reset while receiving.
            #expect([18, 56].contains(cut.status) && cut.output == "200")
            try await fixture.misbehave("shop", Fault(.offline))
            let offline = try await run("curl", ["-sS", "--cacert", authority, "\(base)/shop/api/v1/healthz"])
            #expect([52, 56].contains(offline.status))
            try await fixture.repair("shop")
            let back = try await run("curl", ["-sS", "--cacert", authority, "\(base)/shop/api/v1/healthz"])
            #expect(back.status == 0)
        }
    }

    @Test func `a client that asks for it is hung up on after the answer, with TLS's own farewell`() async throws {
        try await Self.withSandbox { _, ports, authority in
            let script = """
                import socket, ssl
                context = ssl.create_default_context(cafile="\(authority)")
                raw = socket.create_connection(("localhost", \(ports.http)))
                s = context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)
                s.sendall(b"GET /nobody/x HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
                answer = b""
                while True:
                    part = s.recv(1000)
                    if not part: break
                    answer += part
                print(answer[:12].decode())
                """
            let answer = try await run("python3", ["-c", script])
            #expect(answer.output == "HTTP/1.1 404\n")
        }
    }

    /// Without that, stopping would wait for the client for ever and the test run into its time limit.
    @Test func `a client that vanishes without a farewell is let go`() async throws {
        try await Self.withSandbox { _, ports, authority in
            let script = """
                import os, socket, ssl
                context = ssl.create_default_context(cafile="\(authority)")
                s = context.wrap_socket(socket.create_connection(("localhost", \(ports.http))), server_hostname="localhost")
                s.sendall(b"GET /nobody/x HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                print(s.recv(12).decode(), flush=True)
                os._exit(0)
                """
            let answer = try await run("python3", ["-c", script])
            #expect(answer.output == "HTTP/1.1 404\n")
        }
    }

    @Test func `Python's smtplib sends through STARTTLS with a login`() async throws {
        let settings = SMTPSettings(user: "sluice", password: "secret")
        try await Self.withSandbox(smtp: settings) { fixture, ports, authority in
            let script = """
                import smtplib, ssl
                from email.message import EmailMessage
                mail = EmailMessage()
                mail["From"] = "sluice@example.dk"; mail["To"] = "anna@example.dk"
                mail["Subject"] = "Importen blev stoppet: 17 varer mangler – æøå"
                mail.set_content("Rød grød\\n.\\n..to punktummer\\n" + "lang " * 400)
                with smtplib.SMTP("localhost", \(ports.smtp)) as server:
                    server.starttls(context=ssl.create_default_context(cafile="\(authority)"))
                    server.login("sluice", "secret")
                    server.send_message(mail, to_addrs=["anna@example.dk", "bo@example.dk"])
                """
            let sent = try await run("python3", ["-c", script])
            #expect(sent.status == 0, "\(sent.output)")
            let listed = try await fixture.caller.call(ListMail(recipient: "BO@example.dk"))
            #expect(listed.total == 1)
            let mail = try #require(listed.mails.first)
            #expect(mail.subject == "Importen blev stoppet: 17 varer mangler – æøå")
            #expect(mail.recipients == ["anna@example.dk", "bo@example.dk"])
            let read = try await fixture.caller.call(ReadMail(id: mail.id, raw: true))
            #expect(read.encrypted && read.user == "sluice")
            #expect(read.text.hasPrefix("Rød grød\r\n.\r\n..to punktummer\r\nlang "))
            #expect(try await fixture.caller.call(ListMail(recipient: "carl@example.dk")).total == 0)
            #expect(try await fixture.caller.call(ClearMail()).removed == 1)
        }
    }

    @Test func `commands smuggled in behind STARTTLS end the connection`() async throws {
        try await Self.withSandbox { fixture, ports, _ in
            let script = """
                import socket
                s = socket.create_connection(("localhost", \(ports.smtp)))
                s.recv(1000); s.sendall(b"EHLO me\\r\\n"); s.recv(1000)
                s.sendall(b"STARTTLS\\r\\nMAIL FROM:<a@b.dk>\\r\\n")
                print(s.recv(1000) == b"")
                """
            let closed = try await run("python3", ["-c", script])
            #expect(closed.output == "True\n")
        }
    }

    @Test func `a mail is kept although the connection is cut before the answer`() async throws {
        try await Self.withSandbox { fixture, ports, _ in
            try await fixture.misbehave("mailbox", Fault(.dropBefore250, times: 1))
            let script = """
                import smtplib
                for attempt in range(2):
                    try:
                        with smtplib.SMTP("localhost", \(ports.smtp)) as server:
                            server.sendmail("a@b.dk", ["c@d.dk"], "Subject: twice\\r\\n\\r\\nx")
                        print("sent")
                    except smtplib.SMTPServerDisconnected:
                        print("cut")
                """
            let attempts = try await run("python3", ["-c", script])
            #expect(attempts.output == "cut\nsent\n")
            #expect(try await fixture.caller.call(ListMail()).total == 2)
            #expect(try await fixture.caller.call(ListSystems()).mailboxFaults.isEmpty)
        }
    }
}

/// Runs a program and waits for its end without holding a thread that the server needs to answer it.
func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    return await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            continuation.resume(returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
        }
    }
}
