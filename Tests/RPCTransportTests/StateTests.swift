import CoreTypes
import NIOCore
import RPC
import Testing

@testable import RPCTransport

@Suite struct CallTableTests {
    private let start = ContinuousClock.now

    @Test func `each call is taken out once, by whatever comes first`() {
        var table = CallTable<String>()
        _ = table.enter("a", id: 1, until: start + .seconds(1))
        _ = table.enter("b", id: 2, until: start + .seconds(2))
        #expect(table.call(1) == "a")
        #expect(table.take(1) == "a")
        #expect(table.take(1) == nil)
        #expect(table.close() == ["b"])
        #expect(table.close().isEmpty)
        #expect(table.enter("c", id: 3, until: start) == .closed)
    }

    @Test func `one timer serves all, set anew only for an earlier deadline`() {
        var table = CallTable<String>()
        #expect(table.enter("b", id: 2, until: start + .seconds(2)) == .entered(timer: start + .seconds(2)))
        #expect(table.enter("c", id: 3, until: start + .seconds(3)) == .entered(timer: nil))
        #expect(table.enter("a", id: 1, until: start + .seconds(1)) == .entered(timer: start + .seconds(1)))

        let first = table.takeExpired(at: start + .seconds(1), timer: start + .seconds(1))
        #expect(first.calls.map(\.call) == ["a"])
        #expect(first.timer == start + .seconds(2))
        // The timer that was set first fires too; it is the one now.
        let second = table.takeExpired(at: start + .seconds(3), timer: start + .seconds(2))
        #expect(Set(second.calls.map(\.call)) == ["b", "c"])
        #expect(second.timer == nil)
        // One that was replaced finds nothing and sets nothing.
        let stale = table.takeExpired(at: start + .seconds(9), timer: start + .seconds(2))
        #expect(stale.calls.isEmpty && stale.timer == nil)
    }
}

@Suite struct LinkStateTests {
    private final class Connection {}
    private let start = ContinuousClock.now
    private let lost = ServiceError(.unavailable, reason: "service_unreachable")

    private func makeState() -> LinkState<Connection> {
        LinkState(backoff: Backoff(first: .seconds(1), longest: .seconds(4)))
    }

    @Test func `the first call connects, those that follow wait for the same attempt`() {
        var state = makeState()
        #expect(state.acquire(patiently: false, at: start).name == "connect")
        #expect(state.acquire(patiently: false, at: start).name == "wait")
        let connection = Connection()
        #expect(state.connected(connection) == true)
        #expect(state.acquire(patiently: false, at: start).name == "use")
        state.retire(Connection())
        #expect(state.ready === connection)
        state.retire(connection)
        #expect(state.acquire(patiently: false, at: start).name == "connect")
    }

    @Test func `after a failure calls fail at once until the pause is over, the patient wait`() {
        var state = makeState()
        _ = state.acquire(patiently: false, at: start)
        state.failed(lost, at: start, jitter: 1)
        #expect(state.acquire(patiently: false, at: start + .milliseconds(999)).name == "fail service_unreachable")
        #expect(state.acquire(patiently: true, at: start + .milliseconds(999)).name == "rest")
        #expect(state.acquire(patiently: false, at: start + .seconds(1)).name == "connect")
        state.failed(lost, at: start + .seconds(1), jitter: 1)
        // Twice as long the second time.
        #expect(state.acquire(patiently: false, at: start + .milliseconds(2_999)).name == "fail service_unreachable")
        #expect(state.acquire(patiently: false, at: start + .seconds(3)).name == "connect")
        // A success starts the count again.
        let connection = Connection()
        #expect(state.connected(connection) == true)
        state.retire(connection)
        _ = state.acquire(patiently: false, at: start)
        state.failed(lost, at: start, jitter: 1)
        #expect(state.acquire(patiently: false, at: start + .seconds(1)).name == "connect")
    }

    @Test func `a server that said it would stop is expected back, one that went without a word is not`() {
        var state = LinkState<Connection>(
            backoff: Backoff(first: .seconds(1), longest: .seconds(4)), restart: .seconds(30))
        let connection = Connection()
        _ = state.acquire(patiently: false, at: start)
        _ = state.connected(connection)
        state.retire(connection, drained: start)
        #expect(state.isExpectedBack(at: start + .seconds(29)))
        #expect(!state.isExpectedBack(at: start + .seconds(30)))

        // While it is expected, the pauses between looks do not grow.
        for attempt in 0..<5 {
            let now = start + .seconds(2 * attempt)
            #expect(state.acquire(patiently: true, at: now).name == "connect")
            state.failed(lost, at: now, jitter: 1)
            #expect(state.acquire(patiently: true, at: now).name == "rest")
        }
        // Back, and then gone without a word.
        _ = state.acquire(patiently: true, at: start + .seconds(20))
        let second = Connection()
        _ = state.connected(second)
        state.retire(second)
        #expect(!state.isExpectedBack(at: start + .seconds(20)))
    }

