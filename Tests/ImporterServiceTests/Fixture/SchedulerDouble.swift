import CoreTypes
import RPC
import SchedulerAPI
import Synchronization

/// Stands in for the scheduler where a test needs to decide what it answers: claims, renewals, reports.
final class SchedulerDouble: Sendable {
    struct State {
        var due: [ClaimedRun] = []
        var claimIDs: [String?] = []
        var losesClaims = false
        var systems: [SystemAccess] = []
        var reports: [(run: RunID, token: Int64, report: RunReport)] = []
        var progress: [RunProgress] = []
        var cancelRequested = false
        var freeze: Freeze?
        /// Publishing is frozen once a run is told to be so far.
        var freezesAt: RunPhase?
        /// Held runs that may still be released.
        var kept: [RunID]?
        var refusesRenewals = false
        /// Runs that are not the importer's any more.
        var refusesRenewalsOf: Set<RunID> = []
        /// How many renewals right before the commit still find nobody.
        var lostRenewals = 0
        var refusesReports = false
        var isAway = false
        /// Publishes a run was asked for to bring to their end, and what is answered.
        var resumed: [RunID] = []
        /// Whose sets were to be brought back.
        var returning: [RunID?] = []
        var resumeAnswer = ResumePush.Answer.queued
        var onRenewal: (@Sendable (RunProgress) async -> Void)?
        /// Called once a report is taken.
        var onEnd: (@Sendable (RunID) async -> Void)?
        /// Called before a report is taken.
        var onReport: (@Sendable () async throws -> Void)?
    }

    private let state = Mutex(State())

    func change<Value: Sendable>(_ body: @Sendable (inout State) -> Value) -> Value {
        state.withLock { state in body(&state) }
    }

    var lastReport: RunReport? { state.withLock { $0.reports.last?.report } }
    var progress: [RunProgress] { state.withLock { $0.progress } }

    var caller: any RPCCaller {
        var router = Router(service: "scheduler", randomness: .init { 7 })
        router.register(ClaimRun.self) { [self] request, _ in
            try state.withLock { state in
                state.claimIDs.append(request.claimID)
                if state.losesClaims { throw ServiceError(.unavailable, reason: "away") }
                return ClaimRun.Response(run: state.due.isEmpty ? nil : state.due.removeFirst())
            }
        }
        router.register(RenewLease.self) { [self] request, _ in
            let (answer, onRenewal) = try state.withLock { state in
                if state.isAway { throw ServiceError(.unavailable, reason: "away") }
                if state.lostRenewals > 0, request.progress.phase == .committing {
                    state.lostRenewals -= 1
                    throw ServiceError(.unavailable, reason: "away")
                }
                if state.refusesRenewals || state.refusesRenewalsOf.contains(request.runID) {
                    throw ServiceError(.aborted, reason: "run_superseded")
                }
                state.progress.append(request.progress)
                if state.freezesAt == request.progress.phase { state.freeze = .example }
                let answer = RenewLease.Response(cancelRequested: state.cancelRequested, freeze: state.freeze)
                return (answer, state.onRenewal)
            }
            await onRenewal?(request.progress)
            return answer
        }
        router.register(FinishRun.self) { [self] request, _ in
            try await change { $0.onReport }?()
            try state.withLock { state in
                if state.isAway { throw ServiceError(.unavailable, reason: "away") }
                if state.refusesReports { throw ServiceError(.aborted, reason: "run_superseded") }
                state.reports.append((request.runID, request.fencingToken, request.report))
            }
            await change { $0.onEnd }?(request.runID)
            return FinishRun.Response(finishedAt: .example)
        }
        router.register(CheckHeldRuns.self) { [self] request, _ in
            CheckHeldRuns.Response(kept: change { $0.kept } ?? request.runIDs)
        }
        router.register(ResumePush.self) { [self] request, _ in
            try state.withLock { state in
                if state.isAway { throw ServiceError(.unavailable, reason: "away") }
                state.resumed.append(request.runID)
                state.returning.append(request.returningTo)
                return ResumePush.Response(state.resumeAnswer)
            }
        }
        router.register(FetchSystem.self) { [self] request, _ in
            guard let system = change({ $0.systems.first { $0.systemID == request.systemID } }) else {
                throw ServiceError(.notFound, reason: "system_unknown")
            }
            return FetchSystem.Response(system: system)
        }
        return InProcessCaller(router, as: .service(name: "importer", instance: "1"))
    }
}

/// A monitor that is reached through this can be taken away, or have its answers changed on the way.
final class MonitorLink: RPCCaller {
    struct State {
        var isAway = false
        var isHanging = false
        var refusal: ServiceError?
        var calls = 0
    }

    private let monitor: any RPCCaller
    private let state = Mutex(State())
    private let forge: Mutex<(@Sendable (any Sendable) -> any Sendable)?> = Mutex(nil)

    init(_ monitor: any RPCCaller) { self.monitor = monitor }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }
    func setHanging(_ isHanging: Bool) { state.withLock { $0.isHanging = isHanging } }
    func setRefusing(_ refusal: ServiceError) { state.withLock { $0.refusal = refusal } }
    func setForging(_ body: @escaping @Sendable (any Sendable) -> any Sendable) { forge.withLock { $0 = body } }
    var calls: Int { state.withLock { $0.calls } }

    func call<Request: RPCRequest>(
        _ request: Request, options: CallOptions
    ) async throws(ServiceError) -> Request.Response {
        let (isAway, isHanging, refusal) = state.withLock { state in
            state.calls += 1
            return (state.isAway, state.isHanging, state.refusal)
        }
        if isHanging {
            try? await Task.sleep(for: .seconds(600))
            throw ServiceError(.cancelled, reason: "cancelled")
        }
        if let refusal { throw refusal }
        if isAway { throw ServiceError(.unavailable, reason: "service_unreachable") }
        let response = try await monitor.call(request, options: options)
        guard let forge = forge.withLock({ $0 }), let forged = forge(response) as? Request.Response else {
            return response
        }
        return forged
    }

    func stream<Request: RPCStreamRequest>(
        _ request: Request, options: CallOptions,
        onItem: nonisolated(nonsending) @escaping @Sendable (Request.Item) async -> Void
    ) async throws(ServiceError) -> Request.Response {
        try await monitor.stream(request, options: options, onItem: onItem)
    }
}
