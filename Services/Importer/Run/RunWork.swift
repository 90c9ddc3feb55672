import Connectors
import CoreTypes
import Logging
import MonitorAPI
import RPC
import SchedulerAPI
import ServiceRuntime
import Staging

/// Carries out the actions of one run's ``RunMachine`` and answers each with an event.
actor RunWork {
    let run: ClaimedRun
    let context: RunContext
    private let patience: Patience
    let making: ConnectorMaking
    let board: ProgressBoard
    let gate: CommitGate
    private let startedAt: Instant
    private var source: (any SourceConnector)?
    var target: (any TargetConnector)?
    var mapping: CompiledMapping?
    var room: StagingRoom?
    /// Made when first needed, at a shop that does not stage.
    private(set) var direct: DirectPublishing?
    private var facts: RunFacts?
    /// What the monitor wants looked for.
    private var rules: Task<FetchRules.Response?, Never>?
    /// What the shop showed when the staged set was compared with it.
    private var compared: [Module: LiveDataset] = [:]
    /// Whether uploads of this run may be open at the shop.
    private var mayHaveUploads = false

    /// - Parameter gate: What has to stand open until the very request that changes the shop.
    init(_ run: ClaimedRun, _ context: RunContext, board: ProgressBoard, gate: CommitGate) {
        self.run = run
        self.context = context
        self.board = board
        self.gate = gate
        making = context.making(limit: context.limits.runLimit)
        patience = making.patience
        startedAt = context.now
    }

    /// - Parameter facts: What the run has learnt so far.
    /// - Returns: nil when nobody knows whether the shop has committed, or the task was cancelled while it was asked: what
    ///   came of it is for ``Recovery`` to find out.
    func event(of action: RunAction, _ facts: RunFacts) async -> RunEvent? {
        self.facts = facts
        if action.isDirect { return await directEvent(of: action, facts) }
        do {
            return try await perform(action, facts)
        } catch is CancellationError {
            if action.isFinal { return nil }
            return .interrupted(.shutdown)
        } catch let doubt as CommitInDoubt {
            await recordDoubt(doubt, facts)
            return nil
        } catch let fault as SystemFault {
            return .failed(fault)
        } catch let withheld as CommitWithheld {
            return .withheld(withheld.obstacle)
        } catch let emptied as EmptiedModule {
            return .emptied(emptied)
        } catch StagingError.superseded {
            return .failed(SystemFault(.superseded, "a newer run has published", system: run.target.name))
        } catch {
            context.environment.logger.error(
                "A step of a run failed.", metadata: ["run.id": "\(run.runID)", "error": "\(error)"])
            return .failed(SystemFault(.internal, "\(error)", system: "Sluice"))
        }
    }

    private func perform(_ action: RunAction, _ facts: RunFacts) async throws -> RunEvent {
        switch action {
        case .admit: try await admit()
        case .takeUp(let task): try await takeUp(task)
        case .admitTarget: .admitted(live: try await admitTarget())
        case .count: try await count(facts)
        case .read: try await read(facts)
        case .sweep: try await sweep(facts)
        case .gather: try await gather(facts)
        case .judge(let evidence): try await judge(evidence)
        case .compare: try await compare(facts)
        case .upload(let uploads): try await upload(uploads, facts)
        case .commit(let sessions): try await commit(sessions, facts)
        case .rollBack(let task): try await rollBack(task, facts)
        case .forget: try await forget()
        case .adopt(let live): try await adopt(live, facts)
        case .readBack: try await readBack(facts)
        case .mend, .push, .settle, .revert: preconditionFailure("\(action) is for shops without staging")
        case .discardStaging, .end: preconditionFailure("\(action) has no event")
        }
    }

    // MARK: Reading

    private func admit() async throws -> RunEvent {
        let source = try context.source(run.source, run.settings.reading, making)
        self.source = source
        let mapping = try CompiledMapping(run.settings.mapping, layout: source.layout, modules: run.modules)
        self.mapping = mapping
        let target = try context.target(run.target, making)
        self.target = target
        room = StagingRoom(context.places, run: run, mapping: mapping, pages: source.pages)
        let changes = try await lookAtFields(source, mapping)
        if let fault = await target.probe(run.modules).fault { throw fault }
        try Task.checkCancellation()
        if case .staged(let shop) = target.way { try await shop.abortOlderSessions(publishing) }
        context.crash(.admitted)
        return .admitted(live: try await target.live(run.modules), sourceChanges: changes)
    }

    /// The source's pre-flight, and what of its fields is otherwise than when the connection last published.
    private func lookAtFields(
        _ source: any SourceConnector, _ mapping: CompiledMapping
    ) async throws -> [SourceFieldChange] {
        let probe = await source.probe(fields: mapping.sourceFields)
        if let fault = probe.fault { throw fault }
        guard let picture = probe.picture else { return [] }
        return try await context.database.compare(
            picture, mapped: mapping.sourceFields, of: run.connectionID, by: run.runID)
    }

    /// The token is taken outside of the counts, first before and last after, so that whatever changes between two looks
    /// lies between two tokens.
    private func count(_ facts: RunFacts) async throws -> RunEvent {
        let source = try unwrap(source)
        let isFirst = facts.before == nil
        let early = isFirst ? try await source.changeToken() : nil
        let count = try await source.count()
        board.update { $0.expected = count.count ?? $0.expected }
        return .counted(count, changeToken: isFirst ? early : try await source.changeToken())
    }

    private func read(_ facts: RunFacts) async throws -> RunEvent {
        let room = try unwrap(room)
        board.update { progress in
            progress.page = 0
            progress.fetched = 0
        }
        try await room.create(at: context.now)
        context.crash(.stagingCreated)
        // Asked for before the first page, and not waited for before all are read.
        rules?.cancel()
        rules = Task { await fetchRules() }
        _ = try await reader(facts).read(.items, .fields(try unwrap(mapping).sourceFields))
        let sealed = try await room.seal()
        context.crash(.stagingSealed)
        return .staged(sealed.figures, pages: sealed.pages)
    }

    private func sweep(_ facts: RunFacts) async throws -> RunEvent {
        let room = try unwrap(room)
        board.update { progress in
            progress.page = 0
            progress.fetched = 0
        }
        try await room.beginSweep()
        _ = try await reader(facts).read(.keys, .keys)
        return .swept(try await room.finishSweep())
    }

    private func reader(_ facts: RunFacts) throws -> PageReader {
        PageReader(
            source: try unwrap(source), room: try unwrap(room), patience: patience, board: board,
            crashPoints: context.environment.crashPoints, counted: facts.before?.count,
            rowsMax: context.limits.rowsMax, pagesInFlight: context.limits.pagesInFlight)
    }

    // MARK: Judging

    private func gather(_ facts: RunFacts) async throws -> RunEvent {
        try await learnShopList(facts.liveBefore)
        let seen = try await unwrap(room).evidence(beside: facts.liveBefore, try await learnRules())
        return .gathered(
            ImportEvidence(
                run, facts, seen, readFilter: try unwrap(source).readFilter, from: startedAt, to: context.now))
    }

    private func learnRules() async throws -> FetchRules.Response? {
        guard let asked = rules else { return nil }
        let answer = await withTaskCancellationHandler {
            await asked.value
        } onCancel: {
            asked.cancel()
        }
        try Task.checkCancellation()
        return answer
    }

    /// Where the shop has products that were not published from here, its own list says what may be missing.
    func learnShopList(_ live: [Module: LiveDataset]) async throws {
        let room = try unwrap(room)
        guard try await room.foreign(live).contains(.products), let products = live[.products], products.count > 0
        else { return }
        let listed = Collected<ListedProduct>()
        try await unwrap(target).listProducts { await listed.append($0) }
        try await room.recordShopList(await listed.elements, live, at: context.now)
        context.crash(.shopListRecorded)
    }

    /// - Returns: nil while the monitor is away. Then nobody looks, and the monitor judges accordingly.
    func fetchRules() async -> FetchRules.Response? {
        try? await context.monitor.persistently(
            FetchRules(connectionID: run.connectionID), for: context.limits.serviceLimit, run.traceparent,
            context.environment)
    }

    private func judge(_ evidence: ImportEvidence) async throws -> RunEvent {
        let response: JudgeImport.Response
        do {
            response = try await context.monitor.persistently(
                JudgeImport(evidence: evidence, releases: run.task?.runID), for: context.limits.serviceLimit,
                run.traceparent, context.environment)
        } catch {
            if error.status == .cancelled { throw CancellationError() }
            if error.status == .aborted { return .interrupted(.superseded) }
            let words = "\(error.status.name): \(error.reason)"
            // Only a monitor that is away may come back and judge. One that refuses would refuse again.
            guard error.status == .unavailable || error.status == .deadlineExceeded else {
                throw SystemFault(.internal, "the monitor refuses to judge: \(words)", system: "Sluice")
            }
            return .unjudged(detail: words)
        }
        context.crash(.judged)
        do {
            return .judged(try context.verdictCheck.open(response.verdict, for: evidence))
        } catch {
            throw invalid(error)
        }
    }

    /// A verdict that is not one is our own fault or an attack; either way the shop is not touched.
    private func invalid(_ fault: VerdictFault) -> SystemFault {
        context.environment.logger.error(
            "A verdict was refused.", metadata: ["run.id": "\(run.runID)", "fault": "\(fault)"])
        return SystemFault(.internal, "the monitor's verdict is not valid: \(fault)", system: "Sluice")
    }

    // MARK: Publishing

    private func compare(_ facts: RunFacts) async throws -> RunEvent {
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

    private func upload(_ uploads: [PlannedUpload], _ facts: RunFacts) async throws -> RunEvent {
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

    private func commit(_ sessions: [UploadSession], _ facts: RunFacts) async throws -> RunEvent {
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
    private func recordDoubt(_ doubt: CommitInDoubt, _ facts: RunFacts) async {
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

    private func adopt(_ live: [Module: LiveDataset], _ facts: RunFacts) async throws -> RunEvent {
        guard !facts.uploads.contains(where: { $0.isDisplaced(live) }) else {
            try await unwrap(room).forgetPublished()
            context.crash(.displacedForgotten)
            return .adopted
        }
        try await unwrap(room).adopt(live, at: context.now, context.environment.crashPoints)
        context.crash(.adopted)
        return .adopted
    }

    private func readBack(_ facts: RunFacts) async throws -> RunEvent {
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

    // MARK: Leaving

    func discardStaging() async { await room?.discard() }

    /// A set that is released stays with the run that has staged it until the release is over.
    private var ownsStaging: Bool { run.task == nil }

    /// Gives back what the run holds outside: open uploads at the shop, the session at the source, its files.
    ///
    /// - Parameter keepsStaging: Whether the staging file stays, for a person to release or for the journal to resume.
    func leave(keepsStaging: Bool, abortsUploads: Bool) async {
        rules?.cancel()
        if !keepsStaging, ownsStaging { await room?.discard() }
        await room?.close()
        if abortsUploads, direct != nil { try? await context.journals.discardUnbegun(run) }
        if abortsUploads, mayHaveUploads { await abortUploads() }
        await source?.logOut()
    }

    /// A shop that hangs must not keep the run from saying that it is over.
    private func abortUploads() async {
        do {
            let limit = context.limits.leavingLimit
            try await within(limit, context.environment.clock) { [target, publishing] in
                guard case .staged(let shop) = target?.way else { return }
                try await shop.abortSessions(upTo: publishing)
            }
        } catch {
            context.environment.logger.notice(
                "Uploads could not be aborted; the next run of the connection will do it.",
                metadata: ["run.id": "\(run.runID)", "error": "\(error)"])
        }
    }

    var publishing: PublishingRun {
        var publishing = PublishingRun(run, countedAt: startedAt)
        publishing.isApproved = facts?.verdict?.approval != nil
        return publishing
    }

    private var staged: any StagedTarget {
        get throws {
            guard case .staged(let shop) = try unwrap(target).way else {
                preconditionFailure("uploads are for shops that stage")
            }
            return shop
        }
    }

    /// For a shop that does not stage; made once.
    func makeDirect() throws -> DirectPublishing {
        if let direct { return direct }
        guard case .direct(let shop) = try context.target(run.target, making).way else {
            preconditionFailure("rows are pushed to shops that do not stage")
        }
        let made = DirectPublishing(run: run, context: context, target: shop, board: board) { [gate] in gate.obstacle }
        direct = made
        return made
    }

    func unwrap<Value>(_ value: Value?) throws -> Value {
        guard let value else { preconditionFailure("admitted before it is used") }
        return value
    }
}

extension PublishingRun {
    init(_ run: ClaimedRun, countedAt: Instant) {
        self.init(
            connectionID: run.connectionID, runID: run.runID, fencingToken: run.fencingToken, countedAt: countedAt)
    }
}

/// The commit was not asked for, because the run had to stop on the way to it.
struct CommitWithheld: Error {
    let obstacle: Interruption
}

/// Runs `body` and gives it up after `limit`.
private func within(
    _ limit: Duration, _ clock: any Clock<Duration>, _ body: @escaping @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(for: limit)
            throw SystemFault(.timeout, "no answer within \(limit)")
        }
        defer { group.cancelAll() }
        try await group.next()
    }
}

/// Gathers what arrives page by page.
private actor Collected<Element: Sendable> {
    private(set) var elements: [Element] = []

    func append(_ more: [Element]) { elements += more }
}
