import BillingAPI
import CoreTypes
import Logging
public import Messaging
import MonitorAPI
import NotifierAPI
public import Persistence
public import RPC
public import ServiceLifecycle
public import ServiceRuntime

/// Decides what runs, when and whether, and hands runs to importers under leases.
///
/// The value holds no sockets: the process gives it a router's server, tests and simulations call the router and run
/// the passes themselves.
public struct SchedulerService: Sendable {
    /// Answers everything of `SchedulerAPI`.
    public let router: Router
    private let dispatch: Dispatch
    private let importers: [any RPCCaller]
    private let events: OutboxDispatcher

    /// - Parameters:
    ///   - importers: Those to wake when there is something to claim; may be empty, they also ask by themselves.
    ///   - courier: Takes events to monitor, notifier and billing.
    public init(
        database: ServiceDatabase, configuration: SchedulerConfiguration = SchedulerConfiguration(), router: Router,
        importers: [any RPCCaller], courier: any Courier, environment: ServiceEnvironment
    ) {
        dispatch = Dispatch(database, configuration, environment)
        self.importers = importers
        events = OutboxDispatcher(
            database: database, courier: courier, clock: environment.clock, randomness: environment.randomness,
            crashPoints: environment.crashPoints
        ) { [logger = environment.logger] consumer, attempts, error in
            logger.notice(
                "Events could not be delivered and will be tried again.",
                metadata: ["consumer": "\(consumer)", "attempts": "\(attempts)", "error": "\(error)"])
        }
        var router = router
        SchedulerHandlers(dispatch: dispatch).register(on: &router)
        self.router = router
    }

    /// The loops, to be run beside a server for ``router``.
    public var loops: [any Service] {
        let configuration = dispatch.configuration
        let environment = dispatch.environment
        return [
            PeriodicLoop("events", every: .seconds(2), environment, wokenBy: dispatch.outbox) {
                try await events.pass()
            },
            PeriodicLoop("nudges", every: .seconds(5), environment, wokenBy: dispatch.nudge) {
                try await dispatch.nudgeImporters(importers)
                return false
            },
            PeriodicLoop("due runs", every: configuration.dueRunsInterval, environment) {
                try await dispatch.queueDueRuns()
            },
            PeriodicLoop("leases", every: .seconds(1), environment) { try await dispatch.expireLeases() },
            PeriodicLoop("sweep", every: configuration.sweepInterval, environment) {
                try await dispatch.sweepSchedules()
            },
        ]
    }

    /// Runs each loop's pass once, in the loops' order of cause and effect; for tests and simulations.
    ///
    /// - Returns: Whether there was anything to do.
    @discardableResult
    public func pass() async throws -> Bool {
        let wasDue = try await dispatch.queueDueRuns()
        let wasSilent = try await dispatch.expireLeases()
        let wasFaulty = try await dispatch.sweepSchedules()
        try await dispatch.nudgeImporters(importers)
        let wasWaiting = try await events.pass()
        return wasDue || wasSilent || wasFaulty || wasWaiting
    }

    /// Carries events by RPC to those who are told that a run has ended.
    public static func courier(
        monitor: any RPCCaller, notifier: any RPCCaller, billing: any RPCCaller
    ) -> any Courier {
        var courier = RPCCourier()
        courier.add(MonitorAPI.self, through: monitor)
        courier.add(NotifierAPI.self, through: notifier)
        courier.add(BillingAPI.self, through: billing)
        return courier
    }
}
