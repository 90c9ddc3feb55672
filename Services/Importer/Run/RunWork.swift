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
    private let run: ClaimedRun
    private let context: RunContext
    private let patience: Patience
    private let making: ConnectorMaking
    let board: ProgressBoard
    private let startedAt: Instant
    private var source: (any SourceConnector)?
    private var target: (any TargetConnector)?
    private var mapping: CompiledMapping?
    private var room: StagingRoom?
    private var facts: RunFacts?
    /// Whether uploads of this run may be open at the shop.
    private var mayHaveUploads = false

    init(_ run: ClaimedRun, _ context: RunContext, board: ProgressBoard) {
        self.run = run
        self.context = context
        self.board = board
        making = context.making(limit: context.limits.runLimit)
        patience = making.patience
        startedAt = context.now
    }

    /// - Parameter facts: What the run has learnt so far.
    /// - Returns: nil when the task was cancelled under an action that may not be interrupted: what came of it is for
    ///   the journal to find out.
    func event(of action: RunAction, _ facts: RunFacts) async -> RunEvent? {
        self.facts = facts
        do {
            return try await perform(action, facts)
        } catch is CancellationError {
            if case .commit = action { return nil }
            return .interrupted(.shutdown)
        } catch let fault as SystemFault {
            return .failed(fault)
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
        case .count: try await count()
        case .read: try await read()
        case .sweep: try await sweep()
        case .gather: try await gather(facts)
        case .judge(let evidence): try await judge(evidence)
        case .compare: try await compare(facts)
        case .upload(let uploads): try await upload(uploads, facts)
        case .commit(let sessions): try await commit(sessions, facts)
        case .adopt(let live): try await adopt(live)
        case .readBack: try await readBack(facts)
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
        if let fault = await source.probe(fields: mapping.sourceFields).fault { throw fault }
        if let fault = await target.probe(run.modules).fault { throw fault }
        try Task.checkCancellation()
        try await target.abortOlderSessions(publishing)
        return .admitted(live: try await target.live(run.modules))
    }

    private func count() async throws -> RunEvent {
        let source = try unwrap(source)
        let count = try await source.count()
        board.update { $0.expected = count.count ?? $0.expected }
        return .counted(count, changeToken: try await source.changeToken())
    }

    private func read() async throws -> RunEvent {
        let room = try unwrap(room)
        board.update { progress in
            progress.page = 0
            progress.fetched = 0
        }
        try await room.create(at: context.now)
        context.crash("importer.staging.created")
        _ = try await reader().read(.items, .fields(try unwrap(mapping).sourceFields))
        let sealed = try await room.seal()
        context.crash("importer.staging.sealed")
        return .staged(sealed.figures, pages: sealed.pages)
    }

    private func sweep() async throws -> RunEvent {
        let room = try unwrap(room)
        try await room.beginSweep()
        _ = try await reader().read(.keys, .keys)
        return .swept(try await room.finishSweep())
    }

    private func reader() throws -> PageReader {
        PageReader(
            source: try unwrap(source), room: try unwrap(room), patience: patience, board: board,
            crashPoints: context.environment.crashPoints)
    }

    // MARK: Judging

    private func gather(_ facts: RunFacts) async throws -> RunEvent {
        try await learnShopList(facts.liveBefore)
        let seen = try await unwrap(room).evidence()
        return .gathered(
            ImportEvidence(
                run, facts, seen, readFilter: try unwrap(source).readFilter, from: startedAt, to: context.now))
    }

    /// Where the shop has products that were not published from here, its own list says what may be missing.
    private func learnShopList(_ live: [Module: LiveDataset]) async throws {
        let room = try unwrap(room)
        guard try await room.foreign(live).contains(.products), let products = live[.products], products.count > 0
        else { return }
        let listed = Collected<ListedProduct>()
        try await unwrap(target).listProducts { await listed.append($0) }
        try await room.recordShopList(await listed.elements, live, at: context.now)
    }

    private func judge(_ evidence: ImportEvidence) async throws -> RunEvent {
        let response: JudgeImport.Response
        do {
            response = try await context.monitor.persistently(
                JudgeImport(evidence: evidence), for: context.limits.serviceLimit, run.traceparent,
                context.environment)
        } catch {
            if error.status == .cancelled { throw CancellationError() }
            if error.status == .aborted { return .interrupted(.superseded) }
            return .unjudged(detail: "\(error.status.name): \(error.reason)")
        }
        context.crash("importer.judged")
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
        let live = try await unwrap(target).live(run.modules)
        let uploads = try await room.plan(full: try await room.foreign(live))
        context.crash("importer.compared")
        return .compared(uploads)
    }

    private func upload(_ uploads: [PlannedUpload], _ facts: RunFacts) async throws -> RunEvent {
        let uploader = Uploader(
            target: try unwrap(target), room: try unwrap(room), board: board,
            crashPoints: context.environment.crashPoints, chunksInFlight: context.limits.chunksInFlight)
        mayHaveUploads = true
        let sessions = try await uploader.upload(uploads, for: publishing) { [context, run] sessions in
            try await context.database.recordSessions(sessions, of: run.runID, at: context.now)
        }
        return .uploaded(sessions)
    }

    private func commit(_ sessions: [UploadSession], _ facts: RunFacts) async throws -> RunEvent {
        guard let verdict = facts.verdict else { preconditionFailure("nothing is committed without a verdict") }
        do { try context.verdictCheck.checkExpiry(of: verdict) } catch { throw invalid(error) }
        let commitment = Commitment(
            uploads: facts.uploads, report: facts.reportPublished(readBack: nil),
            mapping: try unwrap(mapping).fingerprint)
        try await context.database.recordCommitIntent(commitment, of: run.runID, at: context.now)
        context.crash("importer.commit.intended")
        let live = try await unwrap(target).commit(sessions, for: publishing)
        mayHaveUploads = false
        context.crash("importer.commit.answered")
        try await context.database.recordCommitted(run.runID, at: context.now)
        context.crash("importer.commit.recorded")
        return .committed(live)
    }

    private func adopt(_ live: [Module: LiveDataset]) async throws -> RunEvent {
        try await unwrap(room).adopt(live, at: context.now, context.environment.crashPoints)
        context.crash("importer.adopted")
        return .adopted
    }

    private func readBack(_ facts: RunFacts) async throws -> RunEvent {
        let live = try await unwrap(target).live(facts.uploads.map(\.module))
        if facts.uploads.contains(where: { live[$0.module]?.count != $0.total }) {
            try await unwrap(room).forgetPublished()
        }
        return .readBack(live)
    }

    // MARK: Leaving

    func discardStaging() async { await room?.discard() }

    /// Gives back what the run holds outside: open uploads at the shop, the session at the source, its files.
    ///
    /// - Parameter keepsStaging: Whether the staging file stays, for a person to release or for the journal to resume.
    func leave(keepsStaging: Bool, abortsUploads: Bool) async {
        if !keepsStaging { await room?.discard() }
        await room?.close()
        if abortsUploads, mayHaveUploads { await abortUploads() }
        await source?.logOut()
    }

    private func abortUploads() async {
        do {
            try await target?.abortSessions(upTo: publishing)
        } catch {
            context.environment.logger.notice(
                "Uploads could not be aborted; the next run of the connection will do it.",
                metadata: ["run.id": "\(run.runID)", "error": "\(error)"])
        }
    }

    private var publishing: PublishingRun { PublishingRun(run, countedAt: startedAt) }

    private func unwrap<Value>(_ value: Value?) throws -> Value {
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

/// Gathers what arrives page by page.
private actor Collected<Element: Sendable> {
    private(set) var elements: [Element] = []

    func append(_ more: [Element]) { elements += more }
}
