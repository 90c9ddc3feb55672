import BillingAPI
import CoreTypes
import GRDB
import JSON
import Messaging
import Persistence
import RPC
import SchedulerAPI
import ServiceRuntime

extension BillingHandlers {
    func deliverEvents(
        _ request: DeliverEvents<BillingAPI>, _ context: CallContext
    ) async throws -> DeliverEvents<BillingAPI>.Response {
        let now = now
        return try await write(.events) { db in
            try Inbox.receive(
                request, from: context.peer, at: now, in: db, report: { $0.log(to: environment.logger) }
            ) { event, db in
                guard event.type == RunFinished.type else {
                    throw ServiceError(.invalidArgument, reason: "event_unknown", arguments: ["type": event.type])
                }
                try UsageTable.meter(JSON.decode(RunFinished.self, from: event.body), at: now, db)
            }
        }
    }

    func describeUsage(_ request: DescribeUsage, _ context: CallContext) async throws -> DescribeUsage.Response {
        let month = request.month ?? BillingMonth(of: now)
        return try await database.database.read { db in
            DescribeUsage.Response(
                month: month, plan: try PlanTable.history(of: request.merchantID, db).first?.plan,
                totals: try UsageTable.totals(of: request.merchantID, in: month, db))
        }
    }

    func listUsageEvents(_ request: ListUsageEvents, _ context: CallContext) async throws -> ListUsageEvents.Response {
        let limit = request.limit ?? 50
        guard (1...200).contains(limit) else {
            throw ServiceError(.invalidArgument, reason: "limit_out_of_range", arguments: ["from": "1", "to": "200"])
        }
        return ListUsageEvents.Response(
            events: try await database.database.read { db in try UsageTable.list(request, limit: limit, db) })
    }
}
