import CoreTypes
import Messaging
import Persistence
import RPC
import SchedulerAPI

/// What people decide about publishing: freeze, roll back, release and refuse.
struct PublicationHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func setFreeze(_ request: SetFreeze, _ context: CallContext) async throws -> SetFreeze.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        return try await dispatch.write(.setFreeze) { db in
            let connection = try ConnectionRecord.find(request.connectionID, db)
            let changed = try dispatch.book.setFreeze(
                request.frozen, of: connection, by: context.peer.label, reason: reason, at: now, db)
            return SetFreeze.Response(
                connection: try ConnectionOverview(connection, db).summary, changed: changed)
        }
    }

    @Sendable func rollBack(_ request: RollBack, _ context: CallContext) async throws -> RollBack.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let response = try await dispatch.write(.rollBack) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                try dispatch.book.rollBack(
                    ConnectionRecord.find(request.connectionID, db), to: request.toRunID, by: context.peer.label,
                    reason: reason, traceparent: context.traceparent, at: now, db)
            }
        }
        dispatch.queued([response.runID])
        return response
    }

    @Sendable func publishedSets(
        _ request: ListPublishedSets, _ context: CallContext
    ) async throws -> ListPublishedSets.Response {
        try await dispatch.database.read { db in
            let connection = try ConnectionRecord.find(request.connectionID, db)
            return ListPublishedSets.Response(sets: try RunBook.publishedSets(of: connection, db))
        }
    }

    @Sendable func release(_ request: ReleaseRun, _ context: CallContext) async throws -> ReleaseRun.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let response = try await dispatch.write(.releaseRun) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                let run = try dispatch.book.release(
                    request.runID, by: context.peer.label, reason: reason, traceparent: context.traceparent, at: now,
                    db)
                return ReleaseRun.Response(runID: run.id)
            }
        }
        dispatch.queued([response.runID])
        return response
    }

    @Sendable func refuse(_ request: RefuseRun, _ context: CallContext) async throws -> RefuseRun.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let held = try await dispatch.write(.refuseRun) { db in
            try dispatch.book.refuse(request.runID, by: context.peer.label, reason: reason, at: now, db)
        }
        return RefuseRun.Response(held: held)
    }

    @Sendable func checkHeld(
        _ request: CheckHeldRuns, _ context: CallContext
    ) async throws -> CheckHeldRuns.Response {
        guard request.runIDs.count <= 500 else { throw SchedulerFault.outOfRange(field: "runIDs", from: 0, to: 500) }
        let now = dispatch.now
        return try await dispatch.database.read { db in
            CheckHeldRuns.Response(kept: try RunBook.keptHeld(among: request.runIDs, at: now, db))
        }
    }
}
