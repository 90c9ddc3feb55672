import Connectors
import CoreTypes
import Logging
import RPC
import SchedulerAPI
import ServiceRuntime
import Synchronization

/// Sees to it that no shop without staging stays half published because no run of its connection comes: because it was
/// switched off, parked or has no schedule, or because the shop was away for longer than a run waits.
///
/// Nothing is written here. The scheduler is asked for a run that brings the publish to its end, so that whoever else may
/// have the connection is fenced as ever.
struct LeftoverPushes: Sendable {
    let context: RunContext
    private let asked: AskedBefore

    init(_ context: RunContext) {
        self.context = context
        asked = AskedBefore(context.environment.clock)
    }

    /// - Returns: false: what could not be asked for waits for the interval.
    func pass() async throws -> Bool {
        let left = Dictionary(grouping: try await context.journals.halfDone(), by: \.connection)
        asked.forget(allBut: left.keys)
        for (connection, names) in left {
            do {
                try await ask(names)
            } catch let error where !(error is CancellationError) {
                context.environment.logger.notice(
                    "A publish stands half done, and the scheduler could not be asked for a run to finish it.",
                    metadata: ["connection.id": "\(connection)", "error": "\(error)"])
            }
        }
        return false
    }

    /// - Parameter names: What one connection has, the newest first: one run brings all of it to its end.
    private func ask(_ names: [PublishJournals.Name]) async throws {
        for name in names {
            // While the run itself, or the recovery of it, is at work on it, it needs no other.
            guard try await context.database.journaledRun(name.run) == nil else { return }
            if let record = try await unfinished(name) { return try await ask(record) }
        }
    }

    private func ask(_ record: PublishJournal.Record) async throws {
        let name = record.name
        guard asked.isDue(name.connection) else { return }
        let answer = try await context.scheduler.call(
            ResumePush(runID: name.run, returningTo: record.wantedRun), within: .seconds(10))
        switch answer.answer {
        case .queued:
            asked.noteRun(of: name.connection)
            context.environment.logger.notice(
                "A publish stands half done; a run was queued to bring it to its end.",
                metadata: metadata(name, ["by": "\(answer.runID?.rawValue ?? "")"]))
        case .overtaken: try await close(name)
        case .active, .later: break
        }
    }

    private func unfinished(_ name: PublishJournals.Name) async throws -> PublishJournal.Record? {
        guard let journal = try context.journals.open(name) else {
            context.journals.discard(name)
            return nil
        }
        defer { journal.close() }
        let record = try await journal.record()
        return record?.state.isUnfinished == true ? record : nil
    }

    private func close(_ name: PublishJournals.Name) async throws {
        try await context.journals.inHand.holding(name.connection, context.environment.clock) {
            guard let journal = try context.journals.open(name) else { return }
            defer { journal.close() }
            guard try await journal.record()?.state.isUnfinished == true else { return }
            try await journal.enter(.overtaken)
        }
        context.environment.logger.notice(
            "A publish that was left half done is not gone on with: others had the connection since.",
            metadata: metadata(name))
    }

    private func metadata(_ name: PublishJournals.Name, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        ["run.id": "\(name.run)", "connection.id": "\(name.connection)"].merging(more) { _, new in new }
    }
}

/// For which connections the scheduler has queued runs, so that a shop that stays away, or a key that stays wrong, does not
/// get one after the other. Counted are runs that were queued, for one may end before it has come to any journal.
private final class AskedBefore: Sendable {
    private struct Asked {
        var notBefore: Duration = .zero
        var pause: Duration = .zero
    }

    private static let firstPause: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(3600)
    private let asked = Mutex<[ConnectionID: Asked]>([:])
    private let watch: Stopwatch

    init(_ clock: any Clock<Duration>) { watch = Stopwatch(clock) }

    /// Whether a run may be asked for now: at once, and after each that was queued, twice as long as before.
    func isDue(_ connection: ConnectionID) -> Bool {
        let now = watch.elapsed
        return asked.withLock { now >= $0[connection, default: Asked()].notBefore }
    }

    func noteRun(of connection: ConnectionID) {
        let now = watch.elapsed
        asked.withLock { asked in
            let pause = min(max(Self.firstPause, asked[connection, default: Asked()].pause * 2), Self.longestPause)
            asked[connection] = Asked(notBefore: now + pause, pause: pause)
        }
    }

    /// What is whole again begins anew, should it ever stand half done once more.
    func forget(allBut kept: some Collection<ConnectionID>) {
        let kept = Set(kept)
        asked.withLock { $0 = $0.filter { kept.contains($0.key) } }
    }
}
