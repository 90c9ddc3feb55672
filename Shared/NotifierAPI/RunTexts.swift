import CoreTypes
import RPC
public import SchedulerAPI

extension RunReport {
    /// What the catalogue's sentences about this run are filled with, the same in mail, command line and pages.
    ///
    /// What the run itself says (`system`, `detail`) comes with it; figures that are not known are left out.
    public func textArguments(connection: String, source: String, target: String) -> [String: String] {
        var known = [
            "connection": connection, "source": source, "target": target, "read": "\(read)",
            "distinct": "\(distinctKeys)", "pages": "\(pages)", "missing": "\(missingCount)",
            "duplicates": "\(duplicates.count)", "unreadable": "\(unreadableCount)",
            "system": failure == .shop ? target : source,
        ]
        known["countBefore"] = countBefore.map(String.init)
        known["countAfter"] = countAfter.map(String.init)
        known["page"] = faultyPage.map(String.init)
        known["toleratedItems"] = tolerance.map { "\($0.allowed)" }
        known["lackingItems"] = tolerance.map { "\($0.lacking)" }
        return known.merging(arguments.filter { known[$0.key] == nil || $0.key == "system" }) { _, said in said }
    }
}

extension RunReport {
    /// A hundred are listed; without duplicates the rows without a key that counts tell how many there were.
    private var unreadableCount: Int {
        unreadable.isEmpty || !duplicates.isEmpty ? unreadable.count : max(unreadable.count, read - distinctKeys)
    }
}

extension RunFinished {
    /// As ``SchedulerAPI/RunReport/textArguments(connection:source:target:)``, with names and times.
    public var textArguments: [String: String] {
        var known = report.textArguments(connection: connectionLabel, source: sourceName, target: targetName)
        known["merchant"] = merchantName
        known["startedAt"] = startedAt.description
        known["finishedAt"] = finishedAt.description
        known["publishedAt"] = lastPublishedAt?.description
        known["nextRunAt"] = nextRunAt?.description
        known["startedBy"] = startedBy
        known["startReason"] = startReason
        known["run"] = runID.description
        known["trace"] = traceparent.traceID
        return known
    }
}
