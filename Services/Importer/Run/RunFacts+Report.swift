import Connectors
import MonitorAPI
import SchedulerAPI
import Staging

/// How a run's end is told: one function per kind of end.
extension RunFacts {
    /// Committed; what the shop shows since is not known yet.
    func reportPublished() -> RunReport {
        var report = report(.published, "run_published")
        report.publication = uploads.map { upload in
            Publication(
                module: upload.module, mode: upload.mode.rawValue, created: upload.created, updated: upload.updated,
                removed: upload.removed, version: liveAfter[upload.module]?.version)
        }
        return report
    }

    /// - Parameter readBack: nil when the shop could not be read back.
    func reportReadBack(_ readBack: ReadBack?) -> RunReport {
        reportPublished().noting(readBack, target: targetName)
    }

    func reportUnchanged() -> RunReport { report(.unchanged, "run_unchanged") }

    func reportHeld() -> RunReport { report(.held, verdict?.reason ?? "run_unverifiable") }

    func reportRefused() -> RunReport { report(.refused, verdict?.reason ?? "run_incomplete") }

    func reportEmptied(_ emptied: EmptiedModule) -> RunReport {
        var report = report(.refused, "run_module_empty")
        report.arguments["module"] = emptied.module.rawValue
        report.arguments["published"] = "\(emptied.published)"
        return report
    }

    func reportWithoutMonitor(_ detail: String) -> RunReport {
        var report = report(.held, "run_monitor_unavailable")
        report.failure = .monitorUnavailable
        report.arguments["detail"] = detail
        return report
    }

    func reportCancelled() -> RunReport { report(.cancelled, "run_cancelled") }

    func reportFailed(_ fault: SystemFault) -> RunReport {
        var report = report(.failed, Self.reason(of: fault.failure))
        report.failure = fault.failure
        report.faultyPage = fault.page ?? report.faultyPage
        report.arguments["system"] = fault.system.isEmpty ? sourceName : fault.system
        report.arguments["detail"] = fault.detail
        if let page = fault.page { report.arguments["page"] = "\(page)" }
        if let code = fault.code { report.arguments["code"] = code }
        return report
    }

    static func reason(of failure: FailureClass) -> String {
        switch failure {
        case .superseded: "run_superseded"
        case .monitorUnavailable: "run_monitor_unavailable"
        default: "run_failed_\(failure.rawValue)"
        }
    }

    private func report(_ outcome: RunOutcome, _ reason: String) -> RunReport {
        var report = RunReport(outcome: outcome, reason: reason)
        report.arguments = ["connection": connectionLabel, "source": sourceName, "target": targetName]
        report.countBefore = before?.count
        report.countAfter = after?.count
        report.read = staged?.rowsRead ?? 0
        report.distinctKeys = staged?.distinctKeys ?? 0
        report.pages = pages
        report.duplicates = staged?.duplicates ?? []
        report.unreadable = staged?.unreadable ?? []
        report.missing = evidence?.missing ?? []
        report.missingCount = evidence?.missingCount ?? 0
        report.verdict = verdict?.verdict
        report.faultyPage = verdict?.faultyPage
        report.checksMade = verdict?.checksMade ?? []
        report.checksNotMade = verdict?.checksNotMade ?? []
        if let expected = before?.count { report.arguments["expected"] = "\(expected)" }
        report.arguments["read"] = "\(report.read)"
        return report
    }
}
