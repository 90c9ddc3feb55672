import CoreTypes
import SchedulerAPI
import Synchronization
import TestSupport
import Testing

@testable import Connectors

@Suite struct PatienceTests {
    private func patience(attempts: Int = 3, limit: Duration = .seconds(600)) -> Patience {
        Patience(
            RetryPolicy(attempts: attempts, backoff: Backoff(first: .seconds(1), longest: .seconds(8))), limit: limit,
            clock: ManualClock(), randomness: .counted())
    }

    private let passing = SystemFault(.maintenance, "busy", isPassing: true)

    @Test func `waits grow and end with the attempts`() throws {
        let patience = patience()
        let first = try #require(patience.pause(after: passing, attempt: 1))
        let second = try #require(patience.pause(after: passing, attempt: 2))
        #expect(first >= .milliseconds(800) && first <= .milliseconds(1200))
        #expect(second >= .milliseconds(1600) && second <= .milliseconds(2400))
        #expect(patience.pause(after: passing, attempt: 3) == nil)
    }

    @Test func `Retry-After is honoured up to the longest that is borne`() {
        var fault = passing
        fault.retryAfter = .seconds(20)
        #expect(patience().pause(after: fault, attempt: 1) == .seconds(20))
        fault.retryAfter = .seconds(121)
        #expect(patience().pause(after: fault, attempt: 1) == nil)
    }

    @Test func `no wait reaches beyond the deadline of the run`() {
        #expect(patience(limit: .milliseconds(700)).pause(after: passing, attempt: 1) == nil)
    }

    @Test func `a lasting fault is not tried again`() async {
        let calls = Mutex(0)
        await #expect(throws: SystemFault(.login, "no")) {
            try await patience().retrying {
                calls.withLock { $0 += 1 }
                throw SystemFault(.login, "no")
            }
        }
        #expect(calls.withLock { $0 } == 1)
    }
}
