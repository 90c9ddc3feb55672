import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

/// What a run does that is no import: releases a held set, or goes back to an earlier one.
extension RunWork {
    /// Opens what a held run has staged, as it was staged: with that run's settings, though they may have changed since.
    func takeUp(_ task: RunTask) async throws -> RunEvent {
        guard let held = try await context.database.journaledRun(task.runID), held.step == .held,
            held.bootID == context.bootID, let evidence = held.evidence
        else { return .setGone(detail: "it is not kept here") }
        let source = try context.source(held.claim.source, held.claim.settings.reading, making)
        let mapping = try CompiledMapping(
            held.claim.settings.mapping, layout: source.layout, modules: held.claim.modules)
        let room = StagingRoom(context.places, run: run, mapping: mapping, pages: source.pages, stagedBy: held.claim)
        do {
            try await room.reopen()
        } catch let error as StagingError {
            return .setGone(detail: "\(error)")
        }
        self.mapping = mapping
        self.room = room
        let live = try await admitTarget()
        // What the shop has may be another set than when the run was held.
        try await learnShopList(live)
        let content = try await room.content(beside: live, await fetchRules())
        return .takenUp(live: live, evidence.taken(over: run, content))
    }

    /// Lets the shop in and aborts what earlier claims left open.
    func admitTarget() async throws -> [Module: LiveDataset] {
        let target = try context.target(run.target, making)
        self.target = target
        if let fault = await target.probe(run.modules).fault { throw fault }
        try Task.checkCancellation()
        if case .staged(let shop) = target.way { try await shop.abortOlderSessions(publishing) }
        context.crash(.admitted)
        return try await target.live(run.modules)
    }

    /// Makes earlier versions live again, all of them or none.
    func rollBack(_ task: RunTask, _ facts: RunFacts) async throws -> RunEvent {
        guard case .staged(let shop) = try unwrap(target).way else { return try await pushBack(task) }
        try await context.database.recordCommitIntent(try commitment(facts), of: run.runID, at: context.now)
        context.crash(.commitIntended)
        let live = try await shop.rollBack(to: task.versions, from: facts.liveBefore, for: publishing) { [gate] in
            if let obstacle = gate.obstacle { throw CommitWithheld(obstacle: obstacle) }
        }
        context.crash(.commitAnswered)
        do {
            try await context.database.recordCommitted(run.runID, at: context.now)
        } catch {
            throw CommitInDoubt(SystemFault(.internal, "the rollback could not be noted: \(error)", system: "Sluice"))
        }
        context.crash(.commitRecorded)
        return .committed(live)
    }

    /// A shop that keeps no versions is taken back row by row, from the journals of what was pushed. The run journal needs no
    /// note of it: what a killed run leaves half done the next one brings to its end before anything else.
    private func pushBack(_ task: RunTask) async throws -> RunEvent {
        let pushed: PushedRows
        do {
            pushed = try await DirectRollback(publishing: try makeDirect()).revert(toSetOf: task.runID)
        } catch is RollbackRefused {
            let words = "the journal of that publication is not kept any more, or others have published since"
            throw SystemFault(.shop, words, system: run.target.name)
        } catch let unfinished as PushUnfinished {
            return .unfinished(unfinished.fault, unfinished.pushed)
        }
        return .committed(
            try await unwrap(target).live(run.modules), takenBack: pushed.planned > 0 ? pushed : nil)
    }

    /// The published set is that of a version which is not live any more: the next publication sends everything.
    func forget() async throws -> RunEvent {
        try context.places.forgetPublished(run.connectionID)
        context.crash(.adopted)
        return .adopted
    }
}

extension ImportEvidence {
    /// The same figures under the claim of the run that releases the set, with what publishing it would do now.
    func taken(over run: ClaimedRun, _ content: ContentEvidence) -> ImportEvidence {
        var evidence = self
        evidence.content = content
        evidence.runID = run.runID
        evidence.fencingToken = run.fencingToken
        return evidence
    }
}
