import BillingAPI
import CoreTypes
import GRDB
import Messaging
import RPC
import ServiceRuntime

/// What billing answers; one file per subject.
struct BillingHandlers: Sendable {
    let database: BillingDatabase
    let environment: ServiceEnvironment

    /// Adds every request of ``BillingAPI`` to a router.
    func register(on router: inout Router) {
        router.register(DescribeUsage.self, describeUsage)
        router.register(ListUsageEvents.self, listUsageEvents)
        router.register(DescribePlan.self, describePlan)
        router.register(SetPlan.self, setPlan)
        router.register(DeliverEvents<BillingAPI>.self, deliverEvents)
    }

    var now: Instant { environment.wallClock.now() }

    /// One transaction, with the crash points of `step`.
    func write<Value: Sendable>(
        _ step: BillingStep, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await database.database.write(step, environment.crashPoints, body)
    }
}
