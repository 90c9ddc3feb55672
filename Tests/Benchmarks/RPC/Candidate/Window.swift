import Synchronization

/// Counts what workers finish in a closed loop, between the end of the warm-up and the end of the measure.
///
/// Workers ask ``isOver`` before each call and say ``finished()`` after each right answer.
public final class Window: Sendable {
    private let answers = Atomic<Int>(0)
    private let isMeasuring = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)
    private let latencies = Mutex<[Duration]>([])
    private let server: Int32

    public init(server: Int32) { self.server = server }

    public var isOver: Bool { hasEnded.load(ordering: .relaxed) }

    public func finished() { answers.wrappingAdd(1, ordering: .relaxed) }

    /// As ``finished()``, where each round trip is of interest.
    public func finished(after latency: Duration) {
        finished()
        if isMeasuring.load(ordering: .relaxed) { latencies.withLock { $0.append(latency) } }
    }

    /// Warms up, measures and ends the workers.
    public func measure(warmUp: Duration, for duration: Duration) async throws -> Outcome {
        try await Task.sleep(for: warmUp)
        let clock = ContinuousClock()
        let before = (clock.now, Usage(server), answers.load(ordering: .relaxed))
        isMeasuring.store(true, ordering: .relaxed)
        try await Task.sleep(for: duration)
        let after = (clock.now, Usage(server), answers.load(ordering: .relaxed))
        hasEnded.store(true, ordering: .relaxed)
        var outcome = Outcome(
            count: after.2 - before.2, seconds: (after.0 - before.0) / .seconds(1), usage: after.1 - before.1)
        let sorted = latencies.withLock { $0.sorted() }
        if !sorted.isEmpty {
            outcome.values["p50"] = sorted[sorted.count / 2] / .microseconds(1)
            outcome.values["p99"] = sorted[sorted.count * 99 / 100] / .microseconds(1)
        }
        return outcome
    }

    /// Measures one piece of work that is done `count` times.
    public static func measure(count: Int, server: Int32, _ work: () async throws -> Void) async rethrows -> Outcome {
        let clock = ContinuousClock()
        let before = (clock.now, Usage(server))
        try await work()
        let after = (clock.now, Usage(server))
        return Outcome(count: count, seconds: (after.0 - before.0) / .seconds(1), usage: after.1 - before.1)
    }
}

/// Processor seconds of both ends.
public struct Usage: Sendable {
    var client: Double
    var server: Double

    init(_ server: Int32) {
        client = ProcessUsage.ownSeconds()
        self.server = ProcessUsage.seconds(of: server)
    }

    static func - (later: Usage, earlier: Usage) -> Usage {
        var difference = later
        difference.client -= earlier.client
        difference.server -= earlier.server
        return difference
    }
}

/// The line a client prints: one JSON object of numbers.
public struct Outcome: Sendable {
    public var values: [String: Double]

    public init(values: [String: Double]) { self.values = values }

    /// - Parameters:
    ///   - count: Calls, items or connections.
    ///   - seconds: In which they were done.
    public init(count: Int, seconds: Double, usage: Usage) {
        guard count > 0 else { fail("nothing was answered in the measured time") }
        values = [
            "count": Double(count), "rate": Double(count) / seconds,
            "clientMicroseconds": usage.client * 1e6 / Double(count),
            "serverMicroseconds": usage.server * 1e6 / Double(count),
        ]
    }

    /// Resident memory of the server that each connection costs.
    public init(connections: Int, kilobytesBefore: Double, kilobytesAfter: Double) {
        values = [
            "count": Double(connections), "baseKilobytes": kilobytesBefore,
            "kilobytes": (kilobytesAfter - kilobytesBefore) / Double(connections),
        ]
    }

    public func print() {
        let members = values.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        Swift.print("{\(members.joined(separator: ","))}")
    }
}