    @Test func `nothing is connected after shutting down`() {
        var state = makeState()
        _ = state.acquire(patiently: true, at: start)
        #expect(state.shutDown() == nil)
        #expect(state.connected(Connection()) == false)
        #expect(state.acquire(patiently: true, at: start).name == "fail client_shut_down")
    }
}

extension LinkState.Acquired {
    fileprivate var name: String {
        switch self {
        case .use: "use"
        case .wait(let mustConnect): mustConnect ? "connect" : "wait"
        case .rest: "rest"
        case .fail(let error): "fail \(error.reason)"
        }
    }
}

@Suite struct KeepaliveTests {
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(100 + seconds) }

    private func makeKeepalive() -> Keepalive {
        Keepalive(interval: .seconds(10), timeout: .seconds(5), now: at(0))
    }

    @Test func `silence is asked about, an answer settles it`() {
        var keepalive = makeKeepalive()
        #expect(keepalive.look(at: at(5)) == .wait(until: at(10)))
        #expect(keepalive.look(at: at(10)) == .ping(lookAgain: at(15)))
        keepalive.received(at: at(12))
        #expect(keepalive.look(at: at(15)) == .wait(until: at(22)))
    }

    @Test func `unanswered silence ends the link, not before its time`() {
        var keepalive = makeKeepalive()
        #expect(keepalive.look(at: at(10)) == .ping(lookAgain: at(15)))
        #expect(keepalive.look(at: at(14)) == .wait(until: at(15)))
        #expect(keepalive.look(at: at(15)) == .dead)
    }

    @Test func `after a long sleep the peer still gets its time to answer`() {
        var keepalive = makeKeepalive()
        #expect(keepalive.look(at: at(1_000)) == .ping(lookAgain: at(1_005)))
        #expect(keepalive.look(at: at(1_004)) == .wait(until: at(1_005)))
        #expect(keepalive.look(at: at(1_005)) == .dead)
    }
}

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()

    private func delay(
        _ status: StatusCode = .unavailable, reason: String = "busy", _ effect: Effect = .read, hasKey: Bool = false,
        wasSent: Bool = true, attempt: Int = 1, retryAfterMs: Int64? = nil
    ) -> Duration? {
        policy.delay(
            after: ServiceError(status, reason: reason, retryAfterMs: retryAfterMs), effect: effect, hasKey: hasKey,
            wasSent: wasSent, attempt: attempt, jitter: 1)
    }

    @Test func `only what may be repeated is`() {
        #expect(delay() == .milliseconds(50))
        #expect(delay(.unavailable, .idempotent) == .milliseconds(50))
        #expect(delay(.unavailable, .once) == nil)
        #expect(delay(.unavailable, .once, hasKey: true) == .milliseconds(50))
        #expect(delay(.unavailable, .once, wasSent: false) == .milliseconds(50))
        #expect(delay(.internal) == nil)
        #expect(delay(.deadlineExceeded) == nil)
    }

    @Test func `pauses grow, heed the server and end`() {
        #expect(delay(attempt: 2) == .milliseconds(100))
        #expect(delay(attempt: 3) == .milliseconds(200))
        #expect(delay(attempt: 4) == nil)
        #expect(delay(retryAfterMs: 700) == .milliseconds(700))
    }

    @Test func `where nobody listens the first attempt is the last, but not when one got further`() {
        #expect(delay(reason: "service_unreachable", wasSent: false) == nil)
        #expect(delay(reason: "service_unreachable", wasSent: false, attempt: 2) == .milliseconds(100))
        #expect(delay(reason: "connection_lost", .once, wasSent: false) == .zero)
    }

    @Test func `the budget runs out and comes back with successes`() {
        let budget = RetryBudget()
        var spent = 0
        while budget.spend() { spent += 1 }
        #expect(spent == 10)
        for _ in 0..<9 { budget.callSucceeded() }
        let early = budget.spend()
        #expect(!early)
        budget.callSucceeded()
        let inTime = budget.spend()
        #expect(inTime)
    }
}

