import SchedulerAPI
import Testing

@testable import SchedulerService

@Suite struct RunLifecycleTests {
    private static let events: [RunLifecycle.Event] = [
        .claimed, .reported, .cancelAsked, .finished(.published), .leaseExpired, .switchedOff,
    ]

    private func after(_ state: RunState, _ event: RunLifecycle.Event, trigger: RunTrigger = .schedule) -> RunState? {
        try? RunLifecycle(state: state, trigger: trigger).applying(event).state
    }

    @Test func `the moves are those drawn in the README and no others`() {
        let table: [RunState: [RunState?]] = [
            // claimed, reported, cancelAsked, finished, leaseExpired, switchedOff
            .queued: [.running, nil, .finished, nil, nil, .skipped],
            .running: [nil, .running, .cancelling, .finished, .finished, nil],
            .cancelling: [nil, .cancelling, .cancelling, .finished, .finished, nil],
            .finished: [nil, nil, nil, nil, nil, nil],
            .skipped: [nil, nil, nil, nil, nil, nil],
        ]
        for state in RunState.allCases {
            #expect(Self.events.map { after(state, $0) } == table[state], "\(state)")
        }
    }

    @Test func `a lost run is announced and queued again once`() throws {
        let first = try RunLifecycle(state: .running, trigger: .manual).applying(.leaseExpired)
        #expect(first.actions == [.recordOutcome(.lost), .announce, .requeue])
        let second = try RunLifecycle(state: .running, trigger: .afterLoss).applying(.leaseExpired)
        #expect(second.actions == [.recordOutcome(.lost), .announce])
    }

    @Test func `a run that somebody wanted stopped is not queued again when it is lost`() throws {
        let lost = try RunLifecycle(state: .cancelling, trigger: .schedule).applying(.leaseExpired)
        #expect(!lost.actions.contains(.requeue))
    }

    @Test func `what never began is cancelled without telling anybody`() throws {
        let cancelled = try RunLifecycle(state: .queued, trigger: .manual).applying(.cancelAsked)
        #expect(cancelled.actions == [.recordOutcome(.cancelled)])
    }

    @Test func `every run that ends in hand is announced`() throws {
        for state in [RunState.running, .cancelling] {
            for event in [RunLifecycle.Event.finished(.failed), .leaseExpired] {
                #expect(try RunLifecycle(state: state, trigger: .schedule).applying(event).actions.contains(.announce))
            }
        }
    }
}
