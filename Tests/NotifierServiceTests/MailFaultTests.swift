import CoreTypes
import NotifierAPI
import NotifierService
import Outbound
import Persistence
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

/// The notifier before a real SMTP server that fails as it is told to. Every mail ends accepted, or parked and visible.
///
/// Forty-one cases: the 35 of the table and one for each of the other tests.
@Suite(.timeLimit(.minutes(2))) struct MailFaultTests {
    // MARK: One fault at one command

    /// Over STARTTLS and a login, so that every command there is can fail.
    @Test(arguments: MailFault.all)
    func `a mail the server fails at ends accepted, or parked with the server's words`(fault: MailFault) async throws {
        let peer = try await SickMailServer(.good, fault.order, times: fault.times)
        let notifier = try notifier(at: peer, .startTLS, hurriesOnce: fault.what == "hang")
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        let first = try #require(try await notifier.messages().first)
        #expect(first.state == (fault.isFinal ? .parked : .retrying))
        #expect(first.lastError?.hasPrefix(fault.words) == true, "\(first.lastError ?? "")")

        if fault.isFinal {
            #expect(try await notifier.messages(.parked).map(\.messageID) == [first.messageID])
            try await live(notifier, hours: 1)
            #expect(try await peer.seen().mails.isEmpty)
            _ = try await notifier.anna.call(ResendMessage(messageID: first.messageID, reason: "Mended"))
            try await notifier.sendAll()
        } else {
            try await live(notifier, hours: 4)
        }
        #expect(try await notifier.messages().map(\.state) == [.accepted])
        try await notifier.pass(after: .seconds(3600))
        let seen = try await peer.seen()
        #expect(seen.played == fault.times)
        let copies = seen.mails.filter { $0.id == "\(first.messageID)@mail.sluice.dk" }
        #expect(copies.map(\.to) == Array(repeating: "bo@cykler.dk", count: fault.copies))
    }

    // MARK: Other faults

    @Test func `a server that never gets well has its mail parked after a day, and each can be sent again`()
        async throws
    {
        let peer = try await SickMailServer(.plain, "rcpt-450", times: 100_000)
        let notifier = try notifier(at: peer)
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        try await live(notifier, hours: 30)
        let parked = try await notifier.messages(.parked)
        #expect(Set(parked.map(\.address)) == ["bo@cykler.dk", "cy@cykler.dk"])
        #expect(parked.allSatisfy { $0.lastError?.hasPrefix("given up after 24 hours: 450") == true })
        try await peer.order("", times: 0)
        for message in parked {
            _ = try await notifier.anna.call(ResendMessage(messageID: message.messageID, reason: "Well again"))
        }
        try await notifier.sendAll()
        #expect(try await notifier.messages(.accepted).count == 2)
        #expect(try await peer.seen().mails.count == 2)
    }

    @Test func `one bad address among many, and a server that stumbles, keep nobody's mail`() async throws {
        let peer = try await SickMailServer(.plain, "body-450", times: 7)
        let notifier = try notifier(at: peer)
        let good = (1...20).map { RecipientChoice(address: "good\($0)@cykler.dk", language: .danish) }
        let bad = RecipientChoice(address: "bad@cykler.dk", language: .danish)
        try await notifier.setList([bad] + good)
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages(.parked).map(\.address) == ["bad@cykler.dk"])
        try await live(notifier, hours: 4)
        #expect(try await notifier.messages(.accepted).count == 20)
        let seen = try await peer.seen()
        #expect(seen.played == 7)
        #expect(seen.mails.map(\.to).sorted() == good.map(\.address).sorted())
    }

    @Test func `a certificate that has run out sends nothing in clear; with a good one the mail goes out`() async throws
    {
        let peer = try await SickMailServer(.expired)
        let notifier = try notifier(at: peer, .startTLS)
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await live(notifier, hours: 30)
        let message = try #require(try await notifier.messages(.parked).first)
        #expect(message.lastError?.hasPrefix("given up after 24 hours: tls") == true)
        #expect(try await peer.seen().mails.isEmpty)

        let good = try await SickMailServer(.good)
        let mended = try self.notifier(at: good, .startTLS)
        try await mended.setList([.bo])
        try await mended.tell(.incomplete())
        #expect(try await mended.messages().map(\.state) == [.accepted])
        #expect(try await good.seen().mails.count == 1)
    }

    @Test func `a server that is not there is tried again until it is`() async throws {
        let peer = try await SickMailServer(.plain, isAway: true)
        let notifier = try notifier(at: peer)
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        for _ in 1...18 { try await notifier.pass(after: .seconds(600)) }
        let waiting = try #require(try await notifier.messages().first)
        #expect(waiting.state == .retrying)
        #expect(waiting.lastError?.hasPrefix("connection") == true)
        try await peer.order("", times: 0)
        try await live(notifier, hours: 2)
        #expect(try await notifier.messages().map(\.state) == [.accepted])
        #expect(try await peer.seen().mails.count == 1)
    }

    @Test func `a server that takes a mail and then says nothing more has taken it`() async throws {
        let peer = try await SickMailServer(.plain, "quit-hang", times: 2)
        let notifier = try notifier(at: peer)
        try await notifier.setList()
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages().map(\.state) == [.accepted, .accepted])
        let seen = try await peer.seen()
        #expect(seen.played == 2)
        #expect(seen.mails.count == 2)
    }

    @Test func `killed at any moment between sending and noting, a mail comes at most twice and never gets lost`()
        async throws
    {
        for point in [
            "notifier.claim.committed", "notifier.sent", "notifier.answer.uncommitted", "notifier.answer.committed",
        ] {
            let peer = try await SickMailServer(.plain)
            let image = try KillImage(at: point)
            let first = try NotifierFixture(
                .file(image.live), crashPoints: image.crashPoints, mailing: try transport(to: peer))
            try await first.setList([.bo])
            try await first.tell(.incomplete())
            try #require(image.wasReached, "\(point)")
            #expect(try await peer.seen().mails.count == 1)
            let next = try NotifierFixture(.file(image.image), mailing: try transport(to: peer))
            try await live(next, hours: 1)
            // The first process went on in this test; what it sent counts as sent when the kill came after sending.
            let mails = try await peer.seen().mails
            #expect(mails.count == (point == "notifier.answer.committed" ? 1 : 2), "\(point)")
            #expect(Set(mails.map(\.id)).count == 1)
            #expect(try await next.messages().map(\.state) == [.accepted])
        }
    }

    // MARK: What they share

    private func notifier(
        at peer: SickMailServer, _ security: SMTPSecurity = .none, hurriesOnce: Bool = false
    ) throws -> NotifierFixture {
        let patient = try transport(to: peer, security)
        guard hurriesOnce else { return try NotifierFixture(mailing: patient) }
        let hurried = try transport(to: peer, security, patience: .milliseconds(700))
        return try NotifierFixture(mailing: HurriedOnce(first: hurried, others: patient))
    }

    /// - Parameter patience: on the real clock; long, because a busy machine is no fault of the server.
    private func transport(
        to peer: SickMailServer, _ security: SMTPSecurity = .none, patience: Duration = .seconds(60)
    ) throws -> SMTPTransport {
        let server = try SMTPServer(
            host: "127.0.0.1", port: peer.port, security: security,
            credentials: security == .none
                ? nil : SMTPCredentials(user: "sluice", password: Secret("open sesame")),
            trust: .authorities(file: peer.authorityFile), totalTimeout: patience)
        return SMTPTransport(
            SMTPClient(server), sender: Mailbox(name: "Sluice", try MailAddress("sluice@sluice.dk")))
    }

    /// Hours of attempts in a moment: the clock is a manual one.
    private func live(_ notifier: NotifierFixture, hours: Int) async throws {
        for _ in 0..<hours * 6 {
            try await notifier.pass(after: .seconds(600))
            if try await notifier.messages().allSatisfy({ $0.state == .accepted || $0.state == .parked }) { return }
        }
    }
}

/// Has little patience with the first attempt, so that a server that hangs costs a test no minute.
private struct HurriedOnce: MailTransport {
    private final class Attempts: Sendable {
        let count = Mutex(0)
    }

    let first: SMTPTransport
    let others: SMTPTransport
    private let attempts = Attempts()

    init(first: SMTPTransport, others: SMTPTransport) {
        self.first = first
        self.others = others
    }

    func send(_ letter: Letter) async -> SendOutcome {
        let attempt = attempts.count.withLock { count in
            count += 1
            return count
        }
        return await (attempt == 1 ? first : others).send(letter)
    }
}
