import Connectors
import SchedulerAPI

/// How the end of a publication row by row is told, made from the report of one that succeeds.
extension RunReport {
    /// All rows of the run have been taken back, or are about to be.
    func after(_ setback: Setback, _ pushed: PushedRows) -> RunReport {
        var report = self
        report.publication = []
        report.pushed = pushed
        switch setback {
        case .cancelled:
            report.outcome = .cancelled
            report.reason = "run_cancelled"
        case .fault(let fault):
            report.outcome = .failed
            report.reason = fault.reason?.textKey ?? RunFacts.reason(of: fault.failure)
            report.failure = fault.failure
            report.arguments["system"] = fault.system
            report.arguments["detail"] = fault.detail
            report.arguments["code"] = fault.code
            report.arguments.merge(fault.reason?.arguments ?? [:]) { _, new in new }
        case .refused(let row):
            report.outcome = .failed
            report.reason = "run_push_refused"
            report.failure = .shop
            report.pushed?.refused = row
            report.arguments["system"] = report.arguments["target"]
            report.arguments.merge(row.arguments) { _, new in new }
        }
        report.arguments.merge(pushed.arguments) { _, new in new }
        return report
    }

    /// All rows of the run have been taken back, and nobody has noted why.
    func takenBack() -> RunReport {
        var report = self
        report.outcome = .failed
        report.reason = "run_push_taken_back"
        report.failure = .shop
        report.publication = []
        return report
    }

    /// A part of the run's rows, or of an earlier run's, is at the shop, and taking them back has stopped.
    func unfinished(_ fault: SystemFault, _ pushed: PushedRows, isCancelled: Bool = false) -> RunReport {
        var report = self
        report.outcome = .failed
        report.reason = "run_push_unfinished"
        report.failure = fault.failure
        report.publication = []
        report.pushed = pushed
        report.arguments["system"] = report.arguments["target"]
        report.arguments["detail"] = pushed.stoppedAt?.detail ?? fault.detail
        report.arguments.merge(pushed.arguments) { _, new in new }
        return report
    }
}

extension RunReport {
    func telling(_ pushed: PushedRows) -> RunReport {
        var report = self
        report.pushed = pushed
        report.arguments.merge(pushed.arguments) { _, new in new }
        return report
    }
}

extension PushedRows {
    /// As one: the first of what was refused, and of where it stopped.
    mutating func add(_ other: PushedRows) {
        planned += other.planned
        applied += other.applied
        reverted += other.reverted
        refused = refused ?? other.refused
        stoppedAt = stoppedAt ?? other.stoppedAt
    }

    fileprivate var arguments: [String: String] {
        ["planned": "\(planned)", "applied": "\(applied)", "stillLive": "\(live)"]
    }
}

extension PushedRow {
    fileprivate var arguments: [String: String] { ["module": module.rawValue, "key": key, "detail": detail] }
}
