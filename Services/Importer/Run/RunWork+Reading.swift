import Connectors
import CoreTypes
import SchedulerAPI
import ServiceRuntime
import Staging

/// From the pre-flight to the last page.
extension RunWork {
    func admit() async throws -> RunEvent {
        let source = try context.source(run.source, run.settings.reading, making)
        self.source = source
        let mapping = try CompiledMapping(run.settings.mapping, layout: source.layout, modules: run.modules)
        self.mapping = mapping
        let target = try context.target(run.target, making)
        self.target = target
        room = StagingRoom(context.places, run: run, mapping: mapping, pages: source.pages)
        let changes = try await lookAtFields(source, mapping)
        if !changes.isEmpty { board.update { $0.sourceChanges = Array(changes.prefix(20)) } }
        if let fault = await target.probe(run.modules).fault { throw fault }
        try Task.checkCancellation()
        if case .staged(let shop) = target.way { try await shop.abortOlderSessions(publishing) }
        context.crash(.admitted)
        return .admitted(live: try await target.live(run.modules), sourceChanges: changes)
    }

    /// The source's pre-flight, and what of its fields is otherwise than when the connection last published.
    func lookAtFields(
        _ source: any SourceConnector, _ mapping: CompiledMapping
    ) async throws -> [SourceFieldChange] {
        let probe = await source.probe(fields: mapping.sourceFields)
        if let fault = probe.fault { throw fault }
        guard let picture = probe.picture else { return [] }
        return try await context.database.compare(
            picture, mapped: mapping.namesRead, of: run.connectionID, by: run.runID)
    }

    /// The token is taken outside of the counts, first before and last after, so that whatever changes between two looks
    /// lies between two tokens.
    func count(_ facts: RunFacts) async throws -> RunEvent {
        let source = try unwrap(source)
        let isFirst = facts.before == nil
        let early = isFirst ? try await source.changeToken() : nil
        let count = try await source.count()
        board.update { $0.expected = count.count ?? $0.expected }
        return .counted(count, changeToken: isFirst ? early : try await source.changeToken())
    }

    func read(_ facts: RunFacts) async throws -> RunEvent {
        let room = try unwrap(room)
        let start = takenOver ?? .beginning
        // For this reading only: when the source changes meanwhile, everything is read again.
        takenOver = nil
        board.update { progress in
            progress.page = start.pages
            progress.fetched = start.rows
        }
        if start == .beginning {
            await throwAwayLeft()
            try await noteBasis(facts)
            try await room.create(at: context.now)
            context.crash(.stagingCreated)
        }
        // Asked for before the first page, and not waited for before all are read.
        rules?.cancel()
        rules = Task { await fetchRules() }
        async let _ = noteSignsOfLife()
        _ = try await reader(facts).read(.items, .fields(try unwrap(mapping).sourceFields), from: start)
        let sealed = try await room.seal()
        context.crash(.stagingSealed)
        return .staged(sealed.figures, pages: sealed.pages)
    }

    func sweep(_ facts: RunFacts) async throws -> RunEvent {
        let room = try unwrap(room)
        board.update { progress in
            progress.page = 0
            progress.fetched = 0
        }
        try await room.beginSweep()
        _ = try await reader(facts).read(.keys, .keys)
        return .swept(try await room.finishSweep())
    }

    func reader(_ facts: RunFacts) throws -> PageReader {
        PageReader(
            source: try unwrap(source), room: try unwrap(room), patience: patience, board: board,
            crashPoints: context.environment.crashPoints, counted: facts.before?.count,
            rowsMax: context.limits.rowsMax, pagesInFlight: context.limits.pagesInFlight)
    }
}
