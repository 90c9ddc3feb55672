import Logging
import RPC

/// Looks at the service's own health and logs when it stops being ready, and when it is again.
///
/// Looking is also what lets a service notice, with nobody calling, that its disk has room again.
struct ReadinessLog: Sendable {
    private let health: @Sendable () async -> HealthReport
    private let environment: ServiceEnvironment
    private let interval = Duration.seconds(2)

    init(_ health: @escaping @Sendable () async -> HealthReport, _ environment: ServiceEnvironment) {
        self.health = health
        self.environment = environment
    }

    /// Until the task is cancelled.
    func run() async {
        var wasReady = true
        while !Task.isCancelled {
            let report = await health()
            if report.isReady != wasReady {
                wasReady = report.isReady
                log(report)
            }
            try? await environment.clock.sleep(for: interval)
        }
    }

    private func log(_ report: HealthReport) {
        if report.isReady {
            environment.logger.notice("The service is ready again.")
        } else {
            environment.logger.error(
                "The service is not ready.", metadata: ["notes": "\(report.notes.joined(separator: " "))"])
        }
    }
}
