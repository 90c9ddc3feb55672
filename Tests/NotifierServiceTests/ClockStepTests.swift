import CoreTypes
import NotifierAPI
import NotifierService
import SchedulerAPI
import Testing

/// The wall clock is set an hour while mails and reminders wait.
@Suite struct ClockStepTests {
    private let hour = Duration.seconds(3600)

    @Test(arguments: [1, -1])
    func `a mail waits as long for its next attempt as it would have`(direction: Int) async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("connection: refused"))
        try await notifier.tell(.incomplete())
        notifier.wall.set(by: hour * direction)
        try await notifier.pass(after: .seconds(20))
        #expect(notifier.transport.sent.count == 1)
        try await notifier.pass(after: .seconds(20))
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `a mail written right after the clock was set forward goes out at once`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.wall.set(by: hour)
        try await notifier.tell(.incomplete())
        #expect(notifier.transport.sent.count == 1)
    }

    @Test func `set back while the notifier was down, a mail goes out at once instead of an hour late`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("connection: refused"))
        try await notifier.tell(.incomplete())
        notifier.wall.set(by: hour * -2)
        let restarted = notifier.restarted()
        while try await restarted.deliveryPass() {}
        #expect(notifier.transport.sent.count == 2)
    }

    @Test func `hours set forward do not shorten the day a mail is tried`() async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .delayed("busy: 450 later"))
        try await notifier.tell(.incomplete())
        for _ in 1...20 {
            notifier.wall.set(by: hour)
            try await notifier.pass(after: hour)
        }
        #expect(try await notifier.messages(.parked).isEmpty)
        for _ in 1...6 { try await notifier.pass(after: hour) }
        #expect(try await notifier.messages(.parked).count == 1)
    }

    @Test(arguments: [1, -1])
    func `a reminder comes a day after the mail, whatever the clock on the wall says`(direction: Int) async throws {
        let notifier = try NotifierFixture()
        try await notifier.setList([.bo])
        try await notifier.tell(.incomplete())
        notifier.wall.set(by: hour * direction)
        try await notifier.pass(after: .seconds(86_400 - 60))
        #expect(notifier.transport.sent.count == 1)
        try await notifier.pass(after: .seconds(120))
        #expect(notifier.transport.sent.count == 2)
    }
}
