import CoreTypes
import Persistence
import RPC
import SchedulerAPI

/// Runs as importers claim, keep and finish them. Who they are comes from the connection, never from parameters.
struct LeaseHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func claim(_ request: ClaimRun, _ context: CallContext) async throws -> ClaimRun.Response {
        let now = dispatch.now
        if let claimID = request.claimID {
            guard (1...64).contains(claimID.utf8.count) else {
                throw SchedulerFault.textLength(field: "claimID", from: 1, to: 64)
            }
        }
        let owner = context.peer.label
        let run = try await dispatch.write(.claimRun, isDone: { $0 != nil }) { db in
            try dispatch.book.claim(for: owner, claimID: request.claimID, at: now, db)
        }
        if let run {
            dispatch.signsOfLife.note(run.runID)
            dispatch.changes.signal(run.runID)
        }
        return ClaimRun.Response(run: run)
    }

    @Sendable func renew(_ request: RenewLease, _ context: CallContext) async throws -> RenewLease.Response {
        let now = dispatch.now
        let owner = context.peer.label
        let response = try await dispatch.write(.renewLease) { db in
            try dispatch.book.renew(request, by: owner, at: now, db)
        }
        dispatch.signsOfLife.note(request.runID)
        dispatch.changes.signal(request.runID)
        return response
    }

    @Sendable func finish(_ request: FinishRun, _ context: CallContext) async throws -> FinishRun.Response {
        let now = dispatch.now
        let owner = context.peer.label
        let finishedAt = try await dispatch.write(.finishRun) { db in
            try dispatch.book.finish(request, by: owner, at: now, db)
        }
        dispatch.changes.signal(request.runID)
        dispatch.announced()
        return FinishRun.Response(finishedAt: finishedAt)
    }

    @Sendable func resumePush(_ request: ResumePush, _ context: CallContext) async throws -> ResumePush.Response {
        let now = dispatch.now
        let owner = context.peer.label
        let response = try await dispatch.write(.resumePush, isDone: { $0.answer == .queued }) { db in
            try dispatch.book.resumePush(request, by: owner, traceparent: context.traceparent, at: now, db)
        }
        if response.answer == .queued, let run = response.runID { dispatch.queued([run]) }
        return response
    }
}
