import CoreTypes
import Synchronization

/// The figures of one method since the process started.
final class MethodStatistics: Sendable {
    private let state = Mutex(State())

    private struct State {
        var calls: Int64 = 0
        var errors: Int64 = 0
        var lastError: String?
        var durations = DurationHistogram()
    }

    func record(_ duration: Duration, failure: ServiceError?) {
        state.withLock { state in
            state.calls += 1
            state.durations.record(duration)
            if let failure {
                state.errors += 1
                state.lastError = failure.reason
            }
        }
    }

    func report(for method: MethodName) -> MethodReport {
        state.withLock { state in
            MethodReport(
                method: method.rawValue, calls: state.calls, errors: state.errors,
                p50Microseconds: state.durations.quantile(0.5), p99Microseconds: state.durations.quantile(0.99),
                lastError: state.lastError)
        }
    }
}

/// Counts durations in buckets that are at most a quarter wider than what they hold.
struct DurationHistogram: Sendable {
    /// Four buckets per doubling, from below 1 µs to above an hour.
    private var counts = [Int64](repeating: 0, count: 4 * 34)
    private var total: Int64 = 0

    mutating func record(_ duration: Duration) {
        // Below nine seconds, and most are, 64 bits hold it.
        let attoseconds = max(0, duration.attoseconds)
        let microseconds =
            Int64(exactly: attoseconds).map { $0 / 1_000_000_000_000 } ?? Int64(attoseconds / 1_000_000_000_000)
        counts[Self.bucket(UInt64(microseconds))] += 1
        total += 1
    }

    /// The upper bound, in microseconds, of what the given share of durations stayed within; nil before the first.
    func quantile(_ share: Double) -> Int64? {
        guard total > 0 else { return nil }
        var left = Int64((Double(total) * share).rounded(.up))
        for (bucket, count) in counts.enumerated() {
            left -= count
            if left <= 0 { return Self.upperBound(bucket) }
        }
        return Self.upperBound(counts.count - 1)
    }

    private static func bucket(_ microseconds: UInt64) -> Int {
        guard microseconds >= 4 else { return Int(microseconds) }
        let doubling = 63 - microseconds.leadingZeroBitCount
        let quarter = Int(microseconds >> UInt64(doubling - 2)) & 3
        return min((doubling - 1) * 4 + quarter, 4 * 34 - 1)
    }

    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >= 4 else { return Int64(bucket + 1) }
        let doubling = bucket / 4 + 1
        return (Int64(4 + bucket % 4) + 1) << Int64(doubling - 2)
    }
}
