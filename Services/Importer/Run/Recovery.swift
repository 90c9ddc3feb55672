import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime
import Staging

/// Resolves runs a process before this one did not bring to an end, from the journal.
///
/// Nothing is ever published here. What was not committed is dropped, at the shop and here, and the scheduler finds the
/// run lost; what was committed is recognised, adopted and reported.
struct Recovery: Sendable {
    let context: RunContext
    let inHand: RunsInHand

    /// How long a held set waits for a person.
    static let heldLimit: Duration = .seconds(24 * 3600)

    /// Once, before anything is claimed: staging files nobody will ask for again.
    func sweepFiles() async throws {
        let kept = try await context.database.journaledRuns().filter { run in
            run.bootID == context.bootID && [.committing, .committed, .ended, .held].contains(run.step)
        }
        try context.places.staging.sweep(keep: Set(kept.map(\.claim.runID)), now: context.now)
    }

    /// Takes up every journaled run that no task of this process is at work on.
    ///
    /// - Returns: false: what could not be resolved waits for the interval.
    func pass() async throws -> Bool {
        for id in try await context.database.journaledRuns().map(\.claim.runID) where !inHand.contains(id) {
            do {
                // Read again: while the ones before it were resolved, this one may have gone on, or come to its end.
                guard let run = try await context.database.journaledRun(id), !inHand.contains(id) else { continue }
                try await resolve(run)
            } catch {
                context.environment.logger.notice(
                    "A run cannot be resolved from the journal yet.",
                    metadata: ["run.id": "\(id)", "error": "\(error)"])
            }
        }
        return false
    }

    /// Keeps the leases of runs whose commit is in doubt, or whose report is not delivered yet: until the shop has said
    /// what came of them, they are neither lost nor over, and no other run of the connection may begin.
    ///
    /// - Returns: false: there is never more to do at once.
    func keepLeases() async throws -> Bool {
        for run in try await context.database.journaledRuns() where !inHand.contains(run.claim.runID) {
            guard [.committing, .committed].contains(run.step), let report = run.commitment?.report,
                context.now - run.updatedAt < context.limits.doubtLimit
            else { continue }
            let progress = RunProgress(
                phase: .committing, fetched: report.read, expected: report.countBefore, page: report.pages)
            let renewal = RenewLease(
                runID: run.claim.runID, fencingToken: run.claim.fencingToken, progress: progress)
            // A refusal means that the run was given up; what came of it is found out all the same.
            _ = try? await context.scheduler.call(
                renewal, within: .milliseconds(run.claim.leaseMs) / 3, traceparent: run.claim.traceparent)
        }
        return false
    }

    private func resolve(_ run: JournaledRun) async throws {
        switch run.step {
        case .reading, .uploading:
            await abortUploads(of: run)
            context.crash(.recoveryAborted)
            try await drop(run)
        case .committing:
            try await resolveCommit(of: run)
        case .committed:
            try await complete(run)
        case .ended:
            guard let report = run.report else { preconditionFailure("the schema holds a report for this step") }
            if report.outcome != .published { await abortUploads(of: run) }
            try await ReportDelivery(context).deliver(report, of: run.claim)
        case .held:
            guard context.now - run.claimedAt > Self.heldLimit || run.bootID != context.bootID else { return }
            try await drop(run)
        }
    }

    /// Only the shop knows whether the commit took place.
    private func resolveCommit(of run: JournaledRun) async throws {
        var state = try await uploadState(of: run)
        if state == .open {
            await abortUploads(of: run)
            // The commit may have come in between.
            state = try await uploadState(of: run)
        }
        switch state {
        case .committed:
            try await context.database.recordCommitted(run.claim.runID, at: context.now)
            context.crash(.recoveryRecognised)
            try await complete(run)
        case .gone:
            await abortUploads(of: run)
            guard let failure = run.commitment?.failure else { return try await drop(run) }
            try await context.database.recordEnd(failure, of: run.claim.runID, at: context.now)
            context.crash(.recoveryRecorded)
            try await ReportDelivery(context).deliver(failure, of: run.claim)
        case .open, .committing:
            return
        }
    }

