/// What o'clock it is, for schedules, receipts and invoices. Nothing below main asks the machine.
public struct WallClock: Sendable {
    public let now: @Sendable () -> Instant

    public init(now: @escaping @Sendable () -> Instant) { self.now = now }
}

/// Chance, passed in: ids, jitter and nonces come from here, so that a test can count and a simulation can repeat.
public struct Randomness: Sendable {
    public let next: @Sendable () -> UInt64

    public init(next: @escaping @Sendable () -> UInt64) { self.next = next }

    public func makeID<Kind>(_: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        Identifier(bytes: (next(), next()))
    }

    /// A number in `range`, evenly spread.
    public func jitter(in range: ClosedRange<Double>) -> Double {
        let unit = Double(next() >> 11) / Double(1 << 53)
        return range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }

    /// Every byte of each number is used, so that a source that only counts repeats itself no sooner than its numbers.
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: next().bigEndian) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.suffix(count))
    }
}

/// The wait before the next attempt: doubles from `first` up to `longest`, times `jitter` (0.8 to 1.2).
public struct Backoff: Sendable, Equatable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    public func delay(afterAttempt attempt: Int, jitter: Double) -> Duration {
        precondition(attempt >= 1, "attempts are counted from 1")
        return min(first * (1 << min(attempt - 1, 20)), longest) * jitter
    }
}

/// A place between two commits where a test may end the process, by name.
///
/// `CRASH_AT=name:n` makes the n-th passage of `name` end the process at once, as kill -9 would.
public struct CrashPoints: Sendable {
    private let reach: @Sendable (String) -> Void

    public init(reach: @escaping @Sendable (String) -> Void) { self.reach = reach }

    public static let none = CrashPoints { _ in }

    public func passing(_ name: String) { reach(name) }
}
