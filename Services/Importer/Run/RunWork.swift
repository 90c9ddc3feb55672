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
    let patience: Patience
    let making: ConnectorMaking
    let board: ProgressBoard
    let gate: CommitGate
    let startedAt: Instant
    var source: (any SourceConnector)?
    var target: (any TargetConnector)?
    var mapping: CompiledMapping?
    var room: StagingRoom?
    /// Made when first needed, at a shop that does not stage.
    private(set) var direct: DirectPublishing?
    private(set) var facts: RunFacts?
    /// What the monitor wants looked for.
    var rules: Task<FetchRules.Response?, Never>?
    /// What the shop showed when the staged set was compared with it.
    var compared: [Module: LiveDataset] = [:]
    /// What was left of a read of the connection; nil when there is nothing, or no more.
    var left: LeftRead?
    /// How far it was taken over; nil when reading begins at the beginning.
    var takenOver: ReadPosition?
    /// Whether uploads of this run may be open at the shop.
    var mayHaveUploads = false

    /// - Parameters:
    ///   - gate: What has to stand open until the very request that changes the shop.
    ///   - left: What an earlier process has left of a read of the connection.
    init(
        _ run: ClaimedRun, _ context: RunContext, board: ProgressBoard, gate: CommitGate, left: LeftRead? = nil
    ) {
        self.run = run
        self.left = left
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
        case .resume: .resumed(try await resume(facts))
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
        await throwAwayLeft()
        if abortsUploads, direct != nil { try? await context.journals.discardUnbegun(run) }
        // At once, and neither for long: a system that hangs must not keep the run from saying that it is over.
        async let loggedOut: Void = logOut()
        if abortsUploads, mayHaveUploads { await abortUploads() }
        await loggedOut
    }

    /// What is not given back in time times out at the source.
    private func logOut() async {
        guard let source else { return }
        try? await within(context.limits.leavingLimit, context.environment.clock) { await source.logOut() }
    }

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

    var staged: any StagedTarget {
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
