import Connectors
import CoreTypes
import RPC
import SchedulerAPI
import ServiceRuntime
import TestSupport
import Testing

@testable import ImporterService

@Suite struct ClaimsAndLeaseTests {
    @Test func `a claim whose answer was lost is made again under its name, the next one under another`() async throws {
        try await ImportFixture.with(items: 5) { fixture in
            let claims = try await fixture.importer().claims
            fixture.scheduler.change { $0.losesClaims = true }
            await #expect(throws: ServiceError.self) { try await claims.pass() }
            await #expect(throws: ServiceError.self) { try await claims.pass() }
            fixture.scheduler.change { $0.losesClaims = false }
            _ = try await claims.pass()
            _ = try await claims.pass()
            let names = fixture.scheduler.change { $0.claimIDs }.compactMap { $0 }
            try #require(names.count == 4)
            #expect(Set(names[0...2]).count == 1)
            #expect(names[3] != names[0])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after a standstill longer than the lease the run is given up whatever the scheduler says`() async {
        let clock = ManualClock()
        let run = ClaimedRun.example
        let lease = Lease(run, claimed: Stopwatch(clock))
        clock.advance(by: .milliseconds(run.leaseMs + 1))
        let signal = InterruptionSignal()
        let environment = ServiceEnvironment.test(clock: clock)
        let heartbeat = Heartbeat(
            run: run, lease: lease, board: .test(clock), signal: signal, scheduler: SchedulerDouble().caller,
            clock: clock, logger: environment.logger)
        let beating = Task { await heartbeat.beat() }
        #expect(await signal.wait() == .superseded)
        beating.cancel()
        await beating.value
    }

    @Test func `a commit needs a lease that has not run out and nothing that was raised`() {
        let clock = ManualClock()
        let gate = CommitGate(lease: Lease(.example, claimed: Stopwatch(clock)), signal: InterruptionSignal())
        let length = Duration.milliseconds(ClaimedRun.example.leaseMs)
        #expect(gate.obstacle == nil)
        clock.advance(by: length)
        #expect(gate.obstacle == nil)
        clock.advance(by: .milliseconds(1))
        #expect(gate.obstacle == .superseded)
        gate.lease.renew(Stopwatch(clock))
        #expect(gate.obstacle == nil)
        gate.signal.raise(.cancelled)
        #expect(gate.obstacle == .cancelled)
        clock.advance(by: length * 2)
        #expect(gate.obstacle == .superseded)
    }
}
