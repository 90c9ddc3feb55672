import CoreTypes
import JSON
import NotifierAPI
import NotifierService
import Persistence
import RPC
import SchedulerAPI
import ServiceRuntime
import Synchronization
import TestSupport

/// Keeps what it is given and answers as it was told to.
final class RecordingTransport: MailTransport {
    private let state = Mutex<(sent: [Letter], answers: [String: SendOutcome])>(([], [:]))

    var sent: [Letter] { state.withLock { $0.sent } }

    /// Every answer to this address from now on; nil to accept.
    func answer(_ address: String, _ outcome: SendOutcome?) {
        state.withLock { $0.answers[address] = outcome }
    }

    func forget() { state.withLock { $0.sent = [] } }

    func send(_ letter: Letter) async -> SendOutcome {
        state.withLock { state in
            state.sent.append(letter)
            return state.answers[letter.address] ?? .accepted("250 OK")
        }
    }
}

/// A notifier in memory with a recorded mail server; support is support@sluice.dk and reads English.
final class NotifierFixture: Sendable {
    static let support = "support@sluice.dk"

    let clock = ManualClock()
    let wall: SettableWall
    let transport = RecordingTransport()
    let database: NotifierDatabase
    let service: NotifierService
    private let sequence = Mutex<Int64>(0)

    /// - Parameter mailing: A mail server in place of the recorded one.
    init(
        _ location: DatabaseLocation = .memory, hasSupport: Bool = true, crashPoints: CrashPoints = .none,
        mailing: (any MailTransport)? = nil, watching watched: [WatchedService] = []
    ) throws {
        database = try NotifierDatabase(location)
        wall = SettableWall(clock)
        service = Self.service(
            on: database, mailing ?? transport, clock, wall, hasSupport: hasSupport, crashPoints: crashPoints,
            watched: watched)
    }

    /// Another process on the same database, as after a crash.
    func restarted() -> NotifierService {
        Self.service(on: database, transport, clock, wall, hasSupport: true, randomness: .counted(from: 10_000))
    }

    private static func service(
        on database: NotifierDatabase, _ transport: any MailTransport, _ clock: ManualClock, _ wall: SettableWall,
        hasSupport: Bool,
        randomness: Randomness = .counted(), crashPoints: CrashPoints = .none, watched: [WatchedService] = []
    ) -> NotifierService {
        var environment = ServiceEnvironment.test(clock: clock, randomness: randomness, crashPoints: crashPoints)
        environment.wallClock = wall.wallClock
        return NotifierService(
            database: database, transport: transport,
            support: hasSupport ? SupportContact(address: support, language: .english) : nil,
            mailDomain: "mail.sluice.dk", watched: watched, router: Router(service: "notifier", randomness: .counted()),
            environment: environment)
    }

    var anna: InProcessCaller { InProcessCaller(service.router, as: .operator(name: "anna")) }
    var scheduler: InProcessCaller {
        InProcessCaller(service.router, as: .service(name: "scheduler", instance: "1"))
    }

    /// Bo reads Danish, Cy English; no support on the list.
    func setList(_ choices: [RecipientChoice] = [.bo, .cy]) async throws {
        _ = try await anna.call(
            SetRecipients(merchantID: .example, recipients: choices, withoutSupport: true, reason: "Test"))
    }

    /// Tells of an ended run, and sends what there is to send.
    func tell(_ event: RunFinished) async throws { try await tell(event, of: event.traceparent) }

    func tell(_ event: ConnectionReleased) async throws { try await tell(event, of: nil) }

    func tell(_ notice: ConnectionNotice) async throws { try await tell(notice, of: notice.run.traceparent) }

    private func tell<Event: EventMessage>(_ event: Event, of trace: Traceparent?) async throws {
        let next = sequence.withLock { sequence in
            sequence += 1
            return sequence
        }
        let delivered = DeliveredEvent(
            sequence: next, type: Event.type, body: try JSON.encodeText(event), traceparent: trace)
        _ = try await scheduler.call(DeliverEvents<NotifierAPI>(generation: 1, events: [delivered]))
        try await sendAll()
    }

    func sendAll() async throws { while try await service.deliveryPass() {} }

    /// Moves the clock, then runs every pass that has work.
    func pass(after duration: Duration) async throws {
        clock.advance(by: duration)
        while try await service.reminderPass() {}
        try await sendAll()
    }

    func openIncidents() async throws -> [Incident] {
        try await anna.call(ListIncidents(merchantID: .example, onlyOpen: true)).incidents
    }

    func messages(_ state: MessageState? = nil) async throws -> [Message] {
        try await anna.call(ListMessages(merchantID: .example, state: state)).messages
    }
}

/// A wall clock that can be set, as NTP or a person does; it runs with the manual clock.
final class SettableWall: Sendable {
    private let step = Mutex(Duration.zero)
    private let clock: ManualClock

    init(_ clock: ManualClock) { self.clock = clock }

    var wallClock: WallClock { WallClock { self.clock.wallClock.now() + self.step.withLock { $0 } } }

    func set(by duration: Duration) { step.withLock { $0 += duration } }
}

extension RecipientChoice {
    static let bo = RecipientChoice(address: "bo@cykler.dk", language: .danish)
    static let cy = RecipientChoice(address: "cy@cykler.dk", language: .english)
}

extension RunFinished {
    /// A run of Nordlys Cykler that ended with `outcome`; `number` tells runs apart.
    static func ended(
        _ outcome: RunOutcome, _ reason: String, number: UInt64 = 1, _ change: (inout RunFinished) -> Void = { _ in }
    ) -> RunFinished {
        let finished = Instant.example + .seconds(Int(number) * 60)
        var event = RunFinished(
            runID: RunID(bytes: (1, number)), merchantID: .example, merchantName: "Nordlys Cykler",
            connectionID: .example, connectionLabel: "SAP > shop", sourceName: "SAP", targetName: "Webshop",
            modules: [.products, .prices], trigger: .schedule, startedBy: nil, startReason: nil,
            startedAt: finished - .seconds(30), finishedAt: finished, lastPublishedAt: .example - .seconds(3600),
            nextRunAt: .example + .seconds(7200), report: RunReport(outcome: outcome, reason: reason),
            traceparent: .example)
        change(&event)
        return event
    }

    static func incomplete(number: UInt64 = 1, missing: Int = 17) -> RunFinished {
        .ended(.refused, "run_incomplete", number: number) {
            $0.report.verdict = .incomplete
            $0.report.countBefore = 50_000
            $0.report.countAfter = 50_000
            $0.report.read = 50_000 - missing
            $0.report.distinctKeys = 50_000 - missing
            $0.report.pages = 100
            $0.report.faultyPage = 31
            $0.report.missing = (1...missing).prefix(1000).map {
                MissingItem(key: "A\($0)", name: "Cykelhjelm, grøn nr. \($0)")
            }
            $0.report.missingCount = missing
        }
    }

    static func published(number: UInt64) -> RunFinished {
        .ended(.published, "run_published", number: number) {
            $0.report.publication = [
                Publication(module: .prices, mode: "delta", created: 3, updated: 1200, removed: 0)
            ]
        }
    }
}

/// The reason a call fails with; nil when it succeeds.
func failure(_ call: () async throws -> some Any) async -> String? {
    do {
        _ = try await call()
        return nil
    } catch {
        return (error as? ServiceError)?.reason ?? "\(error)"
    }
}
