import CoreTypes
import NotifierService
import RPC
import Synchronization
import Testing

/// Who is told, and how often, when services can store nothing.
@Suite struct DiskWatchTests {
    /// What the watched services answer; nil for one that does not.
    private final class Disks: Sendable {
        private let answers = Mutex<[String: HealthReport?]>([:])

        func fill(_ service: String) {
            set(service, HealthReport(isReady: false, isDatabaseUsable: false, notes: ["The disk is full."]))
        }

        func empty(_ service: String) { set(service, HealthReport(isDatabaseUsable: true)) }

        func set(_ service: String, _ report: HealthReport?) {
            answers.withLock { _ = $0.updateValue(report, forKey: service) }
        }

        var watched: [WatchedService] {
            ["monitor", "scheduler"].map { name in
                WatchedService(name) {
                    self.answers.withLock { answers in answers[name] ?? HealthReport(isDatabaseUsable: true) }
                }
            }
        }
    }

    private let disks = Disks()
    private let notifier: NotifierFixture

    init() throws { notifier = try NotifierFixture(watching: disks.watched) }

    private func look(_ times: Int = 1) async {
        for _ in 0..<times { await notifier.service.diskPass() }
    }

    private var subjects: [String] { notifier.transport.sent.map(\.subject) }

    @Test func `a full disk is one mail to support, and one when there is room again`() async throws {
        await look(3)
        #expect(subjects.isEmpty)
        disks.fill("scheduler")
        await look(50)
        #expect(subjects == ["Sluice: scheduler can store nothing"])
        let mail = try #require(notifier.transport.sent.first)
        #expect(mail.address == NotifierFixture.support)
        for part in ["* scheduler: The disk is full.", "Make room on the disks", "Nothing is lost"] {
            #expect(mail.text.contains(part), "\(part): \(mail.text)")
        }
        disks.empty("scheduler")
        await look(50)
        #expect(subjects.suffix(1) == ["Sluice: all services can store again"])
        #expect(subjects.count == 2)
    }

    @Test func `a disk that comes and goes is no flood`() async {
        for _ in 1...20 {
            disks.fill("scheduler")
            await look(3)
            disks.empty("scheduler")
            await look(5)
        }
        #expect(subjects == ["Sluice: scheduler can store nothing"])
    }

    @Test func `one disk under all services is one mail, and another that fills later one more`() async {
        disks.fill("scheduler")
        disks.fill("monitor")
        await look(5)
        #expect(subjects == ["Sluice: monitor, scheduler can store nothing"])
        disks.empty("monitor")
        disks.empty("scheduler")
        await look(20)
        disks.fill("monitor")
        await look(2)
        disks.fill("scheduler")
        await look(5)
        #expect(
            subjects.suffix(2) == ["Sluice: monitor can store nothing", "Sluice: monitor, scheduler can store nothing"])
    }

    @Test func `what lasts for one look only is no incident, and silence says nothing of a disk`() async {
        disks.fill("scheduler")
        await look()
        disks.empty("scheduler")
        await look(20)
        disks.set("scheduler", nil)
        await look(20)
        #expect(subjects.isEmpty)
        disks.fill("scheduler")
        await look(2)
        disks.set("scheduler", nil)
        await look(50)
        #expect(subjects.count == 1, "nobody knows whether it can store again")
    }

    @Test func `a mail that is not taken is written again`() async {
        notifier.transport.answer(NotifierFixture.support, .delayed("451 later"))
        disks.fill("monitor")
        await look(3)
        notifier.transport.answer(NotifierFixture.support, nil)
        notifier.transport.forget()
        await look(10)
        #expect(subjects == ["Sluice: monitor can store nothing"])
    }
}
