import Connectors
import CoreTypes
import SchedulerAPI
import Synchronization

/// How long the scheduler leaves a run to this process: counted from when the claim, or the last renewal it answered, was
/// sent, so that it never ends later here than there.
final class Lease: Sendable {
    let length: Duration
    private let sinceRenewal: Mutex<Stopwatch>

    /// - Parameter claimed: Runs since the claim was sent.
    init(_ run: ClaimedRun, claimed: Stopwatch) {
        length = .milliseconds(run.leaseMs)
        sinceRenewal = Mutex(claimed)
    }

    /// - Parameter sent: Runs since the renewal was sent.
    func renew(_ sent: Stopwatch) { sinceRenewal.withLock { $0 = sent } }

    var hasRunOut: Bool { sinceRenewal.withLock { $0 }.elapsed > length }
}

/// What the last step before the shop changes has to pass.
struct CommitGate: Sendable {
    let lease: Lease
    let signal: InterruptionSignal
    /// A rollback is what a freeze is for.
    var heedsFreeze = true

    /// Why the commit may not be asked for; nil when it may. Looked at last right before the request is sent.
    var obstacle: Interruption? {
        // First the lease: once it is over, not even a report is ours to give.
        if lease.hasRunOut { return .superseded }
        return signal.raised ?? (heedsFreeze ? signal.freeze.map(Interruption.frozen) : nil)
    }
}
