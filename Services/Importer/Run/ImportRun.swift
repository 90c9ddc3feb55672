import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceLifecycle
import ServiceRuntime

/// Carries one claimed run from its first step to its delivered report.
struct ImportRun: Sendable {
    let claim: ClaimedRun
    let context: RunContext
    private let board: ProgressBoard
    private let signal = InterruptionSignal()
    private let lease: Lease

    /// - Parameter claimed: Runs since the claim was sent.
    init(_ claim: ClaimedRun, _ context: RunContext, claimed: Stopwatch) {
        self.claim = claim
        self.context = context
        lease = Lease(claim, claimed: claimed)
        board = context.makeBoard()
    }

    /// - Throws: When the journal cannot be written; the run is then left to be found lost.
    func carryOut() async throws {
        context.crash(.claimAnswered)
        let left = try await context.database.recordClaim(claim, bootID: context.bootID, at: context.now)
        context.crash(.claimed)
        let work = RunWork(claim, context, board: board, gate: gate, left: left)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await heartbeat.beat() }
                let end = await drive(work)
                await close(end, work)
                group.cancelAll()
            }
        } onGracefulShutdown: {
            signal.raise(.shutdown)
        }
    }

    private var gate: CommitGate {
        CommitGate(lease: lease, signal: signal, heedsFreeze: claim.task?.kind != .rollback)
    }

    private var heartbeat: Heartbeat {
        Heartbeat(
            run: claim, lease: lease, board: board, signal: signal, scheduler: context.scheduler,
            clock: context.environment.clock, logger: context.environment.logger, interval: context.limits.heartbeat)
    }

    /// Feeds events to the machine and actions to the work until the run ends.
    ///
    /// - Returns: nil when the shop may or may not have committed.
    private func drive(_ work: RunWork) async -> RunEnd? {
        var machine = RunMachine(claim)
        var actions = machine.start()
        while !actions.isEmpty {
            let action = actions.removeFirst()
            board.update { $0.phase = machine.step.phase }
            switch action {
            case .end(let end):
                log(end)
                return end
            case .discardStaging:
                await work.discardStaging()
                board.restart()
            default:
                guard let event = await event(of: action, machine, work) else { return nil }
                machine.note(board.current)
                actions += machine.handle(event)
            }
        }
        return nil
    }

    /// Carries out one action; an interruption stops it where the machine allows that.
    private func event(of action: RunAction, _ machine: RunMachine, _ work: RunWork) async -> RunEvent? {
        if action.isFinal {
            // Whoever asked for an end until now is heard; whoever asks from now on is told that it is too late. A
            // scheduler that has not answered would still confirm a cancel, so nothing is committed without its word.
            let isTold = await heartbeat.untilAnswered(board.current)
            // All rows are at a shop without staging by then, and a freeze does not take back.
            if let obstacle = gate.obstacle, action != .settle || !obstacle.isFreeze { return .withheld(obstacle) }
            guard isTold else { return .withheld(.shutdown) }
        }
        guard machine.isInterruptible else { return await work.event(of: action, machine.facts) }
        if let raised = signal.raised { return .interrupted(raised) }
        return await withTaskGroup(of: RunEvent?.self) { group in
            group.addTask { await work.event(of: action, machine.facts) }
            group.addTask { .interrupted(await signal.wait()) }
            let first = await group.next()
            group.cancelAll()
            // The step must have let go of its files before anything is cleaned up.
            for await _ in group {}
            return first ?? nil
        }
    }

    /// Cleans up outside and here, then tells the scheduler. State first, effect second.
    private func close(_ end: RunEnd?, _ work: RunWork) async {
        do {
            guard let end else { return await work.leave(keepsStaging: true, abortsUploads: false) }
            if let report = end.report {
                try await context.database.recordEnd(
                    report, evidence: end.evidence, of: claim.runID, at: context.now)
                context.crash(.reportRecorded)
            }
            await work.leave(keepsStaging: end.keepsStaging, abortsUploads: true)
            context.crash(.left)
            guard let report = end.report else {
                try await context.database.removeRun(claim.runID)
                return context.crash(.removed)
            }
            try await ReportDelivery(context).deliver(report, of: claim)
        } catch {
            context.environment.logger.error(
                "The end of a run could not be recorded; it will be resolved from the journal.",
                metadata: ["run.id": "\(claim.runID)", "error": "\(error)"])
        }
    }

    private func log(_ end: RunEnd) {
        guard let report = end.report else {
            return context.environment.logger.notice(
                "A run was given up.",
                metadata: ["run.id": "\(claim.runID)", "interruption": "\(signal.raised.map { "\($0)" } ?? "none")"])
        }
        context.environment.logger.notice(
            "A run has ended.",
            metadata: [
                "run.id": "\(claim.runID)", "connection.id": "\(claim.connectionID)",
                "trace.id": "\(claim.traceparent.traceID)", "outcome": "\(report.outcome.rawValue)",
                "reason": "\(report.reason)", "read": "\(report.read)", "detail": "\(report.arguments["detail"] ?? "")",
            ])
    }
}