@Suite struct AdmissionTests {
    private let importer = PeerIdentity.service(name: "importer", instance: "1")
    private let anna = PeerIdentity.operator(name: "anna")

    private let a = AddressRange("192.0.2.1")
    private let b = AddressRange("192.0.2.2")
    private let c = AddressRange("192.0.2.3")

    private func makeAdmission() -> Admission {
        var limits = RPCServerLimits()
        limits.connectionsMax = 3
        limits.connectionsPerPeerMax = 2
        limits.strangersMax = 4
        limits.strangersPerAddressMax = 3
        return Admission(limits)
    }

    @Test func `connections of known peers are counted in all and for each`() {
        var admission = makeAdmission()
        for peer in [importer, importer] {
            #expect(admission.enter(from: a) == true)
            #expect(admission.identify(peer, from: a) == true)
        }
        #expect(admission.enter(from: a) == true)
        #expect(admission.identify(importer, from: a) == false)
        #expect(admission.identify(anna, from: a) == true)
        #expect(admission.enter(from: b) == false)
        admission.leave(importer, from: a)
        #expect(admission.enter(from: b) == true)
        #expect(admission.identify(importer, from: b) == true)
        #expect(admission.connections == 3)
    }

    @Test func `strangers are counted apart, in all and for each address`() {
        var admission = makeAdmission()
        for _ in 0..<3 { #expect(admission.enter(from: a) == true) }
        #expect(admission.enter(from: a) == false)
        #expect(admission.enter(from: b) == true)
        #expect(admission.enter(from: c) == false)
        // Known now, and no stranger any more.
        #expect(admission.identify(anna, from: b) == true)
        #expect(admission.strangers == 3)
        #expect(admission.enter(from: c) == true)
        admission.leave(nil, from: a)
        #expect(admission.enter(from: a) == true)
        admission.leave(anna, from: b)
        #expect(admission.connections == 0)
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("192.0.2.1", "2001:db8:1:2::1", false),
    ])
    func `a network of IPv6 counts as one, and an IPv4 address by itself however it is written`(
        left: String, right: String, isSame: Bool
    ) {
        #expect((AddressRange(left) == AddressRange(right)) == isSame)
    }

    @Test func `strangers of one IPv6 network share one bound`() {
        var limits = RPCServerLimits()
        limits.strangersPerAddressMax = 2
        var admission = Admission(limits)
        #expect(admission.enter(from: AddressRange("2001:db8::1")) == true)
        #expect(admission.enter(from: AddressRange("2001:db8::2")) == true)
        #expect(admission.enter(from: AddressRange("2001:db8::3")) == false)
        #expect(admission.enter(from: AddressRange("2001:db8:0:1::3")) == true)
    }
}

extension AddressRange {
    fileprivate init(_ text: String) { self.init(try? SocketAddress(ipAddress: text, port: 7401)) }
}

@Suite struct RefusalTallyTests {
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(100 + seconds) }

    @Test func `the first refusal is told at once, those that follow together`() {
        var tally = RefusalTally(interval: .seconds(10))
        #expect(tally.refused(at: at(0)) == .report(count: 1))
        #expect(tally.refused(at: at(1)) == .reportLater(at(10)))
        #expect(tally.refused(at: at(2)) == .countOnly)
        // The timer is late.
        #expect(tally.refused(at: at(11)) == .countOnly)
        #expect(tally.due(at: at(12)) == 3)
        #expect(tally.refused(at: at(13)) == .reportLater(at(22)))
        #expect(tally.due(at: at(22)) == 1)
        #expect(tally.refused(at: at(40)) == .report(count: 1))
    }
}

@Suite struct RPCAddressTests {
    @Test func `host and port are read`() {
        #expect(RPCAddress("scheduler.internal:7401") == RPCAddress(host: "scheduler.internal", port: 7401))
        #expect(RPCAddress("[::1]:7401") == RPCAddress(host: "::1", port: 7401))
        #expect(RPCAddress(host: "::1", port: 7401).description == "[::1]:7401")
        #expect(RPCAddress.list("a:1, b:2")?.map(\.description) == ["a:1", "b:2"])
    }

    @Test(arguments: ["", "a", "a:", ":7401", "a:0", "a:65536", "::1:7401", "a:x"])
    func `anything else is refused`(text: String) {
        #expect(RPCAddress(text) == nil)
        #expect(RPCAddress.list("b:1,\(text.isEmpty ? "c" : text)") == nil)
    }
}