    private func uploadState(of run: JournaledRun) async throws -> UploadState {
        let target = try target(of: run)
        var states: [UploadState] = []
        for session in run.sessions { states.append(try await target.state(of: session.id)) }
        return UploadState(together: states)
    }

    /// Finishes a run whose commit took place: adopt, report.
    private func complete(_ run: JournaledRun) async throws {
        guard let commitment = run.commitment else { preconditionFailure("the schema holds a commitment") }
        let target = try target(of: run)
        let live = try await target.live(commitment.uploads.map(\.module))
        let isStillOurs = run.sessions.allSatisfy { live[$0.module]?.sessionID == $0.id }
        let readBack = await adopt(run, commitment, live, target, isStillOurs: isStillOurs)
        var report = commitment.report
        for index in report.publication.indices where isStillOurs {
            let dataset = live[report.publication[index].module]
            report.publication[index].live = dataset?.count
            report.publication[index].version = dataset?.version
        }
        report = report.noting(readBack, target: run.claim.target.name)
        try await context.database.recordEnd(report, of: run.claim.runID, at: context.now)
        context.crash(.recoveryRecorded)
        try await ReportDelivery(context).deliver(report, of: run.claim)
    }

    /// Makes the staged set the published one; where that cannot be done any more, the next run sends everything.
    ///
    /// - Returns: What the shop shows, beside what was staged; nil where there is nothing left to compare it with.
    private func adopt(
        _ run: JournaledRun, _ commitment: Commitment, _ live: [Module: LiveDataset], _ target: any TargetConnector,
        isStillOurs: Bool
    ) async -> ReadBack? {
        var readBack: ReadBack?
        do {
            let claim = run.claim
            let source = try context.source(claim.source, claim.settings.reading, making)
            let mapping = try CompiledMapping(
                claim.settings.mapping, layout: source.layout, modules: claim.modules)
            let room = StagingRoom(context.places, run: claim, mapping: mapping, pages: source.pages)
            let isKnown = isStillOurs && !commitment.uploads.contains { $0.isDisplaced(live) }
            if isKnown, run.bootID == context.bootID, mapping.fingerprint == commitment.mapping,
                (try? await room.reopen()) != nil
            {
                try await room.adopt(live, at: context.now, context.environment.crashPoints)
                readBack = try await readingBack(room, target).read(commitment.uploads, committed: live)
                if readBack?.firstWrong != nil {
                    try await room.forgetPublished()
                    context.crash(.readBackForgotten)
                }
            } else if isStillOurs {
                try await room.forgetPublished()
            }
            await room.close()
        } catch {
            context.environment.logger.notice(
                "A published set could not be taken over; the next run sends everything.",
                metadata: ["run.id": "\(run.claim.runID)", "error": "\(error)"])
        }
        return readBack
    }

    private func readingBack(_ room: StagingRoom, _ target: any TargetConnector) -> ReadingBack {
        ReadingBack(
            target: target, room: room, board: context.makeBoard(), crashPoints: context.environment.crashPoints,
            logger: context.environment.logger)
    }

    private func abortUploads(of run: JournaledRun) async {
        do {
            // By token, not by the noted ids: one may have been opened whose id was not noted any more.
            try await target(of: run).abortSessions(upTo: PublishingRun(run.claim, countedAt: run.claimedAt))
        } catch {
            context.environment.logger.notice(
                "Uploads of an earlier process could not be aborted; the next run of the connection will do it.",
                metadata: ["run.id": "\(run.claim.runID)", "error": "\(error)"])
        }
    }

    private func drop(_ run: JournaledRun) async throws {
        try context.places.staging.discard(run: run.claim.runID)
        context.crash(.recoveryDiscarded)
        try await context.database.removeRun(run.claim.runID)
        context.environment.logger.notice(
            "A run of an earlier process was dropped.",
            metadata: ["run.id": "\(run.claim.runID)", "step": "\(run.step.rawValue)"])
    }

    private func target(of run: JournaledRun) throws -> any TargetConnector {
        try context.target(run.claim.target, making)
    }

    private var making: ConnectorMaking { context.making(limit: context.limits.probeLimit) }
}
