import CoreTypes
import GRDB
import JSON
import Messaging
import MonitorAPI
import Persistence
import RPC
import ServiceRuntime
import SchedulerAPI

extension MonitorHandlers {
    func deliverEvents(
        _ request: DeliverEvents<MonitorAPI>, _ context: CallContext
    ) async throws -> DeliverEvents<MonitorAPI>.Response {
        let now = now
        let crashPoints = environment.crashPoints
        let (response, isReceiptMade) = try await database.write(.events, crashPoints) { db in
            var isReceiptMade = false
            let response = try Inbox.receive(
                request, from: context.peer, at: now, in: db, report: { $0.log(to: environment.logger) }
            ) { event, db in
                guard event.type == RunFinished.type else {
                    throw ServiceError(.invalidArgument, reason: "event_unknown", arguments: ["type": event.type])
                }
                let ended = try JSON.decode(RunFinished.self, from: event.body)
                try MonitorDatabase.remember(ended, db)
                let isMade = try MonitorDatabase.makeReceipt(of: ended, signedWith: receiptKey, at: now, db)
                isReceiptMade = isReceiptMade || isMade
            }
            if isReceiptMade { crashPoints.passing(MonitorStep.receipt.uncommitted) }
            return (response, isReceiptMade)
        }
        if isReceiptMade { crashPoints.passing(MonitorStep.receipt.committed) }
        return response
    }

    func describeHealth(_ request: DescribeHealth, _ context: CallContext) async throws -> DescribeHealth.Response {
        try await database.health(of: request.connectionID, limit: Self.limit(request.limit, otherwise: 20))
    }
}
