import CoreTypes
import GRDB
import Persistence
import RPC
import SchedulerAPI

struct SwitchHandlers: Sendable {
    let dispatch: Dispatch

    /// Sets the switch, writes down who and why, pauses or resumes what hangs on it and skips what is queued: one
    /// transaction, so that nothing can start in between.
    @Sendable func set(_ request: SetSwitch, _ context: CallContext) async throws -> SetSwitch.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let target = try target(of: request)
        let (response, skipped) = try await dispatch.write(.setSwitch) { db in
            _ = try MerchantRecord.find(request.merchantID, db)
            if let connection = request.connectionID {
                guard try ConnectionRecord.find(connection, db).merchantID == request.merchantID else {
                    throw SchedulerFault.unknownConnection(connection)
                }
            }
            let known = try SwitchRecord.find(request.merchantID, request.level, target, db)
            if (known?.isOn ?? true) == request.on {
                let state =
                    known?.state
                    ?? .untouched(
                        request.level, module: request.module, connectionID: request.connectionID)
                return (SetSwitch.Response(state: state), [RunID]())
            }
            let switched = SwitchRecord(
                merchantID: request.merchantID, level: request.level, target: target, isOn: request.on,
                changedBy: context.peer.label, changedAt: now, reason: reason)
            try switched.upsert(db)
            try ChangeRecord(
                request.on ? .switchedOn : .switchedOff, target.isEmpty ? "\(request.merchantID)" : target,
                of: request.merchantID, by: switched.changedBy, at: now, reason: reason
            ).insert(db)
            return (SetSwitch.Response(state: switched.state), try settle(request.merchantID, at: now, db))
        }
        dispatch.changes.signal(skipped)
        return response
    }

    private func target(of request: SetSwitch) throws(SchedulerFault) -> String {
        switch (request.level, request.module, request.connectionID) {
        case (.integration, nil, nil): ""
        case (.module, let module?, nil): module.rawValue
        case (.connection, nil, let connection?): connection.rawValue
        default: throw .switchTargetMismatch
        }
    }

    /// - Returns: The queued runs that were skipped.
    private func settle(_ merchant: MerchantID, at now: Instant, _ db: Database) throws -> [RunID] {
        var skipped: [RunID] = []
        for var connection in try ConnectionRecord.all(of: merchant, db) {
            try dispatch.book.refreshNextDue(of: &connection, at: now, db)
            if let run = try dispatch.book.skipClosed(of: connection, at: now, db) { skipped.append(run) }
        }
        return skipped
    }
}
