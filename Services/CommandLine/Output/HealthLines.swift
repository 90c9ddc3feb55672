import Foundation
import JSON
import RPC
import Synchronization

/// Prints one service's reports, a line each, and none twice in a row.
final class HealthLines: Sendable {
    private let service: String
    private let output: Output
    private let last = Mutex<HealthReport?>(nil)

    init(service: String, output: Output) {
        self.service = service
        self.output = output
    }

    func show(_ report: HealthReport) {
        let isNew = last.withLock { last in
            defer { last = report }
            return last != report
        }
        guard isNew else { return }
        // A report is encodable as it is.
        try? output.show(report) { [Self.line(service, report)] }
        // Whoever reads a pipe wants each line when it is written.
        fflush(nil)
    }

    static func line(_ service: String, _ report: HealthReport) -> String {
        let state = report.isReady ? "ready" : "NOT READY"
        let database = report.isDatabaseUsable.map { ["database \($0 ? "yes" : "NO")"] } ?? []
        return ([service, state] + database + report.notes).joined(separator: "  ")
    }
}
