import ArgumentParser
import CoreTypes
import RPC
import SchedulerAPI
import Synchronization

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Start, watch, show and cancel imports; decide what is held.",
        subcommands: [
            Start.self, Watch.self, List.self, Show.self, Cancel.self, Preview.self, Release.self, Refuse.self,
        ])

    struct Start: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start an import by hand and watch it; same checks as a scheduled one, which stays where it is.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The connection: label, merchant or id.") var connection: String
        @Option(help: "Why; kept with the run and shown to the merchant.") var reason: String
        @Option(help: "Only this module. May be repeated.") var module: [Module] = []
        @Flag(help: "Start although something is switched off.") var override = false
        @Flag(help: "Do not wait for the end.") var noWait = false

        func perform(_ session: Session) async throws {
            let id = try await session.connection(connection).connectionID
            let started = try await session.call(
                StartRun(
                    connectionID: id, modules: module.isEmpty ? nil : module, reason: reason, override: override))
            if noWait {
                try session.output.show(started) { ["\(started.runID)"] }
            } else {
                try await RunCommand.watch(started.runID, session)
            }
        }
    }

    struct Watch: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "Watch a run until it ends.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String

        func perform(_ session: Session) async throws { try await RunCommand.watch(try session.run(run), session) }
    }

    struct List: SessionCommand {
        static let configuration = CommandConfiguration(abstract: "List runs, newest first.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "Only those of this connection.") var connection: String?
        @Option(help: "At most so many, 1 to 500.") var limit = 20

        func perform(_ session: Session) async throws {
            var id: ConnectionID?
            if let connection { id = try await session.connection(connection).connectionID }
            let response = try await session.call(ListRuns(connectionID: id, limit: limit))
            var table = Table("queued", "connection", "modules", "started by", "took", "outcome", "id")
            for run in response.runs {
                let took = run.startedAt.flatMap { start in run.finishedAt.map { ($0 - start).short } }
                table.add(
                    run.queuedAt.local, run.connectionLabel, run.modules.map(\.rawValue).joined(separator: ","),
                    run.startedBy ?? session.texts.word(run.trigger), took ?? "–",
                    run.stalledSince.map { "stalled since \($0.local)" } ?? session.texts.outcome(run),
                    "\(run.runID)")
            }
            try session.output.show(response) { table.lines() }
        }
    }

    struct Show: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a run: counts before and after, keys, pages, verdict, outcome, what was published.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String
        @Flag(help: "Also each page that was read.") var pages = false

        func perform(_ session: Session) async throws {
            let id = try session.run(run)
            let response = try await session.call(DescribeRun(runID: id))
            var evidence: EvidenceLines?
            if pages { evidence = try await EvidenceLines(of: id, session) }
            try session.output.show(response) {
                RunReportLines(response.run, session.texts).all() + (evidence?.lines ?? [])
            }
        }
    }

    struct Cancel: SessionCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a run: what was staged is deleted, the shop stays as it is.",
            discussion: """
                Confirmed within ten seconds, whatever the run waits for. Two things take longer: what stands half done at a
                shop without staging is brought to its end first, rows of this run are put back, which is shown; and a run
                whose importer is gone ends when its lease is over. Once the run is being published it is too late.
                """)
        @OptionGroup var common: CommonOptions
        @Argument(help: "The run's id.") var run: String
        @Option(help: "Why; kept with the run.") var reason: String
        @Flag(help: "Do not wait until it is confirmed.") var noWait = false

        func perform(_ session: Session) async throws {
            let id = try session.run(run)
            let response = try await session.call(CancelRun(runID: id, reason: reason))
            if noWait { return try session.output.show(response) { ["\(response.state.rawValue)"] } }
            let bar = ProgressBar(session.texts)
            let isQuiet = session.options.json
            let ended = try await RunCommand.followed(id, session) { snapshot in
                if !isQuiet, snapshot.progress.phase == .reverting { bar.show(snapshot.progress) }
            }
            if !isQuiet { bar.end() }
            try session.output.show(ended) { RunReportLines(ended.run, session.texts).ending() }
            // It may have come to another end right before.
            if ended.run.report.map({ $0.outcome != .cancelled }) == true { throw ExitCode.notDone }
        }
    }

    /// A run may take longer than one call may, and the scheduler may be started anew meanwhile: asked again until the
    /// end, at most a day, each time from where the last answer broke off.
    private static func followed(
        _ id: RunID, _ session: Session, _ show: @escaping @Sendable (RunSnapshot) async -> Void
    ) async throws -> WatchRun.Response {
        let seen = Mutex<Int64?>(nil)
        for _ in 0..<144 {
            do {
                return try await session.stream(WatchRun(runID: id, after: seen.withLock { $0 })) { snapshot in
                    seen.withLock { $0 = snapshot.number }
                    await show(snapshot)
                }
            } catch let error as ServiceError
                where error.status == .deadlineExceeded
                || ["connection_lost", "connection_drains"].contains(error.reason)
            {
                try await waitForScheduler(id, session)
            }
        }
        return WatchRun.Response(run: try await session.call(DescribeRun(runID: id)).run)
    }

    /// As long as a restart may take.
    private static func waitForScheduler(_ id: RunID, _ session: Session) async throws {
        var options = session.callOptions(for: DescribeRun.effect)
        options.timeout = .seconds(60)
        options.waitForReady = true
        _ = try await session.clients.caller(for: DescribeRun.method).call(DescribeRun(runID: id), options: options)
    }

    /// Shows progress until the end, then the figures; the exit code tells whether the shop has the source's state.
    static func watch(_ id: RunID, _ session: Session) async throws {
        let bar = ProgressBar(session.texts)
        let isQuiet = session.options.json
        let response = try await followed(id, session) { snapshot in
            if !isQuiet { bar.show(snapshot.progress) }
        }
        if !isQuiet { bar.end() }
        try session.output.show(response) { RunReportLines(response.run, session.texts).all() }
        if response.run.report?.outcome.isSuccess != true { throw ExitCode.notDone }
    }
}
