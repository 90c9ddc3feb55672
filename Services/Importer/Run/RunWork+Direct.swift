import Connectors
import CoreTypes
import Logging
import SchedulerAPI
import ServiceRuntime
import Staging

extension RunAction {
    /// What only happens at a shop without staging.
    var isDirect: Bool {
        switch self {
        case .mend, .push, .settle, .revert: true
        default: false
        }
    }
}

/// Publishing row by row.
extension RunWork {
    /// - Returns: nil when the shop is away, or what is there cannot be noted: the journal stays, and ``Recovery`` goes on.
    func directEvent(of action: RunAction, _ facts: RunFacts) async -> RunEvent? {
        do {
            // What it could not do is noted as tried all the same: opening the credentials may fail.
            if action == .mend { try await context.journals.noteClaim(run, context.environment.logger) }
            let direct = try makeDirect()
            switch action {
            case .mend: return try await mend(direct)
            case .push(let uploads): return try await push(uploads, direct, facts)
            case .settle: return try await settle(direct, facts)
            case .revert(let setback): return try await revert(setback, direct, facts)
            default: preconditionFailure("\(action) is no step of a shop without staging")
            }
        } catch is CancellationError {
            return nil
        } catch let withheld as CommitWithheld {
            return .withheld(withheld.obstacle)
        } catch let unfinished as PushUnfinished {
            return .unfinished(unfinished.fault, unfinished.pushed)
        } catch let fault as SystemFault where action == .mend {
            return .failed(fault)
        } catch  where action == .mend {
            return .failed(SystemFault(.internal, "\(error)", system: "Sluice"))
        } catch {
            await suspend(facts, because: error)
            return nil
        }
    }

    /// Before anything else: what an earlier run has left half done must not stay so because this one finds a reason to end.
    private func mend(_ direct: DirectPublishing) async throws -> RunEvent {
        let ended = try await direct.bringEarlierToEnd(unwanted: run.task?.takesBack == true ? run.task?.runID : nil)
        guard run.task?.kind == .finish else { return .mended }
        return .finished(ended, live: (try? await direct.target.live(run.modules)) ?? [:])
    }

    private func push(
        _ uploads: [PlannedUpload], _ direct: DirectPublishing, _ facts: RunFacts
    ) async throws -> RunEvent {
        do {
            try checkVerdict(facts)
            guard try await !isOutdated(uploads) else { return .outdated }
        } catch let fault as SystemFault {
            // Nothing was sent, and so there is nothing to take back but an empty journal.
            return .setback(.fault(fault))
        }
        var commitment = try commitment(facts)
        commitment.push = PushCommitment()
        try await context.database.recordCommitIntent(commitment, of: run.runID, at: context.now)
        context.crash(.pushIntended)
        do {
            try await direct.push()
        } catch let refused as RowRefused {
            return .setback(.refused(refused.row))
        } catch let fault as SystemFault where !fault.isAway {
            return .setback(.fault(fault))
        }
        context.crash(.pushAnswered)
        return .pushed(try await figures(direct))
    }

    /// The scheduler knows that it is too late to cancel; now the journal shall.
    private func settle(_ direct: DirectPublishing, _ facts: RunFacts) async throws -> RunEvent {
        let live = try await direct.settled(facts.uploads)
        try await context.database.recordCommitted(run.runID, at: context.now)
        context.crash(.pushRecorded)
        try await direct.finish()
        context.crash(.pushFinished)
        return .settled(live)
    }

    private func revert(
        _ setback: Setback, _ direct: DirectPublishing, _ facts: RunFacts
    ) async throws -> RunEvent {
        var commitment = try commitment(facts)
        commitment.push = PushCommitment()
        commitment.failure = commitment.report.after(setback, try await figures(direct))
        try await context.database.recordCommitIntent(commitment, of: run.runID, at: context.now)
        context.crash(.revertIntended)
        do {
            try await direct.revert()
        } catch let refused as RowRefused {
            let fault = SystemFault(.shop, refused.row.detail, system: run.target.name)
            throw PushUnfinished(fault: fault, pushed: try await figures(direct))
        } catch let fault as SystemFault where !fault.isAway {
            throw PushUnfinished(fault: fault, pushed: try await figures(direct))
        }
        return .reverted(try await figures(direct))
    }

    private func figures(_ direct: DirectPublishing) async throws -> PushedRows {
        try await direct.figures() ?? PushedRows(planned: 0, applied: 0)
    }

    /// Leaves the run to ``Recovery``, which goes on while it still is ours.
    private func suspend(_ facts: RunFacts, because error: any Error) async {
        context.environment.logger.error(
            "A shop without staging has a part of a publish; it is gone on with as soon as that is possible.",
            metadata: ["run.id": "\(run.runID)", "connection.id": "\(run.connectionID)", "error": "\(error)"])
        do {
            guard var commitment = try await context.database.journaledRun(run.runID)?.commitment else { return }
            _ = commitment.suspend(try? await direct?.figures(), at: context.now)
            try await context.database.recordCommitIntent(commitment, of: run.runID, at: context.now)
            context.crash(.pushSuspended)
        } catch {
            // Recovery goes on all the same; only how long it may is counted from when it first looked.
            context.environment.logger.error(
                "A suspended publish could not be noted.", metadata: ["run.id": "\(run.runID)", "error": "\(error)"])
        }
    }
}
