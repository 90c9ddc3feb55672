import CoreTypes
import JSON
import MonitorAPI
import RPC
import SchedulerAPI

/// What imports are held to, as far as it is not asked of every import.
struct Checks {
    /// How many must-have items; 0 for no list.
    var mustHave = 0
    /// How many items the source has, to spread them over.
    var items = 0
    /// Drop guard and control totals; nil leaves what holds for a connection nobody has touched.
    var hasLimits: Bool?
    /// Whether the monitor is told of the end of each run, as the scheduler tells it, and makes the receipt.
    var makesReceipts = false

    /// - Parameter options: `name=value`; `must-have`, `items`, `limits` (on or off), `receipts` (on or off).
    init(_ options: [String]) {
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.last) {
            case ("must-have", let count?): mustHave = Int(count) ?? 0
            case ("items", let count?): items = Int(count) ?? 0
            case ("limits", let word?): hasLimits = word == "on"
            case ("receipts", let word?): makesReceipts = word == "on"
            default: Main.complain("there is no option \(option)")
            }
        }
    }

    func set(for connection: ConnectionID, at monitor: Router) async throws {
        guard mustHave > 0 || hasLimits != nil else { return }
        let support = InProcessCaller(monitor, as: .operator(name: "bench"))
        _ = try await support.call(
            SetPolicy(connectionID: connection, on: true, rules: rules, expectedVersion: nil, reason: "benchmark"))
    }

    /// The limits are so wide that they hold nothing: what is measured is that they are looked at.
    private var rules: PolicyRules {
        let wide = ControlTotals(
            priceChangePercent: ExactDecimal(100_000), zeroPrices: 10_000_000, stockSumPercent: ExactDecimal(100))
        let step = max(1, items / max(1, mustHave))
        // Those of `pages.py` that have a price in each list, all over the catalogue.
        let keys = (0..<mustHave).map { number in
            let text = String(number * step + 1)
            return "IT" + String(repeating: "0", count: 8 - text.count) + text
        }
        return PolicyRules(
            dropGuard: hasLimits == false ? nil : DropGuard(),
            controlTotals: hasLimits == true ? wide : ControlTotals(), mustHave: keys)
    }
}

extension Course {
    /// Tells the monitor that a run has ended, so that it makes the receipt.
    static func tell(_ monitor: any RPCCaller, of report: RunReport, _ run: ClaimedRun, at now: Instant) async throws {
        let ended = RunFinished(
            runID: run.runID, merchantID: run.merchantID, merchantName: "Benchmark", connectionID: run.connectionID,
            connectionLabel: run.connectionLabel, sourceName: run.source.name, targetName: run.target.name,
            modules: run.modules, trigger: run.trigger, startedBy: nil, startReason: nil, startedAt: now,
            finishedAt: now, lastPublishedAt: nil, nextRunAt: nil, report: report, traceparent: run.traceparent)
        let event = DeliveredEvent(
            sequence: run.fencingToken, type: RunFinished.type,
            body: String(decoding: try JSON.encode(ended), as: UTF8.self))
        _ = try await monitor.call(DeliverEvents<MonitorAPI>(generation: 1, events: [event]))
    }
}
