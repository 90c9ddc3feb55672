public import CoreTypes
import Synchronization

/// Follows what `rpc.health` answers: the report of now, then each that differs from the one before.
///
/// It ends with the call's deadline or cancellation, or when its connection begins to drain: then the last report is not
/// ready.
public struct WatchHealth: RPCStreamRequest {
    public static let method: MethodName = "rpc.watchHealth"
    public static let effect = Effect.read
    public static let failures: [StatusCode] = []
    public static let summary = "Sends the health report of now, and then a report whenever it has changed."
    public static let callers = Callers.everybody

    public init() {}

    public typealias Item = HealthReport

    public struct Response: Codable, Sendable, Equatable {
        public init() {}
    }

    public static var example: (request: Self, response: Response) { (Self(), Response()) }
    public static var exampleItem: Item { HealthReport(isDatabaseUsable: true) }
}

extension Router {
    /// What a caller is told whose connection drains, as `drain` knows, or not.
    func healthReport(_ drain: DrainSignal) async -> HealthReport {
        var report = await health()
        if drain.hasBegun {
            report.isReady = false
            report.notes.append("this connection drains: use another one")
        }
        return report
    }

    func watchHealth(
        _ drain: DrainSignal, _ writer: StreamWriter<HealthReport>
    ) async throws -> WatchHealth.Response {
        if !drain.hasBegun {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await tellChanges(to: writer) }
                group.addTask { await drain.wait() }
                try await group.next()
                group.cancelAll()
            }
            // The wait ends for a cancelled call too.
            try Task.checkCancellation()
        }
        try await writer.send(await healthReport(drain))
        return WatchHealth.Response()
    }

    private func tellChanges(to writer: StreamWriter<HealthReport>) async throws {
        var told = await health()
        try await writer.send(told)
        for await report in healthPoll.reports(of: self) where report != told {
            try await writer.send(report)
            told = report
        }
    }
}

/// Asks the service how it is on behalf of all who watch: once per interval, however many they are, and not at all while
/// nobody watches.
final class HealthPoll: Sendable {
    private struct State {
        var watchers: [UInt64: AsyncStream<HealthReport>.Continuation] = [:]
        var lastWatcher: UInt64 = 0
        /// Unstructured: it serves whoever watches, and ends with the last of them.
        var poller: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// What the service answers from now on, one report per interval; a slow reader gets the latest.
    func reports(of router: Router) -> AsyncStream<HealthReport> {
        let (reports, watcher) = AsyncStream.makeStream(of: HealthReport.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastWatcher += 1
            state.watchers[state.lastWatcher] = watcher
            if state.poller == nil { state.poller = Task { await self.poll(router) } }
            return state.lastWatcher
        }
        watcher.onTermination = { _ in self.leave(number) }
        return reports
    }

    private func leave(_ number: UInt64) {
        let idle: Task<Void, Never>? = state.withLock { state in
            state.watchers[number] = nil
            guard state.watchers.isEmpty else { return nil }
            defer { state.poller = nil }
            return state.poller
        }
        idle?.cancel()
    }

    private func poll(_ router: Router) async {
        while (try? await router.clock.sleep(for: router.healthInterval)) != nil {
            let report = await router.health()
            // What was found out while being stopped says nothing of the service.
            guard !Task.isCancelled else { return }
            let watchers = state.withLock { Array($0.watchers.values) }
            for watcher in watchers { watcher.yield(report) }
        }
    }
}
