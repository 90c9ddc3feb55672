import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime
import Staging

/// Resolves runs a process before this one did not bring to an end, from the journal.
///
/// No run is begun or judged anew. Where nothing was asked of the shop, uploads are aborted and the scheduler finds the run
/// lost. Where a commit was asked for, the shop says whether it took place; what did is adopted, read back and reported. Rows
/// that stand half done at a shop without staging go on the way they were going, sent or taken back, while the run is ours.
struct Recovery: Sendable {
    let context: RunContext
    let inHand: RunsInHand
    let startedAt: Instant

    init(context: RunContext, inHand: RunsInHand) {
        self.context = context
        self.inHand = inHand
        startedAt = context.now
    }

    /// How long a held set is kept at most. The scheduler gives a person a day from when it was held; reading and
    /// deciding on the last minute come on top.
    static let heldLimit: Duration = .seconds(30 * 3600)

    /// Once, before anything is claimed: staging files nobody will ask for again.
    func sweepFiles() async throws {
        let left = try await context.database.findLeftReads(bootID: context.bootID, at: context.now)
        let kept = try await context.database.journaledRuns().filter { run in
            run.bootID == context.bootID && [.committing, .committed, .ended, .held].contains(run.step)
        }
        try context.places.staging.sweep(keep: left.union(kept.map(\.claim.runID)))
    }

    /// Takes up every journaled run that no task of this process is at work on.
    ///
    /// - Returns: false: what could not be resolved waits for the interval.
    func pass(_ publishing: Publishing? = nil) async throws -> Bool {
        for run in try await left(publishing) { await takeUp(run.claim.runID) }
        try await throwAwayLeftReads()
        return false
    }

    /// Runs that no task of this process is at work on, the oldest first.
    func left(_ publishing: Publishing? = nil) async throws -> [JournaledRun] {
        try await context.database.journaledRuns().filter { run in
            !inHand.contains(run.claim.runID) && (publishing == nil || publishing == Publishing(of: run))
        }
    }

    /// Brings one run as far as it can be brought now.
    func takeUp(_ id: RunID) async {
        do {
            // Read again: while the ones before it were resolved, this one may have gone on, or come to its end.
            guard let run = try await context.database.journaledRun(id), !inHand.contains(id) else { return }
            try await resolve(run)
        } catch {
            context.environment.logger.notice(
                "A run cannot be resolved from the journal yet.",
                metadata: ["run.id": "\(id)", "error": "\(error)"])
        }
    }

    /// Reads of lost runs in whose place no run has come here: it was not queued, or another importer has taken it.
    private func throwAwayLeftReads() async throws {
        for run in try await context.database.forgetLeftReads(foundBefore: context.now - context.limits.leftReadLimit) {
            try context.places.staging.discard(run: run)
            context.environment.logger.notice(
                "What a lost run had read was thrown away: nobody has come to go on with it.",
                metadata: ["run.id": "\(run)"])
        }
    }

    /// Runs are taken up by how their shop is written to: row by row may take long, and nobody else shall wait for it.
    enum Publishing: Sendable, Equatable {
        case together
        case rowByRow

        fileprivate init(of run: JournaledRun) { self = run.claim.target.kind.isDirect ? .rowByRow : .together }
    }

    private func resolve(_ run: JournaledRun) async throws {
        switch run.step {
        case .reading, .uploading:
            await abortUploads(of: run)
            context.crash(.recoveryAborted)
            try await drop(run)
        case .committing, .committed:
            try await resolveCommit(of: run)
        case .ended:
            guard let report = run.report else { preconditionFailure("the schema holds a report for this step") }
            if report.outcome != .published { await abortUploads(of: run) }
            try await ReportDelivery(context).deliver(report, of: run.claim)
        case .held:
            if try await isWanted(run) { return }
            try await drop(run)
        }
    }

