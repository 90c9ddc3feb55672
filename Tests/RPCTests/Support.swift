import CoreTypes
import JSON
import RPC
import Synchronization

/// A connection that keeps what is sent on it.
final class RecordingOutlet: SessionOutlet {
    private let state = Mutex(State())

    private struct State {
        var frames: [String] = []
        var timer: ContinuousClock.Instant?
        var flushes = 0
        var idles = 0
        var session: ServerSession?
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Everything sent so far.
    var frames: [String] { state.withLock { $0.frames } }
    var timer: ContinuousClock.Instant? { state.withLock { $0.timer } }
    var flushesAsked: Int { state.withLock { $0.flushes } }
    var timesIdle: Int { state.withLock { $0.idles } }

    func values() throws -> [JSONValue] { try frames.map { try JSON.decode(JSONValue.self, from: $0) } }

    /// Returns once so many frames were sent.
    func waitForFrames(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.frames.count < count { state.waiters.append((count, continuation)) }
                return state.frames.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func send(_ json: UnsafeRawBufferPointer) {
        let ready = state.withLock { state in
            state.frames.append(String(decoding: json, as: UTF8.self))
            let ready = state.waiters.filter { $0.count <= state.frames.count }
            state.waiters.removeAll { $0.count <= state.frames.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func wantsFlush() { state.withLock { $0.flushes += 1 } }
    func armTimer(at instant: ContinuousClock.Instant) { state.withLock { $0.timer = instant } }
    func becameIdle() { state.withLock { $0.idles += 1 } }
}

/// A session with its outlet and a clock that stands still.
struct Fixture {
    let outlet = RecordingOutlet()
    let session: ServerSession
    let time = ManualTime()

    init(_ router: Router, as peer: PeerIdentity = .importer, limits: SessionLimits = SessionLimits()) {
        session = ServerSession(
            router: router, peer: peer, outlet: outlet, executor: nil, limits: limits, now: { [time] in time.now })
    }

    /// Sends one frame and gives what was answered before ``ServerSession/receive(_:)`` returned.
    @discardableResult
    func send(_ text: String) throws -> [JSONValue] {
        let before = outlet.frames.count
        var text = text
        text.withUTF8 { session.receive(UnsafeRawBufferPointer($0)) }
        return try outlet.frames[before...].map { try JSON.decode(JSONValue.self, from: $0) }
    }
}

final class ManualTime: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}

/// Where handlers wait until the test lets them go.
final class Gate: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isOpen = false
        var isCancelled = false
        var entered = 0
        var inside: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// How many handlers were cancelled while they waited.
    var sawCancellation: Bool { state.withLock { $0.isCancelled } }
    var entered: Int { state.withLock { $0.entered } }

    func open() {
        let inside = state.withLock { state in
            state.isOpen = true
            defer { state.inside = [] }
            return state.inside
        }
        for continuation in inside { continuation.resume() }
    }

    /// Waits to be opened; a cancelled waiter is let go at once.
    func pass() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOpen, watchers) = state.withLock { state in
                    state.entered += 1
                    if !state.isOpen, !state.isCancelled { state.inside.append(continuation) }
                    let watchers = state.watchers.filter { $0.count <= state.entered }
                    state.watchers.removeAll { $0.count <= state.entered }
                    return (state.isOpen || state.isCancelled, watchers)
                }
                for watcher in watchers { watcher.continuation.resume() }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.isCancelled = true }
            open()
        }
    }

    /// Returns once so many handlers have come to the gate.
    func waitForEntered(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.entered < count { state.watchers.append((count, continuation)) }
                return state.entered >= count
            }
            if isThere { continuation.resume() }
        }
    }
}

extension PeerIdentity {
    static let importer = PeerIdentity.service(name: "importer", instance: "1")
    static let billing = PeerIdentity.service(name: "billing", instance: "1")
    static let anna = PeerIdentity.operator(name: "anna")
}

extension Randomness {
    /// Counts up.
    static func counted() -> Randomness {
        let last = Mutex<UInt64>(0)
        return Randomness {
            last.withLock {
                $0 += 1; return $0
            }
        }
    }
}

extension Router {
    static func test(
        clock: any Clock<Duration> = ContinuousClock(), texts: ErrorTexts = .plain,
        log: @escaping @Sendable (CallFault) -> Void = { _ in }
    ) -> Router {
        Router(service: "test", randomness: .counted(), clock: clock, texts: texts, log: log)
    }
}

/// Collects values from any thread.
final class Collected<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])
    var values: [Value] { state.withLock { $0 } }
    func add(_ value: Value) { state.withLock { $0.append(value) } }
}

/// Chance that repeats.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
