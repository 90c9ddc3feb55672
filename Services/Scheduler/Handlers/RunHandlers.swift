import CoreTypes
import GRDB
import Messaging
import Persistence
import RPC
import SchedulerAPI

/// Runs as people start, stop and follow them.
struct RunHandlers: Sendable {
    let dispatch: Dispatch

    @Sendable func start(_ request: StartRun, _ context: CallContext) async throws -> StartRun.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let isOverridden = request.override ?? false
        if isOverridden {
            guard case .operator = context.peer else { throw SchedulerFault.overrideNotAllowed }
        }
        let person = context.peer.label
        let response = try await dispatch.write(.startRun) { db in
            try AnsweredCalls.once(request, context, at: now, db) {
                let connection = try ConnectionRecord.find(request.connectionID, db)
                let own = try ConnectionSettingsRecord.current(of: connection, db).settings.modules
                let modules = try request.modules.map { modules throws(SchedulerFault) in
                    try Validation.modules(modules, of: own)
                }
                let run = try dispatch.book.start(
                    RunBook.Start(
                        trigger: .manual, modules: modules, startedBy: person, startReason: reason,
                        isOverridden: isOverridden, traceparent: context.traceparent),
                    of: connection, at: now, db)
                try ChangeRecord(
                    isOverridden ? .runStartedWithOverride : .runStarted, "\(run.id)", of: run.merchantID,
                    by: person, at: now, reason: reason
                ).insert(db)
                return StartRun.Response(runID: run.id)
            }
        }
        dispatch.queued([response.runID])
        return response
    }

    @Sendable func cancel(_ request: CancelRun, _ context: CallContext) async throws -> CancelRun.Response {
        let now = dispatch.now
        let reason = try Validation.reason(request.reason)
        let state = try await dispatch.write(.cancelRun) { db in
            try dispatch.book.cancel(request.runID, by: context.peer.label, reason: reason, at: now, db)
        }
        dispatch.changes.signal(request.runID)
        return CancelRun.Response(state: state)
    }

    @Sendable func list(_ request: ListRuns, _ context: CallContext) async throws -> ListRuns.Response {
        let limit = try Validation.limit(request.limit, default: 50)
        return try await dispatch.database.read { db in
            if let merchant = request.merchantID { _ = try MerchantRecord.find(merchant, db) }
            if let connection = request.connectionID { _ = try ConnectionRecord.find(connection, db) }
            let runs = try RunRecord.list(
                merchant: request.merchantID, connection: request.connectionID, before: request.before, limit: limit,
                db)
            var labels: [ConnectionID: String] = [:]
            return ListRuns.Response(
                runs: try runs.map { run in
                    let label = try labels[run.connectionID] ?? ConnectionRecord.find(run.connectionID, db).label
                    labels[run.connectionID] = label
                    return run.summary(label: label)
                })
        }
    }

    @Sendable func describe(_ request: DescribeRun, _ context: CallContext) async throws -> DescribeRun.Response {
        DescribeRun.Response(run: try await description(of: request.runID))
    }

    private func description(of run: RunID) async throws -> RunDescription {
        try await dispatch.database.read { db in try RunRecord.find(run, db).description(db) }
    }

    /// Watches before it reads, so that no change falls in between; what it sends is always read from the rows, so that a
    /// watcher who comes back, to this process or the next, misses nothing and gets nothing twice.
    @Sendable func watch(
        _ request: WatchRun, _ context: CallContext, _ watcher: StreamWriter<RunSnapshot>
    ) async throws -> WatchRun.Response {
        var seen = request.after
        for await _ in dispatch.changes.watch(request.runID) {
            var isUpToDate = false
            while !isUpToDate {
                let (run, next) = try await next(of: request.runID, after: seen)
                for entry in next {
                    try await watcher.send(entry.snapshot(at: dispatch.now))
                    seen = entry.number
                }
                isUpToDate = next.count < RunProgressRecord.batchMost
                guard isUpToDate, !run.state.isActive else { continue }
                return WatchRun.Response(run: try await description(of: run.id))
            }
        }
        throw CancellationError()
    }

    private func next(of run: RunID, after seen: Int64?) async throws -> (RunRecord, [RunProgressRecord]) {
        try await dispatch.database.read { db in
            let run = try RunRecord.find(run, db)
            return (run, try RunProgressRecord.next(of: run, after: seen, db))
        }
    }
}
