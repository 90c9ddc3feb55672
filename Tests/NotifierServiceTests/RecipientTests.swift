import CoreTypes
import NotifierAPI
import NotifierService
import RPC
import SchedulerAPI
import TestSupport
import Testing

@Suite struct RecipientTests {
    @Test func `support is put on a new list, offered on every list, and can be left out`() async throws {
        let notifier = try NotifierFixture()
        let empty = try await notifier.anna.call(ListRecipients(merchantID: .example)).list
        #expect(empty.recipients.isEmpty)
        #expect(empty.supportAddress == NotifierFixture.support)
        let list = try await notifier.anna.call(
            AddRecipient(merchantID: .example, recipient: .bo, reason: "Asked by phone")
        ).list
        #expect(list.recipients.map(\.choice.address) == ["bo@cykler.dk", NotifierFixture.support])
        #expect(list.recipients.map(\.isSupport) == [false, true])

        let other = try NotifierFixture()
        try await other.setList([.bo])
        let without = try await other.anna.call(ListRecipients(merchantID: .example)).list
        #expect(without.recipients.map(\.choice.address) == ["bo@cykler.dk"])
    }

    @Test func `support taken off a list does not come back by itself`() async throws {
        let notifier = try NotifierFixture()
        _ = try await notifier.anna.call(AddRecipient(merchantID: .example, recipient: .bo, reason: "New"))
        _ = try await notifier.anna.call(
            RemoveRecipient(merchantID: .example, address: NotifierFixture.support, reason: "Not wanted"))
        let list = try await notifier.anna.call(
            AddRecipient(merchantID: .example, recipient: .cy, reason: "New")
        ).list
        #expect(list.recipients.map(\.choice.address) == ["bo@cykler.dk", "cy@cykler.dk"])
    }

    @Test func `a new list leaves support on the old one where it is, unless it is told not to`() async throws {
        let notifier = try NotifierFixture()
        func set(_ choices: [RecipientChoice], withoutSupport: Bool? = nil) async throws -> [String] {
            try await notifier.anna.call(
                SetRecipients(
                    merchantID: .example, recipients: choices, withoutSupport: withoutSupport, reason: "New people")
            ).list.recipients.map(\.choice.address)
        }
        #expect(try await set([.bo]) == ["bo@cykler.dk", NotifierFixture.support])
        #expect(try await Set(set([.cy])) == ["cy@cykler.dk", NotifierFixture.support])
        #expect(try await set([.cy], withoutSupport: true) == ["cy@cykler.dk"])
        #expect(try await set([.bo]) == ["bo@cykler.dk"])
    }

