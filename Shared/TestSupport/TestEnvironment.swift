public import CoreTypes
import Foundation
import Logging
public import ServiceRuntime
import Synchronization

extension Randomness {
    /// Counts 1, 2, 3, …: ids are told apart and each test sees the same ones.
    public static func counted(from first: UInt64 = 1) -> Randomness {
        let next = Counter(first)
        return Randomness { next.take() }
    }

    /// SplitMix64: the same numbers for the same seed.
    public static func seeded(_ seed: UInt64) -> Randomness {
        let state = Counter(seed)
        return Randomness {
            var value = state.take(step: 0x9E37_79B9_7F4A_7C15) &+ 0x9E37_79B9_7F4A_7C15
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}

private final class Counter: Sendable {
    private let value: Mutex<UInt64>

    init(_ value: UInt64) { self.value = Mutex(value) }

    func take(step: UInt64 = 1) -> UInt64 {
        value.withLock { value in
            defer { value = value &+ step }
            return value
        }
    }
}

extension ServiceEnvironment {
    /// An environment that is the same in every run of a test; time moves with `clock`.
    public static func test(
        clock: ManualClock = ManualClock(), randomness: Randomness = .counted(), crashPoints: CrashPoints = .none
    ) -> ServiceEnvironment {
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        return ServiceEnvironment(
            logger: logger, wallClock: clock.wallClock, clock: clock, randomness: randomness,
            crashPoints: crashPoints)
    }
}

/// A folder of one test, removed with the value.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init(_ name: String = "sluice-test") throws {
        path = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Instant {
    /// A UTC time for tests, as `.utc(2026, 3, 2, hour: 6)`.
    public static func utc(
        _ year: Int, _ month: Int, _ day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
    ) -> Instant {
        let days = CalendarDay(year: year, month: month, day: day).daysSince1970
        return Instant(seconds: Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second))
    }
}
