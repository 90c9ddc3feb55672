import CoreTypes
import Foundation
import NotifierAPI
import NotifierService
import Outbound
import Persistence
import RPC
import SchedulerAPI
import TestCertificates
import TestSupport
import Testing

/// The notifier before a real SMTP server that fails as it is told to. Every mail ends accepted, or parked and visible.
@Suite(.serialized) struct MailFaultTests {
    private func notifier(
        _ port: Int, _ security: SMTPSecurity = .none, trust: TLSTrust = .system, patience: Duration = .seconds(10)
    ) throws -> NotifierFixture {
        let server = try SMTPServer(
            host: "localhost", port: port, security: security, trust: trust, connectTimeout: .seconds(5),
            totalTimeout: patience)
        return try NotifierFixture(
            mailing: SMTPTransport(
                SMTPClient(server), sender: Mailbox(name: "Sluice", try MailAddress("sluice@sluice.dk"))))
    }

    /// Hours of attempts in a moment: the clock is a manual one.
    private func live(_ notifier: NotifierFixture, hours: Int) async throws {
        for _ in 0..<hours * 6 {
            try await notifier.pass(after: .seconds(600))
            if try await notifier.messages().allSatisfy({ $0.state == .accepted || $0.state == .parked }) { return }
        }
    }

    @Test func `a server that never gets well has its mail parked after a day, and each can be sent again`()
        async throws
    {
        let peer = try SickMailServer()
        let notifier = try notifier(peer.plain)
        try await notifier.setList()
        try peer.order("rcpt-450", times: 100_000)
        try await notifier.tell(.incomplete())
        try await live(notifier, hours: 30)
        let parked = try await notifier.messages(.parked)
        #expect(Set(parked.map(\.address)) == ["bo@cykler.dk", "cy@cykler.dk"])
        #expect(parked.allSatisfy { $0.lastError?.hasPrefix("given up after 24 hours: 450") == true })
        try peer.order("", times: 0)
        for message in parked {
            _ = try await notifier.anna.call(ResendMessage(messageID: message.messageID, reason: "Well again"))
        }
        try await notifier.sendAll()
        #expect(try await notifier.messages(.accepted).count == 2)
    }

    @Test func `one bad address among many, and a server that stumbles, keep nobody's mail`() async throws {
        let peer = try SickMailServer()
        let notifier = try notifier(peer.plain)
        let good = (1...20).map { RecipientChoice(address: "good\($0)@cykler.dk", language: .danish) }
        let bad = RecipientChoice(address: "bad@cykler.dk", language: .danish)
        try await notifier.setList([bad] + good)
        try peer.order("body-450", times: 7)
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages(.parked).map(\.address) == ["bad@cykler.dk"])
        try await live(notifier, hours: 4)
        #expect(try await notifier.messages(.accepted).count == 20)
        #expect(Set(try peer.taken().map(\.to)) == Set(good.map(\.address)))
    }

    @Test func `a certificate that has run out sends nothing in clear; with a good one the mail goes out`() async throws
    {
        let peer = try SickMailServer()
        try peer.order("", times: 0)
        let notifier = try notifier(peer.expired, .startTLS, trust: .authorities(file: peer.authorityFile))
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await live(notifier, hours: 30)
        let message = try #require(try await notifier.messages(.parked).first)
        #expect(message.lastError?.contains("tls") == true)
        #expect(try peer.taken().isEmpty)

        let mended = try self.notifier(peer.tls, .startTLS, trust: .authorities(file: peer.authorityFile))
        try await mended.setList([.bo])
        try await mended.tell(.incomplete())
        #expect(try await mended.messages().map(\.state) == [.accepted])
        #expect(try peer.taken().count == 1)
    }

    @Test func `a server that is not there is tried again until it is`() async throws {
        let peer = try SickMailServer()
        try peer.order("", times: 0)
        let notifier = try notifier(1)
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await live(notifier, hours: 30)
        #expect(try await notifier.messages().map(\.state) == [.parked])
        #expect(try await notifier.messages().first?.lastError?.contains("connection") == true)
    }

    @Test func `killed at any moment between sending and noting, a mail comes at most twice and never gets lost`()
        async throws
    {
        let peer = try SickMailServer()
        try peer.order("", times: 0)
        for point in [
            "notifier.claim.committed", "notifier.sent", "notifier.answer.uncommitted", "notifier.answer.committed",
        ] {
            let image = try KillImage(at: point)
            let first = try NotifierFixture(
                .file(image.live), crashPoints: image.crashPoints,
                mailing: SMTPTransport(
                    SMTPClient(try SMTPServer(host: "localhost", port: peer.plain, security: .none)),
                    sender: Mailbox(name: "Sluice", try MailAddress("sluice@sluice.dk"))))
            try await first.setList([.bo])
            try await first.tell(.incomplete())
            try #require(image.wasReached, "\(point)")
            let before = try peer.taken()
            let next = try NotifierFixture(
                .file(image.image),
                mailing: SMTPTransport(
                    SMTPClient(try SMTPServer(host: "localhost", port: peer.plain, security: .none)),
                    sender: Mailbox(name: "Sluice", try MailAddress("sluice@sluice.dk"))))
            try await live(next, hours: 1)
            let after = try peer.taken()
            // The first process went on in this test; what it sent counts as sent when the kill came after sending.
            #expect(before.count == 1)
            #expect(after.count == (point == "notifier.answer.committed" ? 0 : 1), "\(point)")
            #expect(Set((before + after).map(\.id)).count == 1)
            #expect(try await next.messages().map(\.state) == [.accepted])
        }
    }
}
