import Connectors
import CoreTypes
import Logging
import MonitorAPI
import SchedulerAPI
import ServiceRuntime
import Staging

/// From the comparison to the reading back, at a shop that stages.
extension RunWork {
    func compare(_ facts: RunFacts) async throws -> RunEvent {
        let room = try unwrap(room)
        compared = try await unwrap(target).live(run.modules)
        let uploads =
            if let direct {
                try await direct.plan(compared, room, round: facts.comparisons)
            } else {
                try await room.plan(compared, round: facts.comparisons)
            }
        context.crash(.compared)
        return .compared(uploads)
    }

    func upload(_ uploads: [PlannedUpload], _ facts: RunFacts) async throws -> RunEvent {
        let uploader = Uploader(
            target: try staged, room: try unwrap(room), board: board,
            crashPoints: context.environment.crashPoints, chunksInFlight: context.limits.chunksInFlight)
        mayHaveUploads = true
        let sessions = try await uploader.upload(uploads, for: publishing) { [context, run] sessions in
            try await context.database.recordSessions(sessions, of: run.runID, at: context.now)
        }
        guard try await isOutdated(uploads) else { return .uploaded(sessions) }
        try await staged.abortSessions(upTo: publishing)
        context.crash(.uploadOutdated)
        return .outdated
    }

    /// Whether somebody else has changed the shop since the comparison. What is sent in full does not build on it.
    func isOutdated(_ uploads: [PlannedUpload]) async throws -> Bool {
        let live = try await unwrap(target).live(run.modules)
        let full = uploads.filter { $0.mode == .full }.map(\.module)
        return run.modules.contains { module in
            !full.contains(module) && live[module]?.version != compared[module]?.version
        }
    }

    func commit(_ sessions: [UploadSession], _ facts: RunFacts) async throws -> RunEvent {
        try checkVerdict(facts)
        try await context.database.recordCommitIntent(try commitment(facts), of: run.runID, at: context.now)
        context.crash(.commitIntended)
        let live = try await staged.commit(sessions, for: publishing) { [gate] in
            if let obstacle = gate.obstacle { throw CommitWithheld(obstacle: obstacle) }
        }
        mayHaveUploads = false
        context.crash(.commitAnswered)
        do {
            try await context.database.recordCommitted(run.runID, at: context.now)
        } catch {
            throw CommitInDoubt(SystemFault(.internal, "the commit could not be noted: \(error)", system: "Sluice"))
        }
        context.crash(.commitRecorded)
        return .committed(live)
    }

    /// A verdict holds for a while only, and an upload takes long.
    func checkVerdict(_ facts: RunFacts) throws {
        guard let verdict = facts.verdict else { preconditionFailure("nothing is published without a verdict") }
        do { try context.verdictCheck.checkExpiry(of: verdict) } catch { throw invalid(error) }
    }

    func commitment(_ facts: RunFacts, failure: RunReport? = nil) throws -> Commitment {
        if let task = run.task, task.kind == .rollback {
            var commitment = Commitment(
                uploads: [], report: facts.reportRolledBack(), mapping: "", failure: failure)
            commitment.rollback = task.versions
            return commitment
        }
        return Commitment(
            uploads: facts.uploads, report: facts.reportPublished(),
            mapping: try unwrap(mapping).fingerprint, failure: failure)
    }

    /// The run ends without a report. The journal stays at `committing`, with what to tell if nothing was published.
    func recordDoubt(_ doubt: CommitInDoubt, _ facts: RunFacts) async {
        context.environment.logger.error(
            "It is not known whether a commit took place; the shop will be asked again.",
            metadata: ["run.id": "\(run.runID)", "fault": "\(doubt.fault)"])
        do {
            let commitment = try commitment(facts, failure: facts.reportFailed(doubt.fault))
            try await context.database.recordCommitIntent(commitment, of: run.runID, at: context.now)
            context.crash(.doubtRecorded)
        } catch {
            // Without it a run that did not publish is dropped and found lost, which is as true.
            context.environment.logger.error(
                "A doubt could not be noted.", metadata: ["run.id": "\(run.runID)", "error": "\(error)"])
        }
    }

    func adopt(_ live: [Module: LiveDataset], _ facts: RunFacts) async throws -> RunEvent {
        guard !facts.uploads.contains(where: { $0.isDisplaced(live) }) else {
            try await unwrap(room).forgetPublished()
            context.crash(.displacedForgotten)
            return .adopted
        }
        try await unwrap(room).adopt(live, at: context.now, context.environment.crashPoints)
        context.crash(.adopted)
        return .adopted
    }

    func readBack(_ facts: RunFacts) async throws -> RunEvent {
        let reading = ReadingBack(
            target: try unwrap(target), room: try unwrap(room), board: board,
            crashPoints: context.environment.crashPoints, logger: context.environment.logger)
        let readBack = try await reading.read(facts.uploads, committed: facts.liveAfter)
        if readBack.firstWrong != nil {
            try await unwrap(room).forgetPublished()
            context.crash(.readBackForgotten)
        }
        return .readBack(readBack)
    }
}
