import CoreTypes
import GRDB
import Logging
import Messaging
import NotifierAPI
import Persistence
public import RPC
public import ServiceLifecycle
public import ServiceRuntime
public import Texts

/// Tells people when an import goes wrong, and when it is well again.
///
/// The value holds no sockets: the process gives it a router's server, tests call the router and run the passes.
public struct NotifierService: Sendable {
    /// Answers everything of `NotifierAPI`.
    public let router: Router
    private let handlers: NotifierHandlers
    private let deliveries: Deliveries
    private let disks: DiskWatch
    private let clockSteps: ClockSteps
    private let environment: ServiceEnvironment

    /// - Parameters:
    ///   - support: Put on every new list, and told where a merchant has none.
    ///   - watched: Services whose disks are watched, the notifier's own among them.
    ///   - mailDomain: What stands after the `@` of a Message-ID.
    public init(
        database: NotifierDatabase, transport: any MailTransport, support: SupportContact?, mailDomain: String,
        remindEvery: Duration = .seconds(24 * 3600), zone: LocalZone = .utc, watched: [WatchedService] = [],
        router: Router, environment: ServiceEnvironment
    ) {
        let choice = support.map { RecipientChoice(address: $0.address, language: $0.language) }
        let lists = AddressLists(support: choice)
        let mails = MailSetting(zone: zone, supportAddress: support?.address)
        let desk = IncidentDesk(
            remindEvery: remindEvery, lists: lists, mails: mails, randomness: environment.randomness)
        handlers = NotifierHandlers(
            database: database, lists: lists, desk: desk, mails: mails, environment: environment, newMail: Wake())
        deliveries = Deliveries(
            database: database, transport: transport, mailDomain: mailDomain, environment: environment)
        disks = DiskWatch(
            watched, transport: transport, support: support, mailDomain: mailDomain, setting: mails,
            environment: environment)
        clockSteps = ClockSteps(environment.wallClock, environment.clock)
        self.environment = environment
        var router = router
        handlers.register(on: &router)
        self.router = router
    }

    /// Mails go out at once when an event brings one; the intervals are for retries and reminders.
    public var loops: [any Service] {
        [
            PeriodicLoop("mail delivery", every: .seconds(5), environment, wokenBy: handlers.newMail) {
                try await deliveryPass()
            },
            PeriodicLoop("reminders", every: .seconds(60), environment) { try await reminderPass() },
            PeriodicLoop("disks", every: .seconds(30), environment) {
                await diskPass()
                return false
            },
            PeriodicLoop("upkeep", every: .seconds(600), environment) { try await upkeepPass() },
        ]
    }

    /// Sends the mails that are due now.
    ///
    /// - Returns: Whether there was one.
    public func deliveryPass() async throws -> Bool {
        try await followClock()
        return try await deliveries.pass()
    }

    /// Writes the reminder of one incident that is due now.
    ///
    /// - Returns: Whether there was one.
    public func reminderPass() async throws -> Bool {
        try await followClock()
        let now = environment.wallClock.now()
        let handlers = handlers
        let found = try await handlers.write(.reminder, isDone: { $0 }) { db in
            try handlers.desk.remind(at: now, db)
        }
        if found { handlers.newMail.wake() }
        return found
    }

    /// Asks the watched services once whether they can store.
    public func diskPass() async { await disks.pass() }

    /// When the wall clock was set, moves what is waited for by as much.
    private func followClock() async throws {
        guard let step = clockSteps.take() else { return }
        environment.logger.notice("The wall clock was set.", metadata: ["seconds": "\(step.components.seconds)"])
        // What was written after the clock was set forward has its times from the new clock.
        let before = step > .zero ? environment.wallClock.now() - step : Instant(milliseconds: .max)
        do {
            try await handlers.write(.clockStep) { db in
                try MessageTable.moveTimes(by: step, writtenBefore: before, db)
                try IncidentTable.moveTimes(by: step, openedBefore: before, db)
            }
        } catch {
            clockSteps.putBack(step)
            throw error
        }
    }

    /// Forgets the answers of calls that nobody can repeat any more.
    ///
    /// - Returns: Whether there were any.
    public func upkeepPass() async throws -> Bool {
        let now = environment.wallClock.now()
        let handlers = handlers
        guard try await handlers.database.database.read({ db in try AnsweredCalls.hasOld(at: now, db) }) else {
            return false
        }
        try await handlers.write(.forget) { db in try AnsweredCalls.forgetOld(at: now, db) }
        return true
    }

}
