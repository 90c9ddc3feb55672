public import CoreTypes
import Foundation
import Logging
import Synchronization

// The one place that asks the machine for time and chance; everything else is handed a ServiceEnvironment.

extension ServiceEnvironment {
    /// The environment of a real process: its clocks, its randomness, its log on standard error (of the level
    /// `LOG_LEVEL`; where that is a file, put aside at `LOG_FILE_MEGABYTES`), crash points by `CRASH_AT`.
    public static func live(label: String, variables: [String: String]) -> ServiceEnvironment {
        let megabytes = variables["LOG_FILE_MEGABYTES"].flatMap { Int($0) }
        let file = LogFile(bytesMax: megabytes.map { max($0, 1) << 20 })
        var logger = Logger(label: label, factory: { LineLogHandler(label: $0, file: file) })
        logger.logLevel = variables["LOG_LEVEL"].flatMap(Logger.Level.init(rawValue:)) ?? .info
        return ServiceEnvironment(
            logger: logger, wallClock: .live, clock: ContinuousClock(), randomness: .live,
            crashPoints: CrashPoints(specification: variables["CRASH_AT"]))
    }
}

extension WallClock {
    public static let live = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

extension Randomness {
    public static let live = Randomness {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

extension CrashPoints {
    /// Ends the process at the n-th passage of a point, as kill -9 would.
    ///
    /// - Parameter specification: `name:n`, n from 1; nil for none.
    init(specification: String?) {
        guard let parts = specification?.split(separator: ":"), parts.count == 2, let passage = Int(parts[1]),
            passage >= 1
        else {
            self = .none
            return
        }
        let name = String(parts[0])
        let left = Counter(passage)
        self.init { reached in
            guard reached == name, left.countDown() == 0 else { return }
            _exit(137)
        }
    }
}

private final class Counter: Sendable {
    private let value: Mutex<Int>

    init(_ value: Int) { self.value = Mutex(value) }

    func countDown() -> Int {
        value.withLock { value in
            value -= 1
            return value
        }
    }
}
