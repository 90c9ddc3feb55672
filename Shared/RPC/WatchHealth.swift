public import CoreTypes

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
        var told: HealthReport?
        while true {
            let report = await health()
            if report != told {
                try await writer.send(report)
                told = report
            }
            try await clock.sleep(for: healthInterval)
        }
    }
}
