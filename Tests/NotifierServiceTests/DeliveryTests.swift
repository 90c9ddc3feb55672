import CoreTypes
import GRDB
import JSON
import NotifierAPI
import Persistence
import RPC
import SchedulerAPI
import TestSupport
import Testing

@testable import NotifierService

@Suite struct DeliveryTests {
    @Test func `one bad address stops nobody, is parked with the server's words, and can be sent again`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        notifier.transport.answer("bo@cykler.dk", .refused("550 no such user"))
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages(.accepted).map(\.address) == ["cy@cykler.dk"])
        let parked = try await notifier.messages(.parked)
        #expect(parked.map(\.lastError) == ["550 no such user"])
        #expect(try await notifier.database.healthNotes().first?.hasPrefix("1 mail about what is wrong now") == true)

        try await notifier.pass(after: .seconds(86_000))
        #expect(notifier.transport.sent.count == 2)

        notifier.transport.answer("bo@cykler.dk", nil)
        let again = try await notifier.anna.call(ResendMessage(messageID: parked[0].messageID, reason: "Mended"))
        #expect(again.message.state == .queued)
        try await notifier.sendAll()
        #expect(try await notifier.messages(.accepted).count == 2)
        #expect(try await notifier.database.healthNotes() == [])
        let toBo = notifier.transport.sent.filter { $0.address == "bo@cykler.dk" }
        #expect(Set(toBo.map(\.messageID)).count == 1)
    }

    @Test func `a mail that is not parked is left alone by sending again`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        let accepted = try #require(try await notifier.messages().first)
        let answer = try await notifier.anna.call(ResendMessage(messageID: accepted.messageID, reason: "Again"))
        #expect(answer.message.state == .accepted)
        try await notifier.sendAll()
        #expect(notifier.transport.sent.count == 1)
    }

    @Test func `a mail server that is down is tried at growing intervals, then the mail is accepted`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("connection: refused"))
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages(.retrying).map(\.attempts) == [1])
        try await notifier.pass(after: .seconds(20))
        #expect(notifier.transport.sent.count == 1)
        try await notifier.pass(after: .seconds(20))
        #expect(notifier.transport.sent.count == 2)
        try await notifier.pass(after: .seconds(40))
        #expect(notifier.transport.sent.count == 2)
        try await notifier.pass(after: .seconds(40))
        #expect(notifier.transport.sent.count == 3)
        notifier.transport.answer("bo@cykler.dk", nil)
        try await notifier.pass(after: .seconds(3600))
        let message = try #require(try await notifier.messages().first)
        #expect(message.state == .accepted)
        #expect(message.attempts == 4)
        #expect(message.lastError == nil)
        #expect(Set(notifier.transport.sent.map(\.messageID)) == ["\(message.messageID)@mail.sluice.dk"])
    }

    @Test func `after 24 hours a mail is given up and shown, never dropped`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("busy: 450 mailbox full"))
        try await notifier.tell(.incomplete())
        for _ in 1...30 {
            notifier.clock.advance(by: .seconds(3600))
            try await notifier.sendAll()
        }
        let parked = try await notifier.messages(.parked)
        #expect(parked.count == 1)
        #expect(parked.first?.lastError?.contains("450 mailbox full") == true)
        let attempts = try #require(parked.first?.attempts)
        #expect((20...40).contains(attempts))
    }

    @Test func `a crash between sending and noting sends once more, with the same Message-ID`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        let first = try #require(notifier.transport.sent.first)
        // What a crash right after the server's answer leaves behind.
        try await notifier.database.database.write { db in
            try db.execute(sql: "UPDATE message SET state = 'sending', acceptedAt = NULL")
        }
        let restarted = notifier.restarted()
        while try await restarted.deliveryPass() {}
        #expect(notifier.transport.sent == [first, first])
        #expect(try await notifier.messages().map(\.state) == [.accepted])
        #expect(try await restarted.deliveryPass() == false)
    }

    @Test func `a mail whose answer cannot be noted holds up no other, and is sent again after a while`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        try await notifier.database.database.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER sick BEFORE UPDATE ON message
                    WHEN NEW.state = 'accepted' AND NEW.address = 'bo@cykler.dk'
                    BEGIN SELECT RAISE(ABORT, 'disk full'); END
                    """)
        }
        try await notifier.tell(.incomplete())
        #expect(try await notifier.messages(.accepted).map(\.address) == ["cy@cykler.dk"])
        #expect(notifier.transport.sent.filter { $0.address == "bo@cykler.dk" }.count == 1)

        try await notifier.database.database.write { db in try db.execute(sql: "DROP TRIGGER sick") }
        try await notifier.pass(after: .seconds(60))
        #expect(try await notifier.messages(.accepted).count == 2)
        let toBo = notifier.transport.sent.filter { $0.address == "bo@cykler.dk" }
        #expect(toBo.count == 2)
        #expect(Set(toBo.map(\.messageID)).count == 1)
    }

    @Test func `a mail cut off by the end of the service goes out as soon as it runs again`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .interrupted)
        let event = DeliveredEvent(
            sequence: 1, type: RunFinished.type, body: try JSON.encodeText(RunFinished.incomplete()))
        _ = try await notifier.scheduler.call(DeliverEvents<NotifierAPI>(generation: 1, events: [event]))
        _ = try await notifier.service.deliveryPass()
        #expect(try await notifier.messages().map(\.state) == [.retrying])
        notifier.transport.answer("bo@cykler.dk", nil)
        let restarted = notifier.restarted()
        _ = try await restarted.deliveryPass()
        #expect(try await notifier.messages().map(\.state) == [.accepted])
    }

    @Test func `a recovery mail waits for the first mail, and comes after it`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("connection: refused"))
        try await notifier.tell(.incomplete())
        try await notifier.tell(.published(number: 2))
        #expect(notifier.transport.sent.count == 1)
        notifier.transport.answer("bo@cykler.dk", nil)
        try await notifier.pass(after: .seconds(60))
        let sent = notifier.transport.sent
        #expect(sent.count == 3)
        #expect(sent[2].inReplyTo == sent[0].messageID)
        #expect(try await notifier.messages(.accepted).map(\.purpose) == [.recovery, .incident])
    }

    @Test func `a recovery mail waits for all mails about what it closes, not only for one`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        notifier.transport.answer("bo@cykler.dk", .delayed("busy: 450 later"))
        try await notifier.tell(.ended(.failed, "run_failed_login", number: 2))
        notifier.transport.answer("bo@cykler.dk", nil)
        try await notifier.tell(.published(number: 3))
        #expect(try await notifier.messages(.queued).map(\.purpose) == [.recovery])
        try await notifier.pass(after: .seconds(60))
        #expect(try await notifier.messages(.accepted).map(\.purpose) == [.recovery, .incident, .incident])
        #expect(notifier.transport.sent.last?.subject.hasSuffix("er i orden igen") == true)
    }

    @Test func `nobody is told of a recovery whose first mail never went out`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        notifier.transport.answer("bo@cykler.dk", .refused("550 no such user"))
        try await notifier.tell(.incomplete())
        notifier.transport.answer("bo@cykler.dk", nil)
        notifier.transport.forget()
        try await notifier.tell(.published(number: 2))
        #expect(notifier.transport.sent.map(\.address) == ["cy@cykler.dk"])
        let parked = try await notifier.messages(.parked)
        #expect(Set(parked.map(\.purpose)) == [.incident, .recovery])
    }

    @Test func `who joined after the incident hears nothing of the recovery`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await notifier.setList([.bo, .cy])
        notifier.transport.forget()
        try await notifier.tell(.published(number: 2))
        #expect(notifier.transport.sent.map(\.address) == ["bo@cykler.dk"])
        #expect(try await notifier.messages().count == 2)
    }

    @Test func `reminders answer to the first mail, so that readers show one thread`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        try await notifier.pass(after: .seconds(86_400 + 60))
        let sent = notifier.transport.sent
        #expect(sent.count == 2)
        #expect(sent[0].inReplyTo == nil)
        #expect(sent[1].inReplyTo == sent[0].messageID)
    }
}
