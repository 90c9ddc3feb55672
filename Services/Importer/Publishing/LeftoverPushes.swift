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
        for name in try await context.journals.halfDone() {
            do {
                try await ask(name)
            } catch let error where !(error is CancellationError) {
                context.environment.logger.notice(
                    "A publish stands half done, and the scheduler could not be asked for a run to finish it.",
                    metadata: metadata(name, ["error": "\(error)"]))
            }
        }
        return false
    }

    private func ask(_ name: PublishJournals.Name) async throws {
        // While the run itself, or the recovery of it, is at work on it, it needs no other.
        guard try await context.database.journaledRun(name.run) == nil,
            let seenToken = try await unfinished(name)?.seenToken, asked.isDue(name, seenToken)
        else { return }
        let answer = try await context.scheduler.call(ResumePush(runID: name.run), within: .seconds(10))
        switch answer.answer {
        case .queued:
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

/// When the scheduler was asked for a run, so that a shop that stays away does not get one after the other.
private final class AskedBefore: Sendable {
    private struct Asked {
        /// The token of the last run that has had it.
        var seenToken: Int64
        var notBefore: Duration = .zero
        var pause: Duration = .zero
    }

    private static let firstPause: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(3600)
    private let asked = Mutex<[PublishJournals.Name: Asked]>([:])
    private let watch: Stopwatch

    init(_ clock: any Clock<Duration>) { watch = Stopwatch(clock) }

    /// Whether it may be asked for now: at once, and after each run that could not do it, twice as long as before.
    func isDue(_ name: PublishJournals.Name, _ seenToken: Int64) -> Bool {
        let now = watch.elapsed
        return asked.withLock { asked in
            var entry = asked[name] ?? Asked(seenToken: seenToken)
            if entry.seenToken != seenToken {
                entry.seenToken = seenToken
                entry.pause = min(max(Self.firstPause, entry.pause * 2), Self.longestPause)
                entry.notBefore = now + entry.pause
            }
            asked[name] = entry
            return now >= entry.notBefore
        }
    }
}
