import CoreTypes
import NotifierAPI
import NotifierService
import RPC
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@Suite struct CrashPointTests {
    @Test func `the crash points that are listed are those that are passed`() async throws {
        let passed = Mutex<Set<String>>([])
        let notifier = try NotifierFixture(
            crashPoints: CrashPoints { name in passed.withLock { _ = $0.insert(name) } })
        try await notifier.setList([.bo])
        notifier.transport.answer("bo@cykler.dk", .refused("550 no such user"))
        try await notifier.tell(.incomplete())
        let parked = try #require(try await notifier.messages(.parked).first)
        _ = try await notifier.anna.call(ResendMessage(messageID: parked.messageID, reason: "x"))
        _ = try await notifier.anna.call(
            SendTest(merchantID: .example), options: CallOptions(idempotencyKey: "x"))
        try await notifier.pass(after: .seconds(86_400 + 60))
        notifier.clock.advance(by: .seconds(80 * 3600))
        while try await notifier.service.upkeepPass() {}
        notifier.wall.set(by: .seconds(3600))
        _ = try await notifier.service.deliveryPass()
        #expect(passed.withLock { $0 } == Set(NotifierService.crashPoints))
    }
}