    /// Whether a held set may still be released. Without an answer it is kept, but not for ever.
    private func isWanted(_ run: JournaledRun) async throws -> Bool {
        guard run.bootID == context.bootID, context.now - run.claimedAt < Self.heldLimit else { return false }
        let answer = try? await context.scheduler.call(
            CheckHeldRuns(runIDs: [run.claim.runID]), within: .seconds(5), traceparent: run.claim.traceparent)
        return answer?.kept.contains(run.claim.runID) ?? true
    }

    /// Only the shop knows whether the commit took place.
    private func resolveCommit(of run: JournaledRun) async throws {
        if let commitment = run.commitment, commitment.push != nil { return try await resolvePush(of: run, commitment) }
        if run.step == .committed { return try await complete(run) }
        if let rollback = run.commitment?.rollback { return try await resolveRollback(of: run, to: rollback) }
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

    /// What is live says whether the rollback took place; asked for again, it would be the same.
    private func resolveRollback(of run: JournaledRun, to versions: [PublishedVersion]) async throws {
        let live = try await target(of: run).live(versions.map(\.module))
        guard versions.allSatisfy({ live[$0.module]?.version == $0.version }) else { return try await drop(run) }
        try await context.database.recordCommitted(run.claim.runID, at: context.now)
        context.crash(.recoveryRecognised)
        try await complete(run)
    }

    /// At a shop without staging the journal says what is there, and it is gone on with while the run is ours. Once it is not,
    /// the connection may have another run, which has looked at what this one left.
    private func resolvePush(of run: JournaledRun, _ commitment: Commitment) async throws {
        try await inHand.holding(run.claim.runID) {
            let isOurs: Void? = try await LeftRunLease(context, run, commitment).whileOurs { lease in
                if run.step == .committed { return try await complete(run, lease) }
                try await goOn(run, commitment, lease)
            }
            if isOurs == nil { try await drop(run) }
        }
    }

    private func goOn(_ run: JournaledRun, _ commitment: Commitment, _ lease: LeftRunLease.Kept) async throws {
        switch try await DirectRecovery(context: context, run: run, commitment: commitment, lease: lease).goOn() {
        case .published:
            try await context.database.recordCommitted(run.claim.runID, at: context.now)
            context.crash(.recoveryRecognised)
            guard let run = try await context.database.journaledRun(run.claim.runID) else { return }
            try await complete(run, lease)
        case .ended(let report):
            try await context.database.recordEnd(report, of: run.claim.runID, at: context.now)
            context.crash(.recoveryRecorded)
            try await ReportDelivery(context).deliver(report, of: run.claim)
        case .dropped: try await drop(run)
        case .later: return
        }
    }

    private func uploadState(of run: JournaledRun) async throws -> UploadState {
        guard case .staged(let target) = try target(of: run).way else { return .gone }
        var states: [UploadState] = []
        for session in run.sessions { states.append(try await target.state(of: session.id)) }
        return UploadState(together: states)
    }

    /// Finishes a run whose commit took place: adopt, report.
    ///
    /// - Parameter lease: Kept where nothing at the shop fences: once it is lost, the rest is left to be dropped.
    private func complete(_ run: JournaledRun, _ lease: LeftRunLease.Kept? = nil) async throws {
        guard let commitment = run.commitment else { preconditionFailure("the schema holds a commitment") }
        guard commitment.rollback == nil else {
            try context.places.forgetPublished(run.claim.connectionID)
            try await context.database.recordEnd(commitment.report, of: run.claim.runID, at: context.now)
            context.crash(.recoveryRecorded)
            return try await ReportDelivery(context).deliver(commitment.report, of: run.claim)
        }
        let target = try target(of: run)
        let live = try await liveAfter(run, commitment, target)
        if lease?.gate.obstacle == .superseded { return }
        let isStillOurs = run.sessions.allSatisfy { live[$0.module]?.sessionID == $0.id }
        let board = lease?.board ?? context.makeBoard()
        let readBack = await adopt(run, commitment, live, target, isStillOurs: isStillOurs, board)
        var report = commitment.report
        for index in report.publication.indices where isStillOurs {
            let dataset = live[report.publication[index].module]
            report.publication[index].live = dataset?.count
            report.publication[index].version = dataset?.version
        }
        if commitment.push != nil { try await direct(run, target)?.finish() }
        report = report.noting(readBack, target: run.claim.target.name)
        try await context.database.recordEnd(report, of: run.claim.runID, at: context.now)
        context.crash(.recoveryRecorded)
        try await ReportDelivery(context).deliver(report, of: run.claim)
    }

    private func liveAfter(
        _ run: JournaledRun, _ commitment: Commitment, _ target: any TargetConnector
    ) async throws -> [Module: LiveDataset] {
        guard let direct = direct(run, target) else { return try await target.live(commitment.uploads.map(\.module)) }
        return try await direct.settled(commitment.uploads)
    }

    /// For reading what a run has done at a shop without staging; nil at any other.
    private func direct(_ run: JournaledRun, _ target: any TargetConnector) -> DirectPublishing? {
        guard case .direct(let shop) = target.way else { return nil }
        return DirectPublishing(
            run: run.claim, context: context, target: shop, board: context.makeBoard(), obstacle: { .superseded })
    }

    /// Makes the staged set the published one; where that cannot be done any more, the next run sends everything.
    ///
    /// - Returns: What the shop shows, beside what was staged; nil where there is nothing left to compare it with.
    private func adopt(
        _ run: JournaledRun, _ commitment: Commitment, _ live: [Module: LiveDataset], _ target: any TargetConnector,
        isStillOurs: Bool, _ board: ProgressBoard
    ) async -> ReadBack? {
        var readBack: ReadBack?
        do {
            let claim = run.claim
            let origin = try await stagedBy(claim)
            let source = try context.source(origin.source, origin.settings.reading, making)
            let mapping = try CompiledMapping(
                origin.settings.mapping, layout: source.layout, modules: origin.modules)
            let room = StagingRoom(
                context.places, run: claim, mapping: mapping, pages: source.pages, stagedBy: origin)
            let isKnown = isStillOurs && !commitment.uploads.contains { $0.isDisplaced(live) }
            if isKnown, run.bootID == context.bootID, mapping.fingerprint == commitment.mapping,
                (try? await room.reopen()) != nil
            {
                try await room.adopt(live, at: context.now, context.environment.crashPoints)
                readBack = try await readingBack(room, target, board).read(commitment.uploads, committed: live)
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

    /// The claim that has staged what this run publishes.
    private func stagedBy(_ claim: ClaimedRun) async throws -> ClaimedRun {
        guard let task = claim.task, task.kind == .release else { return claim }
        return try await context.database.journaledRun(task.runID)?.claim ?? claim
    }

    private func readingBack(
        _ room: StagingRoom, _ target: any TargetConnector, _ board: ProgressBoard
    ) -> ReadingBack {
        ReadingBack(
            target: target, room: room, board: board, crashPoints: context.environment.crashPoints,
            logger: context.environment.logger)
    }

    private func abortUploads(of run: JournaledRun) async {
        do {
            guard case .staged(let target) = try target(of: run).way else { return }
            // By token, not by the noted ids: one may have been opened whose id was not noted any more.
            try await target.abortSessions(upTo: PublishingRun(run.claim, countedAt: run.claimedAt))
        } catch {
            context.environment.logger.notice(
                "Uploads of an earlier process could not be aborted; the next run of the connection will do it.",
                metadata: ["run.id": "\(run.claim.runID)", "error": "\(error)"])
        }
    }

    private func drop(_ run: JournaledRun) async throws {
        // What it has read may be gone on with by the run in its place, which then throws it away.
        if try await !context.database.hasLeftRead(run.claim.runID) {
            try context.places.staging.discard(run: run.claim.runID)
        }
        context.crash(.recoveryDiscarded)
        if run.claim.target.kind.isDirect { try await context.journals.discardUnbegun(run.claim) }
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
