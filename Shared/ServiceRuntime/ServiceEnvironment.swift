public import CoreTypes
public import Logging

/// What every part of a service needs from the machine, passed in.
public struct ServiceEnvironment: Sendable {
    public var logger: Logger
    /// What o'clock it is: schedules, receipts.
    public var wallClock: WallClock
    /// How long it takes: sleeps, deadlines.
    public var clock: any Clock<Duration>
    public var randomness: Randomness
    public var crashPoints: CrashPoints

    public init(
        logger: Logger, wallClock: WallClock, clock: any Clock<Duration>, randomness: Randomness,
        crashPoints: CrashPoints = .none
    ) {
        self.logger = logger
        self.wallClock = wallClock
        self.clock = clock
        self.randomness = randomness
        self.crashPoints = crashPoints
    }
}
