import Connectors
import CoreTypes
import MonitorAPI
import SchedulerAPI
import Staging

/// How a run's end is told: one function per kind of end.
extension RunFacts {
    /// Committed; what the shop shows since is not known yet.
    func reportPublished() -> RunReport {
        var report = report(.published, "run_published")
        report.publication = uploads.map { Publication($0, version: liveAfter[$0.module]?.version) }
        if isDirect {
            let rows = uploads.reduce(0) { $0 + $1.count }
            report.pushed = pushed ?? PushedRows(planned: rows, applied: rows)
        }
        return report
    }

    /// Row by row, and taken back.
    func reportSetback() -> RunReport {
        guard let setback, let pushed else { preconditionFailure("taken back for a reason") }
        return reportPublished().after(setback, pushed)
    }

    func reportUnfinished(_ fault: SystemFault) -> RunReport {
        guard let pushed else { preconditionFailure("how much is at the shop is known") }
        return report(.failed, "run_push_unfinished").unfinished(fault, pushed)
    }

    /// What an earlier run had left half done is at its end; without any the run had nothing to do.
    func reportFinished(_ ended: [EndedPush], _ live: [Module: LiveDataset]) -> RunReport {
        guard let newest = ended.first else { return reportUnchanged() }
        let rows = ended.map(\.rows).reduce(into: PushedRows(planned: 0, applied: 0)) { $0.add($1) }
        var report =
            newest.isLive ? report(.published, "run_push_finished") : report(.failed, "run_push_taken_back")
        if newest.isLive {
            report.publication = newest.publication.map { part in
                var part = part
                part.live = live[part.module]?.count
                part.version = live[part.module]?.version
                return part
            }
        } else if let refused = rows.refused {
            return report.after(.refused(refused), rows)
        } else {
            report.failure = .shop
        }
        return report.telling(rows)
    }

    /// The shop shows an earlier set again.
    func reportRolledBack() -> RunReport {
        var report = report(.published, "run_rolled_back")
        report.pushed = pushed
        report.publication = (task?.versions ?? []).map { version in
            let live = liveAfter[version.module]
            return Publication(
                module: version.module, mode: "rollback", created: 0, updated: 0, removed: 0, live: live?.count,
                version: live?.version ?? version.version)
        }
        return report
    }

    /// - Parameter readBack: nil when the shop could not be read back.
    func reportReadBack(_ readBack: ReadBack?) -> RunReport {
        reportPublished().noting(readBack, target: targetName)
    }

    func reportUnchanged() -> RunReport { report(.unchanged, "run_unchanged") }

    func reportHeld() -> RunReport { held(verdict?.reason ?? "run_unverifiable") }

    func reportFrozen() -> RunReport {
        var report = held("run_frozen")
        report.arguments["by"] = freeze?.by
        report.arguments["why"] = freeze?.reason
        return report
    }

    /// With what would have been published.
    private func held(_ reason: String) -> RunReport {
        var report = report(.held, reason)
        if let verdict, verdict.isHeld { report.holds = verdict.holds }
        report.publication = uploads.map { Publication($0, version: nil) }
        let rows = uploads.reduce(0) { $0 + $1.count }
        if isDirect, rows > 0 { report.pushed = PushedRows(planned: rows, applied: 0) }
        return report
    }

    func reportSetGone(_ detail: String) -> RunReport {
        var report = report(.failed, "run_held_set_gone")
        report.failure = .superseded
        report.arguments["run"] = task?.runID.rawValue
        report.arguments["detail"] = detail
        return report
    }

    func reportRefused() -> RunReport { report(.refused, verdict?.reason ?? "run_incomplete") }

    func reportEmptied(_ emptied: EmptiedModule) -> RunReport {
        var report = report(.refused, "run_module_empty")
        report.arguments["module"] = emptied.module.rawValue
        report.arguments["published"] = "\(emptied.published)"
        return report
    }

    func reportWithoutMonitor(_ detail: String) -> RunReport {
        var report = held("run_monitor_unavailable")
        report.failure = .monitorUnavailable
        report.arguments["detail"] = detail
        return report
    }

    func reportCancelled() -> RunReport { report(.cancelled, "run_cancelled") }

    func reportFailed(_ fault: SystemFault) -> RunReport {
        var report = report(.failed, reason(of: fault))
        report.failure = fault.failure
        report.faultyPage = fault.page ?? report.faultyPage
        report.arguments["system"] = fault.system.isEmpty ? sourceName : fault.system
        report.arguments["detail"] = fault.detail
        if let page = fault.page { report.arguments["page"] = "\(page)" }
        if let code = fault.code { report.arguments["code"] = code }
        report.arguments.merge(fault.reason?.arguments ?? [:]) { _, new in new }
        return report
    }

    /// Keys, rights and versions of a shop are somebody else's to mend than those of an ERP.
    private func reason(of fault: SystemFault) -> String {
        if let reason = fault.reason { return reason.textKey }
        let isOfShop = fault.system == targetName && targetName != sourceName
        return isOfShop ? Self.reasonOfShop(fault.failure) : Self.reason(of: fault.failure)
    }

    static func reasonOfShop(_ failure: FailureClass) -> String {
        let reason = Self.reason(of: failure)
        return [.login, .rights, .version].contains(failure) ? "\(reason)_shop" : reason
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
        report.countBefore = before?.count ?? evidence?.countBefore
        report.countAfter = after?.count ?? evidence?.countAfter
        report.read = staged?.rowsRead ?? evidence?.rowsRead ?? reached.rows
        report.distinctKeys = staged?.distinctKeys ?? evidence?.distinctKeys ?? 0
        report.pages = max(pages, evidence?.pageCount ?? 0, reached.pages)
        report.duplicates = staged?.duplicates ?? evidence?.duplicates ?? []
        report.unreadable = staged?.unreadable ?? evidence?.unreadable ?? []
        report.missing = evidence?.missing ?? []
        report.missingCount = evidence?.missingCount ?? 0
        report.sourceChanges =
            sourceChanges.isEmpty ? evidence?.sourceChanges : Array(sourceChanges.prefix(100))
        report.asOf = evidence?.startedAt
        report.earlierRead = earlierRead ?? evidence?.earlierRead
        report.verdict = verdict?.verdict
        report.tolerance = verdict?.tolerance
        report.inShadow = verdict?.shadow
        report.faultyPage = verdict?.faultyPage
        report.shadowEnded = verdict?.shadowEnded
        report.checksMade = verdict?.checksMade ?? []
        report.checksNotMade = verdict?.checksNotMade ?? []
        report.arguments.merge(verdict?.textArguments ?? [:]) { _, own in own }
        if let expected = report.countBefore { report.arguments["expected"] = "\(expected)" }
        report.arguments["read"] = "\(report.read)"
        return report
    }
}

extension Publication {
    fileprivate init(_ upload: PlannedUpload, version: String?) {
        self.init(
            module: upload.module, mode: upload.mode.rawValue, created: upload.created, updated: upload.updated,
            removed: upload.removed, version: version)
    }
}
