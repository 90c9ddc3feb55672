import CoreTypes
import JSON
import RPC
import Synchronization
import Testing

@Suite struct WatchHealthTests {
    /// What the service says of itself; counts how often it is asked.
    private final class Health: Sendable {
        private let state = Mutex((report: HealthReport(isDatabaseUsable: true), asked: 0))
        var asked: Int { state.withLock { $0.asked } }

        func become(_ report: HealthReport) { state.withLock { $0.report = report } }

        func ask() -> HealthReport {
            state.withLock { state in
                state.asked += 1
                return state.report
            }
        }
    }

    private static let ready = HealthReport(isDatabaseUsable: true)
    private static let broken = HealthReport(isReady: false, isDatabaseUsable: false, notes: ["the disk is gone"])

    private let clock = SteppedClock()
    private let health = Health()

    private var router: Router {
        var router = Router.test(clock: clock)
        router.health = { [health] in health.ask() }
        return router
    }

    /// A connection on which a watch has told its first report.
    private func watching(meta: String = "{}") async throws -> Fixture {
        let fixture = Fixture(router, as: .billing)
        try fixture.send(#"{"jsonrpc":"2.0","id":1,"method":"rpc.watchHealth","meta":\#(meta)}"#)
        while clock.asleep == 0 { await Task.yield() }
        fixture.session.writePending()
        try #expect(reports(fixture) == [Self.ready])
        return fixture
    }

    private func reports(_ fixture: Fixture) throws -> [HealthReport] {
        try fixture.outlet.values().flatMap { $0["params"]?["items"]?.arrayValue ?? [] }.map {
            try JSON.decode(HealthReport.self, from: JSON.encode($0))
        }
    }

    private func end(of fixture: Fixture) async { while fixture.session.callsInFlight > 0 { await Task.yield() } }

    @Test func `the report of now comes at once, then each change once, and nothing without one`() async throws {
        let (told, incoming) = AsyncStream.makeStream(of: HealthReport.self)
        let caller = InProcessCaller(router, as: .billing)
        let watch = Task {
            try await caller.stream(WatchHealth(), options: CallOptions(timeout: .seconds(60))) { incoming.yield($0) }
        }
        var reports = told.makeAsyncIterator()
        #expect(await reports.next() == Self.ready)
        for _ in 0..<5 { await clock.step() }
        health.become(Self.broken)
        await clock.step()
        #expect(await reports.next() == Self.broken, "what did not change was told again")
        for _ in 0..<5 { await clock.step() }
        health.become(Self.ready)
        await clock.step()
        #expect(await reports.next() == Self.ready, "a change was told twice")
        #expect(health.asked >= 12)
        #expect(Set(clock.slept) == [.seconds(1)])
        watch.cancel()
        let error = await #expect(throws: ServiceError.self) { try await watch.value }
        #expect(error?.status == .cancelled)
    }

    @Test func `many who watch are told of the same look, and one that leaves takes none with it`() async throws {
        let tally = Tally(Mutex((ready: 0, broken: 0)))
        let caller = InProcessCaller(router, as: .billing)
        let watches = (0..<20).map { _ in
            Task {
                try await caller.stream(WatchHealth(), options: CallOptions(timeout: .seconds(60))) { report in
                    tally.count(report == Self.broken)
                }
            }
        }
        while tally.told.ready < 20 { await Task.yield() }
        watches[0].cancel()
        _ = try? await watches[0].value
        let asked = health.asked
        health.become(Self.broken)
        var steps = 0
        // Who had not begun to listen at the first look hears of the next.
        while tally.told.broken < 19 {
            await clock.step()
            steps += 1
            for _ in 0..<100 { await Task.yield() }
        }
        #expect(health.asked <= asked + steps + 1, "asked for each of them")
        for watch in watches { watch.cancel() }
        for watch in watches { _ = try? await watch.value }
    }

    @Test func `the service sets how often it is asked`() async throws {
        var router = router
        router.healthInterval = .milliseconds(250)
        let fixture = Fixture(router)
        try fixture.send(#"{"jsonrpc":"2.0","id":1,"method":"rpc.watchHealth"}"#)
        await clock.step()
        #expect(clock.slept.first == .milliseconds(250))
        fixture.session.close()
        await end(of: fixture)
    }

    @Test func `a watch that is cancelled asks no more`() async throws {
        let fixture = try await watching()
        try fixture.send(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}}"#)
        await end(of: fixture)
        #expect(try fixture.outlet.values().last?["error"]?["data"]?["status"] == "cancelled")
        #expect(clock.asleep == 0)
        #expect(health.asked == 1)
    }

    @Test func `a watch ends at its deadline`() async throws {
        let fixture = try await watching(meta: #"{"deadlineMs":5000}"#)
        fixture.time.advance(by: .seconds(5))
        fixture.session.expireCalls()
        await end(of: fixture)
        #expect(try fixture.outlet.values().last?["error"]?["data"]?["status"] == "deadlineExceeded")
        #expect(clock.asleep == 0)
        #expect(health.asked == 1)
    }

    @Test func `a watch ends with its connection`() async throws {
        let fixture = try await watching()
        fixture.session.close()
        await end(of: fixture)
        #expect(clock.asleep == 0)
        #expect(health.asked == 1)
    }

    @Test func `when draining begins the last report is not ready, without waiting for the clock`() async throws {
        let fixture = try await watching()
        fixture.session.beginDrain()
        await end(of: fixture)
        let reports = try reports(fixture)
        #expect(reports.map(\.isReady) == [true, false])
        #expect(reports.last?.isAlive == true)
        #expect(reports.last?.isDatabaseUsable == true)
        #expect(reports.last?.notes.isEmpty == false)
        #expect(try fixture.outlet.values().last?["result"] == [:])
        #expect(clock.asleep == 0)
    }

    @Test func `over a connection that drains, both the report and the watch are not ready`() async throws {
        let fixture = Fixture(router)
        fixture.session.beginDrain()
        let answer = try fixture.send(#"{"jsonrpc":"2.0","id":1,"method":"rpc.health"}"#).first
        #expect(answer?["result"]?["isReady"] == false)
        #expect(answer?["result"]?["isAlive"] == true)
        try fixture.send(#"{"jsonrpc":"2.0","id":2,"method":"rpc.watchHealth"}"#)
        await end(of: fixture)
        #expect(try reports(fixture).map(\.isReady) == [false])
        #expect(try fixture.outlet.values().last?["result"] == [:])
    }
}

private final class Tally: Sendable {
    private let state: Mutex<(ready: Int, broken: Int)>

    init(_ state: consuming Mutex<(ready: Int, broken: Int)>) { self.state = state }

    var told: (ready: Int, broken: Int) { state.withLock { $0 } }

    func count(_ isBroken: Bool) {
        state.withLock { state in
            if isBroken { state.broken += 1 } else { state.ready += 1 }
        }
    }
}
