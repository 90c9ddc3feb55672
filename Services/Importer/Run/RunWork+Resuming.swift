import Connectors
import CoreTypes
import Logging
import SchedulerAPI
import ServiceRuntime
import Staging

/// Going on where a lost run has stopped reading.
extension RunWork {
    /// Takes over the pages the lost run had committed, when they are still what the source would send now, and proves them
    /// on the way. Else nothing of them is used. In both cases its file is gone afterwards.
    func resume(_ facts: RunFacts) async throws -> EarlierRead {
        let earlier = try await takeOver(facts)
        await throwAwayLeft()
        context.crash(.readResumed)
        context.environment.logger.notice(
            "A run stands for a lost one that may have been reading.",
            metadata: [
                "run.id": "\(run.runID)", "lost.id": "\(earlier.runID?.rawValue ?? "")",
                "use": "\(earlier.use.rawValue)", "pages": "\(earlier.pages)",
            ])
        return earlier
    }

    /// Notes what a read rests on, durably, before its first page; where it could not be gone on with, nothing.
    func noteBasis(_ facts: RunFacts) async throws {
        // What stands for a lost run is not queued once more: nobody would come for it.
        guard run.task == nil, run.trigger != .afterLoss, let counted = facts.before, counted.changeToken != nil,
            try unwrap(source).isReentrant
        else { return }
        // From before the first question, so that no page can be older.
        let basis = ReadBasis(claim: run, counted: counted, begunAt: startedAt)
        try await context.database.recordRead(basis, bootID: context.bootID, at: context.now)
        context.crash(.readNoted)
    }

    /// Notes now and then that the read goes on, until it is cancelled: so it is known later when it stopped.
    func noteSignsOfLife() async {
        while true {
            try? await context.environment.clock.sleep(for: context.limits.signsOfLife)
            if Task.isCancelled { return }
            try? await context.database.recordAlive(run.runID, at: context.now)
        }
    }

    /// Throws away what was left of a read, used or not.
    func throwAwayLeft() async {
        guard let left else { return }
        self.left = nil
        do {
            await room?.closeKept()
            try context.places.staging.discard(run: left.basis.claim.runID)
            try await context.database.forgetReads(takenBy: run.runID)
        } catch {
            context.environment.logger.notice(
                "What a lost run had read could not be thrown away; the next start of this importer will do it.",
                metadata: ["run.id": "\(left.basis.claim.runID)", "error": "\(error)"])
        }
    }

    private func takeOver(_ facts: RunFacts) async throws -> EarlierRead {
        guard let left, left.isReplaced(by: run) else {
            return EarlierRead(try unwrap(source).isReentrant ? .notKept : .notReentrant)
        }
        if let obstacle = left.obstacle(for: run, facts.before, at: context.now, within: context.limits) {
            return left.told(obstacle)
        }
        let room = try unwrap(room)
        try await room.create(at: context.now)
        context.crash(.stagingCreated)
        do {
            let position = try await copyPages(of: left, to: room)
            guard position.pages > 0 else { return left.told(.notKept) }
            takenOver = position
            return left.told(.resumed, position)
        } catch {
            guard let use = (error as? StagingError)?.useOfPages else { throw error }
            context.environment.logger.warning(
                "What a lost run had read is not used.",
                metadata: ["run.id": "\(left.basis.claim.runID)", "error": "\(error)"])
            return left.told(use)
        }
    }

    /// Each page is read from the file as if the source sent it, and must be the page that was noted and lead to where it
    /// led then.
    private func copyPages(of left: LeftRead, to room: StagingRoom) async throws -> ReadPosition {
        let source = try unwrap(source)
        var request = PageRequest(.fields(try unwrap(mapping).sourceFields))
        var position = ReadPosition.beginning
        try await room.openKept(of: left.basis.claim)
        while let (page, cursor) = try await room.takeKeptPage() {
            guard try source.cursor(after: page, of: request) == cursor else {
                throw StagingError.damaged("page \(page.number) leads elsewhere")
            }
            try await room.commitPage(cursor: cursor)
            context.crash(.pageTakenOver)
            request.cursor = cursor
            position = ReadPosition(pages: page.number, rows: position.rows + page.rows, cursor: cursor)
            board.update { [position] progress in
                progress.page = position.pages
                progress.fetched = position.rows
            }
            try Task.checkCancellation()
        }
        return position
    }
}

extension LeftRead {
    /// Whether `run` was queued in the place of the run that was reading.
    ///
    /// Each claim of a connection raises its token by one, and a connection has one run at a time. So when nobody has
    /// claimed it in between, the run that stands for a lost one stands for this one.
    func isReplaced(by run: ClaimedRun) -> Bool {
        run.task == nil && run.trigger == .afterLoss && run.connectionID == basis.claim.connectionID
            && run.fencingToken == basis.claim.fencingToken + 1
    }

    /// Why its pages are not used.
    ///
    /// - Parameter counted: What the source says now.
    /// - Returns: nil when nothing speaks against it.
    func obstacle(
        for run: ClaimedRun, _ counted: CountedSource?, at now: Instant, within limits: RunLimits
    ) -> EarlierRead.Use? {
        let before = basis.claim
        guard run.settings == before.settings, run.modules == before.modules, run.source == before.source,
            run.target == before.target
        else { return .settingsChanged }
        // A clock that was set back says nothing about age.
        guard (.zero...limits.runLimit).contains(now - basis.begunAt),
            (.zero...limits.leftReadLimit).contains(now - aliveAt)
        else { return .tooOld }
        guard let token = counted?.changeToken else { return .noChangeToken }
        guard token == basis.counted.changeToken else { return .sourceChanged }
        guard counted == basis.counted else { return .countDiffers }
        return nil
    }

    func told(_ use: EarlierRead.Use, _ position: ReadPosition = .beginning) -> EarlierRead {
        EarlierRead(
            use, runID: basis.claim.runID, begunAt: basis.begunAt, stoppedAt: aliveAt, pages: position.pages,
            rows: position.rows)
    }
}

extension EarlierRead {
    /// Since when the source was read, where pages were taken over.
    var resumedSince: Instant? { use == .resumed ? begunAt : nil }
}

extension StagingError {
    /// What it means for pages that were to be taken over; nil for a fault that has nothing to do with them.
    fileprivate var useOfPages: EarlierRead.Use? {
        switch self {
        case .damaged, .otherRun: .damaged
        case .notFound: .notKept
        case .otherMapping: .settingsChanged
        default: nil
        }
    }
}