    @Test func `the last address cannot vanish, by removing or by an empty list`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        let removing = await failure {
            try await notifier.anna.call(
                RemoveRecipient(merchantID: .example, address: "bo@cykler.dk", reason: "Left"))
        }
        #expect(removing == "last_recipient")
        let emptying = await failure {
            try await notifier.anna.call(SetRecipients(merchantID: .example, recipients: [], reason: "Empty"))
        }
        #expect(emptying == "last_recipient")
        #expect(try await notifier.anna.call(ListRecipients(merchantID: .example)).list.recipients.count == 1)
    }

    @Test func `removing what is not on the list succeeds and changes nothing`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        let list = try await notifier.anna.call(
            RemoveRecipient(merchantID: .example, address: "nobody@cykler.dk", reason: "Gone")
        ).list
        #expect(list.recipients.count == 1)
    }

    @Test func `who added an address, when and why is shown; adding it again changes what it gets`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.clock.advance(by: .seconds(60))
        var choice = RecipientChoice.bo
        choice.kinds = [.importLost]
        let list = try await notifier.anna.call(
            AddRecipient(merchantID: .example, recipient: choice, reason: "Only losses")
        ).list
        let bo = try #require(list.recipients.first)
        #expect(list.recipients.count == 1)
        #expect(bo.choice.kinds == [.importLost])
        #expect(bo.addedAt == .example)
        #expect(bo.addedBy == "operator anna")
        #expect(bo.reason == "Only losses")
    }

    @Test(arguments: [
        "bo", "bo@", "@cykler.dk", "bo@cykler.dk\r\nBcc: evil@x.dk", "bo@x>\r\nRCPT TO:<evil@y", "Bo <bo@cykler.dk>",
        "",
    ])
    func `what is no address is refused`(address: String) async throws {
        let notifier = try NotifierFixture()
        let choice = RecipientChoice(address: address, language: .danish)
        let failed = await failure {
            try await notifier.anna.call(AddRecipient(merchantID: .example, recipient: choice, reason: "New"))
        }
        #expect(failed == "address_invalid")
    }

    @Test func `a list names each address once, and at most 50`() async throws {
        let notifier = try NotifierFixture()
        let twice = await failure { try await notifier.setList([.bo, .bo]) }
        #expect(twice == "address_twice")
        let many = (1...51).map { RecipientChoice(address: "a\($0)@cykler.dk", language: .danish) }
        let tooMany = await failure { try await notifier.setList(many) }
        #expect(tooMany == "too_many_recipients")
        try await notifier.setList(Array(many.prefix(50)))
    }

    @Test func `a recipient who would get nothing is refused`() async throws {
        let notifier = try NotifierFixture()
        let choice = RecipientChoice(address: "bo@cykler.dk", language: .danish, kinds: [])
        #expect(await failure { try await notifier.setList([choice]) } == "recipient_gets_nothing")
    }

    @Test func `recipients hear only of the connections and kinds they chose`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([
            RecipientChoice(address: "lost@cykler.dk", language: .danish, kinds: [.importLost]),
            RecipientChoice(
                address: "other@cykler.dk", language: .danish, connectionIDs: [ConnectionID(bytes: (7, 7))]),
            .cy,
        ])
        try await notifier.tell(.incomplete())
        #expect(notifier.transport.sent.map(\.address) == ["cy@cykler.dk"])
    }

    @Test func `where nobody wants to hear, support does`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.tell(.incomplete())
        #expect(notifier.transport.sent.map(\.address) == [NotifierFixture.support])
        try await notifier.setList([
            RecipientChoice(address: "lost@cykler.dk", language: .danish, kinds: [.importLost])
        ])
        notifier.transport.forget()
        try await notifier.tell(.ended(.failed, "run_failed_login", number: 2))
        #expect(notifier.transport.sent.map(\.address) == [NotifierFixture.support])
        notifier.transport.forget()
        try await notifier.tell(.published(number: 3))
        #expect(notifier.transport.sent.map(\.address) == [NotifierFixture.support])
    }

    @Test func `without a list and without support the incident is still kept`() async throws {
        let notifier = try NotifierFixture(hasSupport: false)
        try await notifier.tell(.incomplete())
        #expect(try await notifier.openIncidents().count == 1)
        #expect(notifier.transport.sent.isEmpty)
    }

    @Test func `a test goes to the whole list or to one address on it`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList()
        let options = CallOptions(idempotencyKey: "test-1")
        let first = try await notifier.anna.call(SendTest(merchantID: .example), options: options)
        let again = try await notifier.anna.call(SendTest(merchantID: .example), options: options)
        #expect(first.messages.map(\.messageID) == again.messages.map(\.messageID))
        try await notifier.sendAll()
        #expect(Set(notifier.transport.sent.map(\.address)) == ["bo@cykler.dk", "cy@cykler.dk"])
        #expect(notifier.transport.sent.count == 2)
        notifier.transport.forget()
        _ = try await notifier.anna.call(
            SendTest(merchantID: .example, address: "cy@CYKLER.dk"), options: CallOptions(idempotencyKey: "test-2"))
        try await notifier.sendAll()
        #expect(notifier.transport.sent.map(\.address) == ["cy@cykler.dk"])
        let stranger = await failure {
            try await notifier.anna.call(
                SendTest(merchantID: .example, address: "x@y.dk"), options: CallOptions(idempotencyKey: "test-3"))
        }
        #expect(stranger == "recipient_not_on_list")
    }
}
