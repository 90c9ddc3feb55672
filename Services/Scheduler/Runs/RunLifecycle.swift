import SchedulerAPI

/// The life of a run as a plain value: event in, new state and actions out. Drawn in the README.
///
/// Whoever applies it guards the move in the database (`UPDATE … WHERE state = …` in one transaction) and carries out
/// the actions in that same transaction.
struct RunLifecycle: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        /// An importer takes the run.
        case claimed
        /// Its importer gives a sign of life.
        case reported
        case cancelAsked
        case finished(RunOutcome)
        /// No sign of life for the length of a lease.
        case leaseExpired
        /// Before the run was claimed something was switched off, or its modules were taken from the connection.
        case switchedOff
    }

    enum Action: Sendable, Equatable {
        /// Raise the connection's fencing token, note the importer, begin the lease.
        case grantLease
        case extendLease
        /// Keep outcome and report; the run is over.
        case recordOutcome(RunOutcome)
        /// Tell monitor, notifier and billing, in the transaction of the outcome.
        case announce
        /// Queue one run in place of this one.
        case requeue
        case recordSkip
    }

    /// The event does not fit the state; nothing has changed.
    enum Refusal: Error, Equatable {
        /// The run has ended already.
        case over
        /// Only a run in hand can do that.
        case notInHand
        /// Somebody has taken it already.
        case notQueued
    }

    var state: RunState
    var trigger: RunTrigger

    func applying(_ event: Event) throws(Refusal) -> (state: RunState, actions: [Action]) {
        switch state {
        case .queued: try applyingWhileQueued(event)
        case .running: try applyingInHand(event)
        case .cancelling: try applyingInHand(event)
        case .finished, .skipped: throw .over
        }
    }

    private func applyingWhileQueued(_ event: Event) throws(Refusal) -> (state: RunState, actions: [Action]) {
        switch event {
        case .claimed: (.running, [.grantLease])
        // Nobody began it, so there is nothing to tell monitor and billing.
        case .cancelAsked: (.finished, [.recordOutcome(.cancelled)])
        case .switchedOff: (.skipped, [.recordSkip])
        case .reported, .finished, .leaseExpired: throw .notInHand
        }
    }

    private func applyingInHand(_ event: Event) throws(Refusal) -> (state: RunState, actions: [Action]) {
        switch event {
        case .reported: (state, [.extendLease])
        case .cancelAsked: (.cancelling, [])
        case .finished(let outcome): (.finished, [.recordOutcome(outcome), .announce])
        case .leaseExpired: (.finished, [.recordOutcome(.lost), .announce] + (isRequeuedWhenLost ? [.requeue] : []))
        case .claimed, .switchedOff: throw .notQueued
        }
    }

    /// Once: what was queued for a lost run is not queued again. Nor is a run that somebody wanted stopped.
    private var isRequeuedWhenLost: Bool { state == .running && trigger != .afterLoss }
}
